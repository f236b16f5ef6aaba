package config

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

const typeSetting = "SEMAPHORE_AGENT_INSTANCE_TYPE"

// TestPrecedence goes through every combination of layers, each of which is absent, empty or set.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	layers := []string{"absent", "empty", "set"}
	for _, flag := range layers {
		for _, environment := range layers {
			for _, settingsFile := range layers {
				t.Run(flag+" "+environment+" "+settingsFile, func(t *testing.T) {
					t.Parallel()
					in, want := layered(flag, environment, settingsFile)
					got := mustLoad(t, in)
					if diff := cmp.Diff(want, *got.value(typeSetting)); diff != "" {
						t.Errorf("-want +got:\n%s", diff)
					}
					if got.InstanceType != want.Text || got.IsSet(typeSetting) != (want.Source.Kind != FromDefault) {
						t.Errorf("InstanceType %q, IsSet %t", got.InstanceType, got.IsSet(typeSetting))
					}
				})
			}
		}
	}
}

func layered(flag, environment, settingsFile string) (Input, Value) {
	in := Input{Environ: complete(), Path: "semagent.yaml"}
	want := Value{Setting: typeSetting, Text: "t2.micro", Source: Source{Kind: FromDefault}}
	content := "# settings\n"
	switch settingsFile {
	case "empty":
		content += typeSetting + ": \"\"\n"
	case "set":
		content += typeSetting + ": f1.file\n"
		want.Text, want.Source = "f1.file", Source{FromFile, "semagent.yaml", 2}
	}
	in.ReadFile = file(content)
	switch environment {
	case "empty":
		in.Environ = append(in.Environ, typeSetting+"=")
	case "set":
		in.Environ = append(in.Environ, typeSetting+"=e1.environment")
		want.Text, want.Source = "e1.environment", Source{Kind: FromEnvironment}
	}
	switch flag {
	case "empty":
		in.Assignments = []Assignment{{typeSetting, "", "--set"}}
	case "set":
		in.Assignments = []Assignment{{typeSetting, "o1.overridden", "--set"}, {typeSetting, "s1.set", "--set"}, {typeSetting, "", "--set"}}
		want.Text, want.Source = "s1.set", Source{Kind: FromFlag, Name: "--set"}
	}
	return in, want
}

func TestSourceString(t *testing.T) {
	t.Parallel()
	for want, source := range map[string]Source{
		"--set":            {Kind: FromFlag, Name: "--set"},
		"environment":      {Kind: FromEnvironment},
		"semagent.yaml:12": {FromFile, "semagent.yaml", 12},
		"semagent.yaml":    {Kind: FromFile, Name: "semagent.yaml"},
		"default":          {},
	} {
		if got := source.String(); got != want {
			t.Errorf("%#v.String() = %q, want %q", source, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	got := mustLoad(t, Input{Environ: complete()})
	want := &Config{
		Organization: "acme", Endpoint: "acme.semaphoreci.com", StackName: "ci", TokenParameter: "token", InstanceType: "t2.micro",
		MaxSize: 1, DesiredCapacity: 1, DynamicScaling: true, DisconnectAfterJob: true, DisconnectAfterIdleTimeout: 300,
		OS: "ubuntu-focal", Arch: "x86_64", OnDemandPercentage: 100, VolumeType: "gp2", VolumeSize: 64,
		MacFamilies: []string{"mac2"}, AllocateHost: true, ReleaseHost: true,
		OverprovisionStrategy: "none",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	var names []string
	for _, v := range got.Values() {
		names = append(names, v.Setting)
	}
	if diff := cmp.Diff(Names(), names); diff != "" {
		t.Errorf("Values are not in the schema's order (-schema +values):\n%s", diff)
	}
	got.Values()[0].Text = "changed"
	if got.Values()[0].Text != "acme" || got.IsSet("SEMAPHORE_AGENT_NONE") {
		t.Error("Values is not a copy, or an unknown name is set")
	}
}

func TestEverySettingIsStored(t *testing.T) {
	t.Parallel()
	got := mustLoad(t, Input{Environ: []string{
		"SEMAPHORE_ORGANIZATION=acme",
		"SEMAPHORE_ENDPOINT=semaphore.acme.example:8443",
		"SEMAPHORE_AGENT_STACK_NAME=ci",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token",
		"SEMAPHORE_AGENT_TOKEN_KMS_KEY=alias/ci",
		"SEMAPHORE_AGENT_INSTANCE_TYPE=m5.large",
		"SEMAPHORE_AGENT_ASG_MIN_SIZE=2",
		"SEMAPHORE_AGENT_ASG_MAX_SIZE=9",
		"SEMAPHORE_AGENT_ASG_DESIRED=3",
		"SEMAPHORE_AGENT_USE_DYNAMIC_SCALING=false",
		"SEMAPHORE_AGENT_SECURITY_GROUP_ID=sg-12345678",
		"SEMAPHORE_AGENT_KEY_NAME=ops",
		"SEMAPHORE_AGENT_DISCONNECT_AFTER_JOB=false",
		"SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT=60",
		"SEMAPHORE_AGENT_CACHE_BUCKET_NAME=ci-cache",
		"SEMAPHORE_AGENT_VPC_ID=vpc-12345678",
		"SEMAPHORE_AGENT_SUBNETS=subnet-22222222, subnet-11111111",
		"SEMAPHORE_AGENT_AMI=ami-12345678",
		"SEMAPHORE_AGENT_OS=ubuntu-noble",
		"SEMAPHORE_AGENT_ARCH=x86_64",
		"SEMAPHORE_AGENT_AZS=eu-west-1b,eu-west-1a",
		"SEMAPHORE_AGENT_USE_IPV6=true",
		"SEMAPHORE_AGENT_ALLOW_PUBLIC_SUBNET=true",
		"SEMAPHORE_AGENT_USE_PRE_SIGNED_URL=true",
		"SEMAPHORE_AGENT_MANAGED_POLICY_NAMES=team/ci,arn:aws:iam::aws:policy/ReadOnlyAccess",
		"SEMAPHORE_AGENT_TAGS=Owner : platform, Link:https://x:1",
		"SEMAPHORE_AGENT_ASG_METRICS=GroupMinSize",
		"SEMAPHORE_AGENT_ASG_MAX_INSTANCE_LIFETIME=86400",
		"SEMAPHORE_AGENT_ASG_CAPACITY_REBALANCE=true",
		"SEMAPHORE_AGENT_ASG_NEW_INSTANCES_PROTECTED_FROM_SCALE_IN=true",
		"SEMAPHORE_AGENT_ON_DEMAND_BASE_CAPACITY=1",
		"SEMAPHORE_AGENT_ON_DEMAND_PERCENTAGE_ABOVE_BASE=25",
		"SEMAPHORE_AGENT_ON_DEMAND_ALLOCATION_STRATEGY=prioritized",
		"SEMAPHORE_AGENT_SPOT_ALLOCATION_STRATEGY=price-capacity-optimized",
		`SEMAPHORE_AGENT_ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON={"instanceType":"m6i.large","weightedCapacity":2}`,
		"SEMAPHORE_AGENT_VOLUME_NAME=/dev/sda1",
		"SEMAPHORE_AGENT_VOLUME_TYPE=gp3",
		"SEMAPHORE_AGENT_VOLUME_SIZE=100",
		"SEMAPHORE_AGENT_VOLUME_IOPS=4000",
		"SEMAPHORE_AGENT_VOLUME_THROUGHPUT=500",
		"SEMAPHORE_AGENT_LICENSE_CONFIGURATION_ARN=" + license,
		"SEMAPHORE_AGENT_MAC_FAMILY=mac2-m2,mac1",
		"SEMAPHORE_AGENT_MAC_DEDICATED_HOSTS=h-12345678",
		"SEMAPHORE_AGENT_AUTO_ALLOCATE_HOST=false",
		"SEMAPHORE_AGENT_AUTO_RELEASE_HOST=false",
		"SEMAPHORE_AGENT_OVERPROVISION_STRATEGY=number",
		"SEMAPHORE_AGENT_OVERPROVISION_FACTOR=2",
		"SEMAPHORE_AGENT_ALARMS=false",
		"SEMAPHORE_AGENT_ALARM_TOPIC_ARN=arn:aws:sns:eu-west-1:123456789012:ops",
	}})
	want := &Config{
		Organization: "acme", Endpoint: "semaphore.acme.example:8443", StackName: "ci", TokenParameter: "/ci/token",
		TokenKMSKey: "alias/ci", InstanceType: "m5.large", MinSize: 2, MaxSize: 9, DesiredCapacity: 3,
		SecurityGroupID: "sg-12345678", KeyName: "ops", DisconnectAfterIdleTimeout: 60, CacheBucket: "ci-cache",
		VPCID: "vpc-12345678", Subnets: []string{"subnet-22222222", "subnet-11111111"}, ImageID: "ami-12345678",
		OS: "ubuntu-noble", Arch: "x86_64", Zones: []string{"eu-west-1b", "eu-west-1a"}, IPv6: true, AllowPublicSubnet: true,
		PreSignedURL: true, ManagedPolicies: []string{"team/ci", "arn:aws:iam::aws:policy/ReadOnlyAccess"},
		Tags: []Tag{{"Owner", "platform"}, {"Link", "https://x:1"}}, Metrics: []string{"GroupMinSize"}, MaxInstanceLifetime: 86400,
		CapacityRebalance: true, ProtectNewInstances: true, OnDemandBase: 1, OnDemandPercentage: 25,
		OnDemandStrategy: "prioritized", SpotStrategy: "price-capacity-optimized",
		Overrides:  []Override{{"InstanceType": "m6i.large", "WeightedCapacity": "2"}},
		VolumeName: "/dev/sda1", VolumeType: "gp3", VolumeSize: 100, VolumeIOPS: 4000, VolumeThroughput: 500,
		LicenseARN: license, MacFamilies: []string{"mac2-m2", "mac1"}, MacHosts: []string{"h-12345678"},
		OverprovisionStrategy: "number", OverprovisionFactor: 2, AlarmTopicARN: "arn:aws:sns:eu-west-1:123456789012:ops",
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, v := range got.Values() {
		if v.Source.Kind != FromEnvironment || v.Text == "" || !got.IsSet(v.Setting) {
			t.Errorf("%+v, IsSet %t", v, got.IsSet(v.Setting))
		}
	}
}

func TestSizes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings []string
		want     int
		wrong    string
	}{
		"nothing set":                       {nil, 1, ""},
		"default raised to the minimum":     {[]string{"MIN_SIZE=2", "MAX_SIZE=5"}, 2, ""},
		"default lowered to the maximum":    {[]string{"MAX_SIZE=0"}, 0, ""},
		"explicit at both ends":             {[]string{"MIN_SIZE=3", "MAX_SIZE=3", "DESIRED=3"}, 3, ""},
		"explicit zero":                     {[]string{"DESIRED=0"}, 0, ""},
		"explicit above the maximum":        {[]string{"DESIRED=2"}, 0, `ASG_DESIRED "2" (environment): outside the sizes from`},
		"explicit below the minimum":        {[]string{"MIN_SIZE=1", "DESIRED=0"}, 0, "give a number from 1 to 1, or none"},
		"minimum above the default maximum": {[]string{"MIN_SIZE=2"}, 0, `above SEMAPHORE_AGENT_ASG_MAX_SIZE "1" (default)`},
		"minimum above the maximum":         {[]string{"MIN_SIZE=6", "MAX_SIZE=5", "DESIRED=9"}, 0, `above SEMAPHORE_AGENT_ASG_MAX_SIZE "5" (environment)`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := complete()
			for _, setting := range test.settings {
				env = append(env, "SEMAPHORE_AGENT_ASG_"+setting)
			}
			cfg, err := Load(Input{Environ: env})
			if test.wrong != "" {
				problems, _ := errors.AsType[Problems](err)
				if len(problems) != 1 || !strings.Contains(err.Error(), test.wrong) {
					t.Errorf("got %v, want one problem: %s", err, test.wrong)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			shown := cfg.value(SettingDesiredCapacity)
			if cfg.DesiredCapacity != test.want || shown.Text != strconv.Itoa(test.want) {
				t.Errorf("desired capacity %d, shown as %q, want %d", cfg.DesiredCapacity, shown.Text, test.want)
			}
			if explicit := slices.ContainsFunc(test.settings, func(s string) bool { return strings.HasPrefix(s, "DESIRED") }); cfg.IsSet(SettingDesiredCapacity) != explicit {
				t.Errorf("IsSet = %t", !explicit)
			}
		})
	}
}

func TestNeed(t *testing.T) {
	t.Parallel()
	nothing := "; set it in the environment, in a --config file or with --set "
	for name, test := range map[string]struct {
		need    []string
		environ []string
		want    string
	}{
		"everything": {nil, nil, "SEMAPHORE_ORGANIZATION: not set, and neither is SEMAPHORE_ENDPOINT" + nothing + "SEMAPHORE_ORGANIZATION=VALUE\n" +
			"SEMAPHORE_AGENT_STACK_NAME: not set" + nothing + "SEMAPHORE_AGENT_STACK_NAME=VALUE\n" +
			"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME: not set" + nothing + "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=VALUE"},
		"nothing":                {[]string{}, nil, ""},
		"one that is there":      {[]string{SettingStackName}, []string{"SEMAPHORE_AGENT_STACK_NAME=ci"}, ""},
		"endpoint instead":       {[]string{SettingOrganization}, []string{"SEMAPHORE_ENDPOINT=localhost:80"}, ""},
		"empty is not set":       {[]string{SettingStackName}, []string{"SEMAPHORE_AGENT_STACK_NAME="}, "SEMAPHORE_AGENT_STACK_NAME: not set" + nothing + "SEMAPHORE_AGENT_STACK_NAME=VALUE"},
		"an optional one":        {[]string{"SEMAPHORE_AGENT_AMI"}, nil, "SEMAPHORE_AGENT_AMI: not set" + nothing + "SEMAPHORE_AGENT_AMI=VALUE"},
		"misspelt in the shell":  {[]string{SettingStackName}, []string{"SEMAPHORE_AGENT_STACKNAME=ci"}, "SEMAPHORE_AGENT_STACK_NAME: not set; the environment has SEMAPHORE_AGENT_STACKNAME, which is not the same name"},
		"checked though not due": {[]string{}, []string{"SEMAPHORE_AGENT_AMI=x"}, `SEMAPHORE_AGENT_AMI "x" (environment): not an AMI ID; give one such as "ami-0123456789abcdef0"`},
		"a name that is none":    {[]string{"STACK"}, nil, "STACK: required by this command, but not a setting"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(Input{Need: test.need, Environ: test.environ})
			got := ""
			if err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	_, err := Load(Input{Environ: complete("SEMAPHORE_AGENT_VPC_ID=vpc-12345678")})
	want := "SEMAPHORE_AGENT_SUBNETS: not set, and SEMAPHORE_AGENT_VPC_ID is (environment); " +
		"name subnets of that VPC that reach the internet, with commas between them"
	if err == nil || err.Error() != want {
		t.Errorf("VPC without subnets: %v\nwant %s", err, want)
	}
	_, err = Load(Input{Environ: complete("SEMAPHORE_AGENT_VPC_ID=vpc-12345678", "SEMAPHORE_AGENT_SUBNETS=x")})
	if problems, _ := errors.AsType[Problems](err); len(problems) != 1 {
		t.Errorf("broken subnets are one problem, not also missing: %v", err)
	}
	cfg := mustLoad(t, Input{Environ: complete("SEMAPHORE_AGENT_SUBNETS=subnet-12345678")})
	if cfg.Subnets != nil || len(cfg.Warnings()) != 1 {
		t.Errorf("subnets without VPC: %q, warnings %q", cfg.Subnets, cfg.Warnings())
	}
}

func TestOwnKeySpellings(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"alias/aws/ssm", "arn:aws:kms:eu-west-1:123456789012:alias/aws/ssm", ""} {
		if cfg := mustLoad(t, Input{Environ: complete("SEMAPHORE_AGENT_TOKEN_KMS_KEY=" + key)}); cfg.TokenKMSKey != "" {
			t.Errorf("%q is stored as %q", key, cfg.TokenKMSKey)
		}
	}
}

func TestEndpoint(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://acme.example.com/": "acme.example.com",
		"HTTPS://localhost:8443":    "localhost:8443",
		"acme.example.com//":        "acme.example.com",
	} {
		cfg := mustLoad(t, Input{Environ: complete("SEMAPHORE_ENDPOINT=" + given)})
		if cfg.Endpoint != want || cfg.value(SettingEndpoint).Text != want || len(cfg.Warnings()) != 1 {
			t.Errorf("%q: %q, shown as %q, warnings %q", given, cfg.Endpoint, cfg.value(SettingEndpoint).Text, cfg.Warnings())
		}
	}
	cfg := mustLoad(t, Input{Environ: complete("SEMAPHORE_ORGANIZATION=Acme")})
	want := Value{SettingEndpoint, "acme.semaphoreci.com", Source{Kind: FromDefault}}
	if diff := cmp.Diff(want, *cfg.value(SettingEndpoint)); diff != "" || cfg.Endpoint != want.Text || cfg.IsSet(SettingEndpoint) {
		t.Errorf("derived endpoint (-want +got):\n%s", diff)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	cfg := mustLoad(t, Input{Environ: complete(
		"SEMAPHORE_AGENT_STACKNAME=secret1", "SEMAPHORE_AGENT_TOKEN=secret2", "SEMAPHORE_AGENT_COLOUR=blue",
		"SEMAPHORE_AGENT_MACHINE_TYPE=e1-standard-2", "SEMAPHORE_AGENT_STACK_CONFIG=", "SEMAPHORE_PROJECT_NAME=x",
		"SEMAPHORE_AGENT_KEY_NAME=ops", "SEMAPHORE_AGENT_SECURITY_GROUP_ID=sg-12345678",
		"SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT=0", "SEMAPHORE_AGENT_SUBNETS=subnet-12345678",
		"SEMAPHORE_ENDPOINT=https://acme.example.com",
	)})
	golden(t, "warnings.golden", strings.Join(cfg.Warnings(), "\n")+"\n")
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(Input{
		Assignments: []Assignment{
			{"SEMAPHORE_AGENT_ASG_MAX", "9", "--set"},
			{"SEMAPHORE_AGENT_TOKEN", "s3cr3t", "--set"},
			{SettingStackName, "my_fleet", "--stack-name"},
			{"", "x", "--set"},
		},
		Environ: []string{
			"SEMAPHORE_AGENT_ASG_MIN_SIZE=-1",
			"SEMAPHORE_AGENT_USE_DYNAMIC_SCALING=perhaps",
			"SEMAPHORE_AGENT_CACHE_BUCKET_NAME=Cache\nBucket",
			FileVariable + "=testdata/everything.yaml",
		},
	})
	if err == nil || strings.Contains(err.Error(), "s3cr3t") {
		t.Fatalf("Load: %v", err)
	}
	golden(t, "problems.golden", err.Error()+"\n")
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	golden(t, "settings.schema.json", string(JSONSchema()))
	golden(t, "settings.md", Markdown())
	for _, name := range Names() {
		if !strings.Contains(Markdown(), "| `"+name+"` |") {
			t.Errorf("the table lacks %s", name)
		}
	}
}
