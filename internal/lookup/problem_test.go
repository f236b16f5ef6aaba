package lookup_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/lookup"
)

// lines is a problem as the tests read it: kind of fix, what it acts on, settings, then the sentence.
func lines(problems lookup.Problems) []string {
	var out []string
	for _, p := range problems {
		var names []string
		for _, setting := range p.Settings {
			names = append(names, strings.TrimPrefix(setting, "SEMAPHORE_AGENT_"))
		}
		setting := strings.Join(names, ",")
		if p.Value != "" {
			setting += "=" + p.Value
		}
		out = append(out, fmt.Sprintf("%s %s %s: %s", p.Fix, p.Subject, setting, p))
	}
	return out
}

type change = func(*world, *config.Config)

// check resolves in a changed world and compares problems and warnings.
func check(t *testing.T, tests map[string]struct {
	change             change
	problems, warnings []string
},
) {
	t.Helper()
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w, c := newWorld(), settings()
			test.change(w, c)
			facts, err := lookup.Resolve(t.Context(), w.clients(), c, request())
			var problems lookup.Problems
			if err != nil && !errors.As(err, &problems) {
				t.Fatalf("Resolve gives %v, not problems", err)
			}
			if diff := cmp.Diff(test.problems, lines(problems)); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.warnings, facts.Warnings); diff != "" {
				t.Errorf("warnings (-want +got):\n%s", diff)
			}
		})
	}
}

func TestImageProblems(t *testing.T) {
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"none of the name": {
			change:   func(w *world, _ *config.Config) { w.images = nil },
			problems: []string{`build-image ` + imageName + ` AMI: AMI named "` + imageName + `" in eu-west-1 does not exist in this account`},
		},
		"not ready": {
			change: func(w *world, _ *config.Config) {
				w.images = w.images[:1]
				w.images[0].State = ec2types.ImageStatePending
			},
			problems: []string{`build-image ` + imageName + ` AMI: AMI named "` + imageName + `" in eu-west-1 is not available: ami-0old0000 is pending`},
		},
		"given, unknown": {
			change: func(w *world, c *config.Config) {
				c.ImageID = "ami-0missing"
				w.fail["DescribeImages"] = apiError("InvalidAMIID.NotFound", "The image id '[ami-0missing]' does not exist")
			},
			problems: []string{`setting ami-0missing AMI: AMI "ami-0missing" in eu-west-1 does not exist: The image id '[ami-0missing]' does not exist`},
		},
		"given, not visible": {
			change:   func(_ *world, c *config.Config) { c.ImageID = "ami-0missing" },
			problems: []string{`setting ami-0missing AMI: AMI "ami-0missing" in eu-west-1 does not exist or is not shared with this account`},
		},
		"given, failed": {
			change: func(w *world, c *config.Config) {
				c.ImageID = "ami-0other00"
				w.images[2].State = ec2types.ImageStateFailed
				w.images[2].StateReason = &ec2types.StateReason{Message: aws.String("Client.InternalError")}
			},
			problems: []string{`setting ami-0other00 AMI: AMI "ami-0other00" in eu-west-1 is failed (Client.InternalError)`},
		},
		"by name, denied": {
			change:   func(w *world, _ *config.Config) { w.fail["DescribeImages"] = denied("ec2:DescribeImages") },
			problems: []string{`permission ec2:DescribeImages : AMI named "` + imageName + `" in eu-west-1 cannot be looked up: these credentials lack ec2:DescribeImages`},
		},
		"given, denied": {
			change: func(w *world, c *config.Config) {
				c.ImageID = "ami-0other00"
				w.fail["DescribeImages"] = apiError("UnauthorizedOperation", "You are not authorized to perform this operation.")
			},
			warnings: []string{`AMI "ami-0other00" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeImages`},
		},
		"architecture": {
			change:   func(_ *world, c *config.Config) { c.InstanceType = "t4g.micro" },
			problems: []string{`setting ami-0new0000 INSTANCE_TYPE,AMI: AMI "ami-0new0000" in eu-west-1 is for x86_64, but instance type "t4g.micro" runs arm64`},
		},
		"instance type": {
			change:   func(_ *world, c *config.Config) { c.InstanceType = "t9.nano" },
			problems: []string{`setting t9.nano INSTANCE_TYPE: instance type "t9.nano" in eu-west-1 is not offered`},
		},
		"instance type, denied": {
			change: func(w *world, _ *config.Config) {
				w.fail["DescribeInstanceTypes"] = denied("ec2:DescribeInstanceTypes")
			},
			warnings: []string{`instance type "t2.micro" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeInstanceTypes`},
		},
		"key pair": {
			change:   func(_ *world, c *config.Config) { c.KeyName = "lost" },
			problems: []string{`setting lost KEY_NAME: key pair "lost" in eu-west-1 does not exist`},
		},
		"key pair, denied": {
			change: func(w *world, c *config.Config) {
				c.KeyName, w.fail["DescribeKeyPairs"] = "ops", denied("ec2:DescribeKeyPairs")
			},
			warnings: []string{`key pair "ops" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeKeyPairs`},
		},
	})
}

func TestBucketProblems(t *testing.T) {
	const assets = "semagent-bootstrap-123456789012-eu-west-1"
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"no assets": {
			change:   func(w *world, _ *config.Config) { delete(w.buckets, assets) },
			problems: []string{`bootstrap ` + assets + ` : asset bucket "` + assets + `" in eu-west-1 does not exist`},
		},
		"assets, forbidden": {
			change:   func(w *world, _ *config.Config) { w.buckets[assets] = head(403, "") },
			warnings: []string{`asset bucket "` + assets + `" cannot be checked: it belongs to another account, or these credentials lack s3:ListBucket`},
		},
		"assets elsewhere": {
			change:   func(w *world, _ *config.Config) { w.buckets[assets] = head(301, "us-east-1") },
			problems: []string{`repair ` + assets + ` : asset bucket "` + assets + `" in eu-west-1 is in us-east-1 instead`},
		},
		"no cache": {
			change:   func(_ *world, c *config.Config) { c.CacheBucket = "lost" },
			problems: []string{`setting lost CACHE_BUCKET_NAME: cache bucket "lost" in eu-west-1 does not exist`},
		},
		"cache, forbidden": {
			change:   func(w *world, c *config.Config) { c.CacheBucket, w.buckets["cache"] = "cache", head(403, "") },
			warnings: []string{`cache bucket "cache" in eu-west-1 cannot be checked: these credentials lack s3:ListBucket`},
		},
		"cache elsewhere": {
			change:   func(w *world, c *config.Config) { c.CacheBucket, w.buckets["cache"] = "cache", head(301, "us-east-1") },
			warnings: []string{`cache bucket "cache" is in us-east-1: agents in eu-west-1 reach it across regions`},
		},
	})
}

func TestTokenProblems(t *testing.T) {
	const lostKey = "arn:aws:kms:eu-west-1:123456789012:key/99999999-9999-9999-9999-999999999999"
	encrypted := func(parameterKey, setting string) change {
		return func(w *world, c *config.Config) { w.parameters[0].KeyId, c.TokenKMSKey = &parameterKey, setting }
	}
	inState := func(state kmstypes.KeyState) change {
		return func(w *world, c *config.Config) {
			encrypted("alias/own", "alias/own")(w, c)
			key := w.keys["alias/own"]
			key.KeyState, key.DeletionDate = state, aws.Time(time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC))
			w.keys["alias/own"] = key
		}
	}
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"no parameter": {
			change:   func(w *world, _ *config.Config) { w.parameters = nil },
			problems: []string{`token-put agent-token TOKEN_PARAMETER_NAME: token parameter "agent-token" in eu-west-1 does not exist`},
		},
		"in clear": {
			change:   func(w *world, _ *config.Config) { w.parameters[0].Type = ssmtypes.ParameterTypeString },
			warnings: []string{`token parameter "agent-token" in eu-west-1 is a String, not a SecureString: the registration token is stored in clear`},
		},
		"denied": {
			change:   func(w *world, _ *config.Config) { w.fail["DescribeParameters"] = denied("ssm:DescribeParameters") },
			warnings: []string{`token parameter "agent-token" in eu-west-1 cannot be checked: these credentials lack ssm:DescribeParameters`},
		},
		"a customer's key that no setting names": {
			change:   encrypted("alias/own", ""),
			problems: []string{`setting alias/own TOKEN_KMS_KEY=alias/own: token parameter "agent-token" in eu-west-1 is encrypted with KMS key "alias/own", which no setting names: agents could not decrypt it`},
		},
		"the same, and the key may not be described": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/own", "")(w, c)
				w.fail["DescribeKey"] = denied("kms:DescribeKey")
			},
			problems: []string{`setting alias/own TOKEN_KMS_KEY=alias/own: token parameter "agent-token" in eu-west-1 is encrypted with KMS key "alias/own", which no setting names: agents could not decrypt it`},
		},
		"another key": {
			change:   encrypted("alias/other", "alias/own"),
			problems: []string{`token-rewrite agent-token TOKEN_KMS_KEY=alias/own: token parameter "agent-token" in eu-west-1 is encrypted with KMS key "alias/other", not with the configured "alias/own": agents could not decrypt it`},
		},
		"another key, by an ARN that may not be described": {
			change: func(w *world, c *config.Config) {
				encrypted(otherKey, "alias/own")(w, c)
				w.fail["DescribeKey "+otherKey] = denied("kms:DescribeKey")
			},
			problems: []string{`token-rewrite agent-token TOKEN_KMS_KEY=alias/own: token parameter "agent-token" in eu-west-1 is encrypted with KMS key "` + otherKey + `", not with the configured "alias/own": agents could not decrypt it`},
		},
		"another alias that may not be described": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/other", "alias/own")(w, c)
				w.fail["DescribeKey alias/other"] = denied("kms:DescribeKey")
			},
			warnings: []string{`the KMS key "alias/other" of the token parameter "agent-token" in eu-west-1 cannot be checked: these credentials lack kms:DescribeKey`},
		},
		"SSM's key, another is configured": {
			change:   encrypted("alias/aws/ssm", "alias/own"),
			warnings: []string{`token parameter "agent-token" in eu-west-1 is encrypted with alias/aws/ssm, not with the configured KMS key "alias/own"`},
		},
		"parameter's key is gone": {
			change:   encrypted(lostKey, ""),
			problems: []string{`token-rewrite agent-token TOKEN_KMS_KEY=alias/aws/ssm: token parameter "agent-token" in eu-west-1 cannot be decrypted: its KMS key "` + lostKey + `" does not exist`},
		},
		"key does not exist": {
			change:   encrypted("alias/aws/ssm", "alias/lost"),
			problems: []string{`setting alias/lost TOKEN_KMS_KEY: KMS key "alias/lost" in eu-west-1 does not exist`},
		},
		"key ARN does not exist": {
			change:   encrypted("alias/aws/ssm", lostKey),
			problems: []string{`setting ` + lostKey + ` TOKEN_KMS_KEY: KMS key "` + lostKey + `" in eu-west-1 does not exist`},
		},
		"key of another region": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/aws/ssm", "arn:aws:kms:us-east-1:123456789012:alias/x")(w, c)
				w.fail["DescribeKey"] = apiError("InvalidArnException", "Invalid region")
			},
			problems: []string{`setting arn:aws:kms:us-east-1:123456789012:alias/x TOKEN_KMS_KEY: KMS key "arn:aws:kms:us-east-1:123456789012:alias/x" in eu-west-1 is a key of us-east-1: SSM uses keys of its own region only`},
		},
		"key of another account": {
			change:   encrypted("alias/aws/ssm", "arn:aws:kms:eu-west-1:210987654321:alias/x"),
			problems: []string{`setting arn:aws:kms:eu-west-1:210987654321:alias/x TOKEN_KMS_KEY: KMS key "arn:aws:kms:eu-west-1:210987654321:alias/x" in eu-west-1 does not exist, or account 210987654321 does not share it with 123456789012`},
		},
		"key alias, denied": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/own", "alias/own")(w, c)
				w.fail["DescribeKey"] = denied("kms:DescribeKey")
			},
			problems: []string{`permission kms:DescribeKey : KMS key "alias/own" in eu-west-1 cannot be looked up: these credentials lack kms:DescribeKey`},
		},
		"key disabled": {
			change:   inState(kmstypes.KeyStateDisabled),
			problems: []string{`setting alias/own TOKEN_KMS_KEY: KMS key "alias/own" in eu-west-1 is not enabled: its state is Disabled`},
		},
		"key pending deletion": {
			change:   inState(kmstypes.KeyStatePendingDeletion),
			problems: []string{`setting alias/own TOKEN_KMS_KEY: KMS key "alias/own" in eu-west-1 is pending deletion on 2026-05-06`},
		},
		"key for signing": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/own", "alias/own")(w, c)
				key := w.keys["alias/own"]
				key.KeyUsage, key.KeySpec = kmstypes.KeyUsageTypeSignVerify, kmstypes.KeySpecRsa2048
				w.keys["alias/own"] = key
			},
			problems: []string{`setting alias/own TOKEN_KMS_KEY: KMS key "alias/own" in eu-west-1 is for SIGN_VERIFY (RSA_2048): a parameter needs a symmetric encryption key`},
		},
		"parameter's key disabled": {
			change: func(w *world, c *config.Config) {
				encrypted("alias/other", "alias/own")(w, c)
				key := w.keys["alias/other"]
				key.KeyState = kmstypes.KeyStateDisabled
				w.keys["alias/other"] = key
			},
			problems: []string{`token-rewrite agent-token TOKEN_KMS_KEY=alias/own: token parameter "agent-token" in eu-west-1 cannot be decrypted: its KMS key "alias/other" is not enabled: its state is Disabled`},
		},
	})
}

func TestGroupDenied(t *testing.T) {
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"desired capacity unknown": {
			change: func(w *world, _ *config.Config) {
				w.fail["DescribeAutoScalingGroups"] = denied("autoscaling:DescribeAutoScalingGroups")
			},
			problems: []string{`permission autoscaling:DescribeAutoScalingGroups : the Auto Scaling group of stack "fleet" in eu-west-1 cannot be looked up: these credentials lack autoscaling:DescribeAutoScalingGroups`},
		},
	})
}

func TestProblemsAllAtOnce(t *testing.T) {
	w, c := newWorld(), settings()
	w.images, w.parameters, w.vpcs, w.buckets = nil, nil, nil, nil
	c.KeyName, c.CacheBucket = "lost", "lost"
	for range 20 {
		_, err := lookup.Resolve(t.Context(), w.clients(), c, request())
		var fixes []lookup.Fix
		problems, _ := errors.AsType[lookup.Problems](err)
		for _, p := range problems {
			fixes = append(fixes, p.Fix)
		}
		want := []lookup.Fix{
			lookup.FixBuildImage, lookup.FixSetting, lookup.FixSetting, lookup.FixTokenPut, lookup.FixSetting, lookup.FixBootstrap,
		}
		if !slices.Equal(fixes, want) {
			t.Fatalf("fixes %v, want %v", fixes, want)
		}
		if got := strings.Count(err.Error(), "\n"); got != len(want)-1 {
			t.Fatalf("%d line breaks in %q", got, err)
		}
	}
}

func TestSettingsInProblemsExist(t *testing.T) {
	w, c := newWorld(), settings()
	*w = world{identity: w.identity, fail: w.fail, calls: w.calls, vpcs: w.vpcs}
	c.KeyName, c.CacheBucket, c.TokenKMSKey, c.ImageID, c.SecurityGroupID = "lost", "lost", "alias/lost", "ami-0", "sg-0"
	ownNetwork(c)
	_, err := lookup.Resolve(t.Context(), w.clients(), c, request())
	problems, _ := errors.AsType[lookup.Problems](err)
	var seen []string
	for _, p := range problems {
		seen = append(seen, p.Settings...)
	}
	if len(seen) < 8 {
		t.Errorf("only %d settings named: %v", len(seen), seen)
	}
	for _, name := range seen {
		if !slices.Contains(config.Names(), name) {
			t.Errorf("%s is no setting", name)
		}
	}
}

func TestOtherErrorsEndTheLookup(t *testing.T) {
	expired := apiError("ExpiredTokenException", "The security token included in the request is expired")
	for _, operation := range []string{
		"GetCallerIdentity", "DescribeImages", "DescribeInstanceTypes", "DescribeVpcs", "DescribeSubnets", "DescribeRouteTables",
		"DescribeSecurityGroups", "DescribeKeyPairs", "DescribeParameters", "DescribeKey", "HeadBucket", "DescribeAutoScalingGroups",
	} {
		t.Run(operation, func(t *testing.T) {
			w, c := newWorld(), settings()
			c.KeyName, c.SecurityGroupID, c.TokenKMSKey = "ops", "sg-default", "alias/own"
			w.fail[operation] = expired
			_, err := lookup.Resolve(t.Context(), w.clients(), c, request())
			if !errors.Is(err, expired) {
				t.Errorf("Resolve gives %v", err)
			}
		})
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r := request()
	r.Caller = lookup.Caller{Account: account, Partition: "aws"}
	if _, err := lookup.Resolve(ctx, newWorld().clients(), settings(), r); !errors.Is(err, context.Canceled) {
		t.Errorf("Resolve gives %v", err)
	}
}

func TestIdentityOddAnswer(t *testing.T) {
	w := newWorld()
	w.identity.Arn = aws.String("nonsense")
	if _, err := lookup.Identity(t.Context(), w); err == nil {
		t.Error("no error for an ARN without a partition")
	}
}
