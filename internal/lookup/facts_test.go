package lookup_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/lookup"
)

// found is what Resolve gives in newWorld for settings().
func found() lookup.Facts {
	return lookup.Facts{
		Account: account, Region: region, Partition: "aws",
		VPCID:   "vpc-default",
		Subnets: []lookup.Subnet{{ID: "subnet-d", Zone: "eu-west-1a", Public: true}},
		ImageID: "ami-0new0000", ImageName: imageName, ImageArchitecture: "x86_64",
		AssetBucket: "semagent-bootstrap-123456789012-eu-west-1",
	}
}

func fleet(name, stack, status string, desired int32) astypes.AutoScalingGroup {
	group := astypes.AutoScalingGroup{
		AutoScalingGroupName: &name, DesiredCapacity: &desired, MinSize: aws.Int32(0), MaxSize: aws.Int32(9),
		Tags: []astypes.TagDescription{{Key: aws.String("aws:cloudformation:stack-name"), Value: &stack}},
	}
	if status != "" {
		group.Status = &status
	}
	return group
}

func TestResolveFacts(t *testing.T) {
	encryptedUnder := func(id string) func(*world, *config.Config, *lookup.Request) {
		return func(w *world, c *config.Config, _ *lookup.Request) {
			w.parameters[0].KeyId, c.TokenKMSKey = aws.String(id), id
		}
	}
	withKey := func(f *lookup.Facts) { f.KeyARN = ownKey }
	for name, test := range map[string]struct {
		change func(*world, *config.Config, *lookup.Request)
		want   func(*lookup.Facts)
	}{
		"defaults": {},
		"own network, in the settings' order": {
			func(_ *world, c *config.Config, _ *lookup.Request) { ownNetwork(c); c.SecurityGroupID = "sg-own" },
			func(f *lookup.Facts) {
				f.VPCID = "vpc-own"
				f.Subnets = []lookup.Subnet{{ID: "subnet-b", Zone: "eu-west-1b", Public: true}, {ID: "subnet-a", Zone: "eu-west-1a", Private: true}}
			},
		},
		"security group of the default VPC": {
			change: func(_ *world, c *config.Config, _ *lookup.Request) { c.SecurityGroupID = "sg-default" },
		},
		"key pair and cache": {
			change: func(_ *world, c *config.Config, _ *lookup.Request) { c.KeyName, c.CacheBucket = "ops", "cache" },
		},
		"AMI by id": {
			func(_ *world, c *config.Config, _ *lookup.Request) { c.ImageID = "ami-0other00" },
			func(f *lookup.Facts) { f.ImageID, f.ImageName = "ami-0other00", "other" },
		},
		"a newer AMI that is not ready does not count": {
			func(w *world, _ *config.Config, _ *lookup.Request) { w.images[1].State = "pending" },
			func(f *lookup.Facts) { f.ImageID = "ami-0old0000" },
		},
		"key by alias":          {encryptedUnder("alias/own"), withKey},
		"key by id":             {encryptedUnder("11111111-1111-1111-1111-111111111111"), withKey},
		"key by ARN":            {encryptedUnder(ownKey), withKey},
		"SSM's own key by name": {change: encryptedUnder("alias/aws/ssm")},
		"SSM's own key by id":   {change: encryptedUnder("managed")},
		"the same key by other names": {
			func(w *world, c *config.Config, _ *lookup.Request) {
				w.parameters[0].KeyId, c.TokenKMSKey = aws.String("11111111-1111-1111-1111-111111111111"), "alias/own"
			}, withKey,
		},
		"key ARN that may not be described": {
			func(w *world, c *config.Config, _ *lookup.Request) {
				encryptedUnder(ownKey)(w, c, nil)
				w.fail["DescribeKey"] = denied("kms:DescribeKey")
			},
			func(f *lookup.Facts) {
				f.KeyARN = ownKey
				f.Warnings = []string{`KMS key "` + ownKey + `" in eu-west-1 cannot be checked: these credentials lack kms:DescribeKey`}
			},
		},
		"key id that may not be described": {
			func(w *world, c *config.Config, _ *lookup.Request) {
				encryptedUnder("11111111-1111-1111-1111-111111111111")(w, c, nil)
				w.fail["DescribeKey"] = denied("kms:DescribeKey")
			},
			func(f *lookup.Facts) {
				f.KeyARN = ownKey
				f.Warnings = []string{`KMS key "11111111-1111-1111-1111-111111111111" in eu-west-1 cannot be checked: these credentials lack kms:DescribeKey`}
			},
		},
		"live group by its stack's tag": {
			func(w *world, _ *config.Config, _ *lookup.Request) {
				w.fleets = []astypes.AutoScalingGroup{
					fleet("other-group", "other", "", 7), fleet("dying", "fleet", "Delete in progress", 0), fleet("fleet-AgentGroup-1", "fleet", "", 4),
				}
			},
			func(f *lookup.Facts) { f.GroupName, f.LiveDesired = "fleet-AgentGroup-1", aws.Int(4) },
		},
		"live group by name": {
			func(w *world, _ *config.Config, r *lookup.Request) {
				w.fleets, r.GroupName = []astypes.AutoScalingGroup{fleet("a", "fleet", "", 1), fleet("b", "x", "", 0)}, "b"
			},
			func(f *lookup.Facts) { f.GroupName, f.LiveDesired = "b", aws.Int(0) },
		},
		"nothing to upload": {
			func(_ *world, _ *config.Config, r *lookup.Request) { r.AssetBucket = nil },
			func(f *lookup.Facts) { f.AssetBucket = "" },
		},
		"another partition": {
			func(w *world, _ *config.Config, _ *lookup.Request) {
				w.identity.Arn = aws.String("arn:aws-us-gov:iam::123456789012:user/x")
			},
			func(f *lookup.Facts) { f.Partition = "aws-us-gov" },
		},
		"type without an architecture": {
			change: func(w *world, _ *config.Config, _ *lookup.Request) { w.types["t2.micro"] = nil },
		},
		"key without details": {
			func(w *world, c *config.Config, _ *lookup.Request) {
				encryptedUnder("alias/own")(w, c, nil)
				w.keys["alias/own"] = kmstypes.KeyMetadata{Arn: aws.String(ownKey)}
			}, withKey,
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, c, r, want := newWorld(), settings(), request(), found()
			if test.change != nil {
				test.change(w, c, &r)
			}
			if test.want != nil {
				test.want(&want)
			}
			got, err := lookup.Resolve(t.Context(), w.clients(), c, r)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("facts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResolveAsksNoIdentityTwice(t *testing.T) {
	w, r := newWorld(), request()
	r.Caller = lookup.Caller{Account: account, Partition: "aws-cn"}
	got, err := lookup.Resolve(t.Context(), w.clients(), settings(), r)
	if err != nil {
		t.Fatal(err)
	}
	if got.Partition != "aws-cn" || w.calls["GetCallerIdentity"] != 0 {
		t.Errorf("partition %q after %d calls of STS", got.Partition, w.calls["GetCallerIdentity"])
	}
}
