package lookup_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/lookup"
)

// localAWS is a local AWS that has a bootstrap bucket, an AMI, a key and a token parameter under it.
func localAWS(t *testing.T) (server *awsfake.Server, cfg aws.Config, keyARN string) {
	t.Helper()
	server = awsfake.New(awsfake.Options{Account: account, Region: region, Images: map[string]string{imageName: "ami-0123456789abcdef0"}})
	t.Cleanup(server.Close)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	cfg = aws.Config{
		Region: region, BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
	_, err = s3.NewFromConfig(cfg).CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket:                    aws.String("semagent-bootstrap-" + account + "-" + region),
		CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: region},
	})
	if err != nil {
		t.Fatal(err)
	}
	keys := kms.NewFromConfig(cfg)
	made, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = keys.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/own"), TargetKeyId: made.KeyMetadata.KeyId})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("agent-token"), Type: ssmtypes.ParameterTypeSecureString, Value: aws.String("t"), KeyId: made.KeyMetadata.KeyId,
	})
	if err != nil {
		t.Fatal(err)
	}
	return server, cfg, *made.KeyMetadata.Arn
}

func TestLocalAWS(t *testing.T) {
	server, cfg, keyARN := localAWS(t)
	network := server.Network()
	c := settings()
	c.TokenKMSKey, c.VPCID, c.SecurityGroupID, c.KeyName = "alias/own", network.VPC, network.SecurityGroup, "deploy-key"
	c.Subnets = []string{network.PublicSubnet, network.PrivateSubnets[0]}

	t.Run("facts", func(t *testing.T) {
		facts, err := lookup.Resolve(t.Context(), lookup.NewClients(cfg), c, request())
		if err != nil {
			t.Fatal(err)
		}
		want := lookup.Facts{
			Account: account, Region: region, Partition: "aws", VPCID: network.VPC,
			Subnets: []lookup.Subnet{
				{ID: network.PublicSubnet, Zone: "eu-west-1a", Public: true}, {ID: network.PrivateSubnets[0], Zone: "eu-west-1a", Private: true},
			},
			ImageID: "ami-0123456789abcdef0", ImageName: imageName, ImageArchitecture: "x86_64", KeyARN: keyARN,
			AssetBucket: "semagent-bootstrap-" + account + "-" + region,
		}
		if diff := cmp.Diff(want, facts); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})

	t.Run("default VPC", func(t *testing.T) {
		plain := settings()
		plain.TokenKMSKey = "alias/own"
		facts, err := lookup.Resolve(t.Context(), lookup.NewClients(cfg), plain, request())
		if err != nil || facts.VPCID != network.DefaultVPC || len(facts.Subnets) != len(network.DefaultSubnets) || len(facts.Warnings) != 0 {
			t.Errorf("Resolve gives %+v, %v", facts, err)
		}
	})

	t.Run("problems", func(t *testing.T) {
		bad := &config.Config{
			TokenParameter: "lost", TokenKMSKey: "alias/lost", InstanceType: "t9.nano", KeyName: "lost", CacheBucket: "lost", ImageID: "ami-00000000000000000",
			VPCID: network.VPC, Subnets: []string{network.IsolatedSubnet, network.DefaultSubnets[0], "subnet-00000000000000000"},
			SecurityGroupID: network.DefaultSecurityGroup, StackName: "fleet",
		}
		_, err := lookup.Resolve(t.Context(), lookup.NewClients(cfg), bad, lookup.Request{
			Region: region, AssetBucket: func(string, string) string { return "semagent-bootstrap-lost" },
		})
		problems, _ := errors.AsType[lookup.Problems](err)
		var got []string
		for _, p := range problems {
			got = append(got, string(p.Fix)+" "+p.Subject)
		}
		want := []string{
			"setting ami-00000000000000000", "setting t9.nano", "setting lost", "setting " + network.DefaultSecurityGroup,
			"setting " + network.DefaultSubnets[0], "setting subnet-00000000000000000", "setting " + network.IsolatedSubnet,
			"setting alias/lost", "token-put lost", "setting lost", "bootstrap semagent-bootstrap-lost",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("problems (-want +got):\n%s\n%v", diff, err)
		}
	})
}

func TestLocalAWSRefusals(t *testing.T) {
	server, cfg, _ := localAWS(t)
	c := settings()
	c.TokenKMSKey, c.KeyName = "alias/own", "deploy-key"
	rules := fault.Set{}
	for service, operations := range map[string][]string{
		"ssm": {"DescribeParameters"}, "ec2": {"DescribeVpcs", "DescribeInstanceTypes", "DescribeKeyPairs"}, "s3": {"HeadBucket"},
	} {
		for _, operation := range operations {
			rules.Calls = append(rules.Calls, fault.Call{Service: service, Operation: operation, Kind: fault.Denied})
		}
	}
	server.Faults().Add(rules)
	facts, err := lookup.Resolve(t.Context(), lookup.NewClients(cfg), c, request())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`instance type "t2.micro" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeInstanceTypes`,
		`key pair "deploy-key" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeKeyPairs`,
		`the default VPC in eu-west-1 cannot be checked: these credentials lack ec2:DescribeVpcs`,
		`token parameter "agent-token" in eu-west-1 cannot be checked: these credentials lack ssm:DescribeParameters`,
		`asset bucket "semagent-bootstrap-123456789012-eu-west-1" cannot be checked: it belongs to another account, or these credentials lack s3:ListBucket`,
	}
	if diff := cmp.Diff(want, facts.Warnings); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}

	server.Faults().Add(fault.Set{Calls: []fault.Call{{Kind: fault.Expired}}})
	if _, err := lookup.Resolve(t.Context(), lookup.NewClients(cfg), c, request()); !awserr.IsExpired(err) {
		t.Errorf("expired credentials give %v", err)
	}
}
