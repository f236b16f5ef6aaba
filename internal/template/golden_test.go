package template

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/config"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const testKey = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// inputs are the defaults with what is required, then changed.
func inputs(change func(*Inputs)) Inputs {
	in := Inputs{
		Config: config.Config{
			Organization:               "acme",
			Endpoint:                   "acme.semaphoreci.com",
			StackName:                  "ci-agents",
			TokenParameter:             "ci-agents-token",
			InstanceType:               "t2.micro",
			MaxSize:                    1,
			DesiredCapacity:            1,
			DynamicScaling:             true,
			DisconnectAfterJob:         true,
			DisconnectAfterIdleTimeout: 300,
			OS:                         "ubuntu-focal",
			Arch:                       "x86_64",
			OnDemandPercentage:         100,
			VolumeType:                 "gp2",
			VolumeSize:                 64,
			MacFamilies:                []string{"mac2"},
			AllocateHost:               true,
			ReleaseHost:                true,
		},
		ImageID:         "ami-0123456789abcdef0",
		DesiredCapacity: 1,
		ScalerDigest:    strings.Repeat("0123456789abcdef", 4),
		KnownHosts:      []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"},
	}
	if change != nil {
		change(&in)
	}
	return in
}

func goldenCases() map[string]Inputs {
	cases := map[string]Inputs{
		"defaults": inputs(nil),
		"ssh-key":  inputs(func(in *Inputs) { in.Config.KeyName = "ops laptop" }),
		"vpc": inputs(func(in *Inputs) {
			in.Config.VPCID = "vpc-0123456789abcdef0"
			in.Config.Subnets = []string{"subnet-0fedcba9876543210", "subnet-0123456789abcdef0"}
		}),
		"cache-bucket": inputs(func(in *Inputs) { in.Config.CacheBucket = "acme-ci-cache" }),
		"kms-key": inputs(func(in *Inputs) {
			in.Config.TokenKMSKey = "alias/ci"
			in.TokenKMSKeyARN = testKey
		}),
		"security-group": inputs(func(in *Inputs) {
			in.Config.SecurityGroupID = "sg-0123456789abcdef0"
			in.Config.KeyName = "ops"
		}),
		"overprovision": inputs(func(in *Inputs) {
			in.Config.OverprovisionStrategy, in.Config.OverprovisionFactor = "percentage", 20
		}),
		"alarms": inputs(func(in *Inputs) {
			in.Config.Alarms, in.Config.AlarmTopicARN = true, "arn:aws:sns:eu-west-1:123456789012:ops"
		}),
		"static":      inputs(func(in *Inputs) { in.Config.DynamicScaling = false }),
		"desired-set": inputs(func(in *Inputs) { in.Config.MaxSize, in.DesiredCapacity = 20, 7 }),
		"token-path":  inputs(func(in *Inputs) { in.Config.TokenParameter = "/ci/agents/token" }),
		"idle-zero": inputs(func(in *Inputs) {
			in.Config.DisconnectAfterJob = false
			in.Config.DisconnectAfterIdleTimeout = 0
		}),
		"offline": inputs(func(in *Inputs) {
			in.Offline, in.ImageID = true, ""
			in.Config.TokenKMSKey = "alias/ci"
		}),
	}
	maps.Copy(cases, furtherCases())
	return cases
}

func TestGolden(t *testing.T) {
	for name, in := range goldenCases() {
		t.Run(name, func(t *testing.T) { compareGolden(t, name, mustBuild(t, in)) })
	}
	t.Run("bootstrap", func(t *testing.T) {
		doc, err := Bootstrap()
		if err != nil {
			t.Fatal(err)
		}
		compareGolden(t, "bootstrap", doc)
	})
}

func TestBuildTwiceIsByteIdentical(t *testing.T) {
	for name, in := range goldenCases() {
		first, second := mustBuild(t, in), mustBuild(t, in)
		if !bytes.Equal(first.JSON, second.JSON) || first.Digest != second.Digest {
			t.Errorf("%s: two builds of equal inputs differ", name)
		}
	}
}

func mustBuild(tb testing.TB, in Inputs) Document {
	tb.Helper()
	doc, err := Build(in)
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func compareGolden(t *testing.T, name string, doc Document) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".json")
	if *update {
		if err := os.WriteFile(path, doc.JSON, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(doc.JSON)); diff != "" {
		t.Errorf("template differs from %s (-want +got):\n%s", path, diff)
	}
}
