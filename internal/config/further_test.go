package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const license = "arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef"

// surroundings are the settings that a value needs beside it.
func surroundings(name, value string) map[string]string {
	switch name {
	case SettingVPCID:
		return map[string]string{SettingSubnets: "subnet-11111111"}
	case SettingOS:
		if value == osWindows || value == osMac {
			return map[string]string{SettingImageID: "ami-12345678", SettingLicense: license}
		}
	case SettingInstanceType:
		if strings.HasPrefix(value, "mac") {
			return map[string]string{
				SettingOS: osMac, SettingImageID: "ami-12345678", SettingLicense: license,
				SettingMacFamily: strings.TrimSuffix(value, ".metal"),
			}
		}
	case SettingArch:
		if value == archARM {
			return map[string]string{SettingInstanceType: "t4g.small"}
		}
	case SettingVolumeType:
		return map[string]string{SettingVolumeName: "/dev/sda1", SettingVolumeSize: "125", SettingVolumeIOPS: iopsFor(value)}
	case SettingVolumeIOPS:
		return map[string]string{SettingVolumeName: "/dev/sda1", SettingVolumeType: "io2", SettingVolumeSize: "300"}
	case SettingThroughput:
		return map[string]string{SettingVolumeName: "/dev/sda1", SettingVolumeType: gp3, SettingVolumeIOPS: "8000"}
	}
	return nil
}

func iopsFor(volumeType string) string {
	if limitsOf(volumeType).iopsRequired {
		return "100"
	}
	return ""
}

func furtherSamples() map[string]sample {
	truth := sample{[]string{"true", "false"}, map[string]string{"yes": "neither true nor false"}}
	overrides := sample{
		[]string{
			`{"InstanceType":"m6i.large"}`, `[{"instanceType":"m6i.large","weightedCapacity":"2"},{"InstanceType":"c6i.large","WeightedCapacity":3}]`,
			`{"instanceRequirements":{"vCpuCount":{"min":2,"max":8},"memoryMiB":{"min":4096}}}`,
			`{"InstanceRequirements":{"VCpuCount":{"Min":2},"MemoryMiB":{"Min":1},"AllowedInstanceTypes":["m6*"],"RequireHibernateSupport":false}}`,
			`{"InstanceType":"m6i.large","LaunchTemplateSpecification":{"LaunchTemplateId":"lt-1","Version":"1"}}`,
		},
		map[string]string{
			"m6i.large": "not a JSON object", `"m6i.large"`: "not a JSON object", `[]`: "no override", `{]`: "malformed JSON",
			`{"InstanceType":"a"} {}`:     "malformed JSON: something follows",
			`{"InstanceTyp":"m6i.large"}`: `unknown key "InstanceTyp"; did you mean "InstanceType"?`,
			`{"Price":"1"}`:               `unknown key "Price"; known are ImageId`,
			`{}`:                          "neither InstanceType nor", `[1]`: "override 1 is not what CloudFormation takes there; give a object",
			`{"InstanceType":["a"]}`:                                                          "give a string",
			`{"InstanceType":"m6i.large","instanceType":"m6i.xlarge"}`:                        "InstanceType twice",
			`{"InstanceType":"a","InstanceRequirements":{"VCpuCount":{},"MemoryMiB":{}}}`:     "both InstanceType and",
			`[{"InstanceType":"a"},{"InstanceRequirements":{"VCpuCount":{},"MemoryMiB":{}}}]`: "mixes InstanceType",
			`{"InstanceRequirements":{"VCpuCount":{"Min":2}}}`:                                "has no MemoryMiB",
			`{"InstanceRequirements":{"VCpuCount":{"Min":"2"},"MemoryMiB":{"Min":1}}}`:        "give a number",
			`{"InstanceRequirements":{"VCpuCount":{"Minimum":2},"MemoryMiB":{"Min":1}}}`:      `unknown key "Minimum"`,
			`{"InstanceType":"` + encoded(`{"Ref":"X"}`) + `"}`:                               "is the base64 of",
			`{"InstanceType":{"Ref":"X"}}`:                                                    "give a string",
			`[` + strings.Repeat(`{"InstanceType":"a"},`, 40) + `{"InstanceType":"a"}]`:       "holds 41 overrides",
			requirementsList(5): "holds 5 sets",
		},
	}
	return map[string]sample{
		SettingOS:           {[]string{"ubuntu-focal", "ubuntu-noble", "windows", "macos"}, map[string]string{"linux": "give one of", "Windows": "not an operating system"}},
		SettingArch:         {[]string{"x86_64", "arm64"}, map[string]string{"amd64": "not an architecture", "aarch64": `"arm64"`}},
		SettingOnDemandBase: {[]string{"0", "5"}, map[string]string{"-1": "not a whole number"}},
		SettingOnDemandPercent: {
			[]string{"0", "100"}, map[string]string{"101": "too large; give a whole number from 0 to 100", "50%": "not a whole number"},
		},
		SettingOnDemandStrategy: {[]string{"prioritized", "lowest-price"}, map[string]string{"diversified": "not an allocation strategy"}},
		SettingSpotStrategy: {
			[]string{"price-capacity-optimized", "capacity-optimized", "capacity-optimized-prioritized", "lowest-price"},
			map[string]string{"prioritized": "not an allocation strategy for spot"},
		},
		SettingOverrides:  overrides,
		SettingRebalance:  truth,
		SettingProtection: truth,
		SettingLifetime: {
			[]string{"0", "86400", "31536000"},
			map[string]string{"1": "less than a day; give 0 for no limit", "86399": "less than a day", "31536001": "too large", "1d": "not a whole number"},
		},
		SettingMetrics: {
			[]string{"GroupMinSize", "GroupMinSize,GroupTotalInstances"},
			map[string]string{
				"GroupMinSiz": `did you mean "GroupMinSize"?`, "1Minute": "known are GroupMinSize", "CPU": "known are",
				"GroupMinSize,GroupMinSize": "twice", "Group Min": "not a metric",
			},
		},
		SettingVolumeName: {
			[]string{"/dev/sda1", "/dev/xvda", "xvdb", "/dev/sdf"},
			map[string]string{"root": "not the name of a block device", "sda1": "not the name", "/dev/nvme0n1": "not the name"},
		},
		SettingVolumeType: {
			[]string{"gp2", "gp3", "io1", "io2", "st1", "sc1", "standard"},
			map[string]string{"gp4": "not a type of EBS volume", "ssd": "give one of"},
		},
		SettingVolumeSize: {[]string{"1", "65536"}, map[string]string{"0": "too small", "65537": "too large", "64G": "not a whole number"}},
		SettingVolumeIOPS: {[]string{"100", "256000"}, map[string]string{"99": "too small", "256001": "too large"}},
		SettingThroughput: {[]string{"125", "2000"}, map[string]string{"124": "too small", "2001": "too large"}},
		SettingZones: {
			[]string{"eu-west-1a", "us-gov-east-1b,us-gov-east-1a", "us-west-2-lax-1a"},
			map[string]string{"a": "not an Availability Zone", "eu-west-1": "not an Availability Zone", "euw1-az1": "not an Availability Zone"},
		},
		SettingIPv6:         truth,
		SettingPublicSubnet: truth,
		SettingPolicies: {
			[]string{"ci", "team/ci,other", "arn:aws:iam::aws:policy/service-role/AmazonEC2RoleforSSM", "arn:aws-cn:iam::123456789012:policy/x"},
			map[string]string{
				"a policy": "not the name or ARN", "/ci": "not the name", "team/": "not the name", "a//b": "not the name",
				"arn:aws:iam::aws:role/x": "not the name or ARN", strings.Repeat("p", 129): "not the name", "arn:aws:iam::1:policy/x": "not the name",
			},
		},
		SettingTags: {
			[]string{"Name:Something,Category:Else", "Link:https://acme.example:8443/x", "Empty:", "Ünïcode key:välue"},
			map[string]string{
				"Name": "not a tag", ":x": "not a tag", " :x": "white space", "a:b,a": "not a tag",
				"aws:x": "reserved", "AWSTeam:x": "reserved", "semagent:version=1": "reserved",
				"a:b;c": "not all of AWS takes", "a:b,a:b": "twice", "a:" + strings.Repeat("v", 257): "not a tag",
				"k:" + encoded(`{"Ref":"X"}`): "is the base64 of",
			},
		},
		SettingPreSignedURL: truth,
		SettingLicense:      {[]string{license, strings.Replace(license, "configuration:", "configuration/", 1)}, map[string]string{"lic-1": "not the ARN"}},
		SettingMacFamily: {
			[]string{"mac2", "mac1", "mac2-m2pro,mac2", "mac-m4"},
			map[string]string{"m7g": "not an instance family of Macs", "mac": "not an", "mac2.metal": "not an"},
		},
		SettingMacHosts:     {[]string{"h-12345678", "h-0123456789abcdef0,h-12345678"}, map[string]string{"i-12345678": "not the ID of a dedicated host"}},
		SettingAllocateHost: truth,
		SettingReleaseHost:  truth,
	}
}

func requirementsList(n int) string {
	one := `{"InstanceRequirements":{"VCpuCount":{},"MemoryMiB":{}}}`
	return "[" + strings.Repeat(one+",", n-1) + one + "]"
}

// mac is the least that macOS needs.
func mac(more ...string) []string {
	return append([]string{"OS=macos", "AMI=ami-12345678", "LICENSE_CONFIGURATION_ARN=" + license}, more...)
}

func volume(more ...string) []string { return append([]string{"VOLUME_NAME=/dev/sda1"}, more...) }

const requirements = `ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON={"instanceRequirements":{"vCpuCount":{"min":2},"memoryMiB":{"min":2048}}}`

// TestContradictions: settings that do not go together are refused, with the reason, as one problem.
func TestContradictions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings []string // without the common prefix
		want     string
	}{
		"arm64 on the default type": {[]string{"ARCH=arm64"}, `ARCH "arm64" (environment): SEMAPHORE_AGENT_INSTANCE_TYPE "t2.micro" (default) runs x86_64; use x86_64, or an instance type such as "m7g.large"`},
		"x86_64 on Graviton":        {[]string{"ARCH=x86_64", "INSTANCE_TYPE=c7gn.large"}, "runs arm64"},
		"override of another arch":  {[]string{`ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON={"InstanceType":"t4g.small"}`}, "t4g.small runs arm64, and the AMI is for x86_64"},
		"Windows on arm64":          {[]string{"OS=windows", "AMI=ami-12345678", "INSTANCE_TYPE=m7g.large"}, "Windows does not run on arm64"},
		"Windows, arm64 by name":    {[]string{"OS=windows", "AMI=ami-12345678", "ARCH=arm64", "INSTANCE_TYPE=m7g.large"}, `ARCH "arm64" (environment): Windows does not`},
		"Windows without AMI":       {[]string{"OS=windows"}, `AMI: not set, and semagent has no recipe for an AMI of SEMAPHORE_AGENT_OS "windows"`},
		"macOS without licence":     {[]string{"OS=macos", "AMI=ami-12345678"}, "LICENSE_CONFIGURATION_ARN: not set, and required for"},
		"macOS without AMI":         {[]string{"OS=macos", "LICENSE_CONFIGURATION_ARN=" + license}, "semagent has no recipe"},
		"macOS on a PC":             {mac("INSTANCE_TYPE=m7g.large"), `m7g.large does not run on hosts of SEMAPHORE_AGENT_MAC_FAMILY "mac2" (default); use mac2.metal`},
		"macOS of another family":   {mac("INSTANCE_TYPE=mac1.metal"), "mac1.metal does not run on hosts"},
		"macOS override":            {mac(`ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON={"InstanceType":"mac1.metal"}`), "OVERRIDES_JSON"},
		"macOS by attributes":       {mac(requirements), "instance requirements do not find Macs"},
		"macOS, two architectures":  {mac("MAC_FAMILY=mac2,mac1"), "mac1.metal runs x86_64, and the AMI is for arm64; use one architecture"},
		"macOS on x86_64":           {mac("ARCH=x86_64"), `"mac2.metal" (default) runs arm64`},
		"macOS on spot":             {mac("ON_DEMAND_PERCENTAGE_ABOVE_BASE=50"), "there are no spot instances"},
		"macOS without a host":      {mac("AUTO_ALLOCATE_HOST=false"), "there is no host"},
		"a Mac without macOS":       {[]string{"INSTANCE_TYPE=mac2.metal"}, "runs macOS only; set SEMAPHORE_AGENT_OS=macos"},
		"throughput of gp2":         {volume("VOLUME_THROUGHPUT=125"), `VOLUME_THROUGHPUT "125" (environment): SEMAPHORE_AGENT_VOLUME_TYPE "gp2" (default) takes no throughput; only gp3 does`},
		"throughput beyond IOPS":    {volume("VOLUME_TYPE=gp3", "VOLUME_THROUGHPUT=1000"), "more than 3000 operations per second can carry; set SEMAPHORE_AGENT_VOLUME_IOPS to 4000 or more"},
		"IOPS of gp2":               {volume("VOLUME_IOPS=3000"), "takes no number of operations"},
		"too few IOPS of gp3":       {volume("VOLUME_TYPE=gp3", "VOLUME_IOPS=2999"), "give 3000 to 80000"},
		"IOPS beyond the size":      {volume("VOLUME_TYPE=io1", "VOLUME_SIZE=10", "VOLUME_IOPS=501"), "more than 50 for each GiB"},
		"io2 without IOPS":          {volume("VOLUME_TYPE=io2"), "VOLUME_IOPS: not set, and required for"},
		"large gp2":                 {volume("VOLUME_SIZE=16385"), "give 1 to 16384 GiB"},
		"small st1":                 {volume("VOLUME_TYPE=st1"), "give 125 to 16384 GiB"},
		"priority of attributes":    {[]string{requirements, "ON_DEMAND_ALLOCATION_STRATEGY=prioritized"}, "no order of priority"},
		"spot priority":             {[]string{requirements, "SPOT_ALLOCATION_STRATEGY=capacity-optimized-prioritized", "ON_DEMAND_PERCENTAGE_ABOVE_BASE=0"}, "no order of priority"},
		"one tag key twice":         {[]string{"TAGS=a:b,a:c"}, `names the key "a" twice`},
		"too many tags":             {[]string{"TAGS=" + manyTags(41)}, "holds 41 tags; give at most 40"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(Input{Environ: prefixed(test.settings)})
			problems, _ := err.(Problems) //nolint:errorlint // Load gives Problems as they are
			if len(problems) != 1 || !strings.Contains(err.Error(), test.want) || problems[0].Fix == "" {
				t.Errorf("got %v\nwant one problem with a fix: %s", err, test.want)
			}
		})
	}
}

func prefixed(settings []string) []string {
	env := complete()
	for _, setting := range settings {
		env = append(env, agentPrefix+setting)
	}
	return env
}

func manyTags(n int) string {
	tags := make([]string, n)
	for i := range tags {
		tags[i] = fmt.Sprintf("k%d:v", i)
	}
	return strings.Join(tags, ",")
}

// TestIneffective: settings that do nothing where they stand are said so, and change nothing.
func TestIneffective(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		settings []string
		want     []string
	}{
		"volume without a name": {
			[]string{"VOLUME_TYPE=gp3", "VOLUME_THROUGHPUT=2000"},
			[]string{"VOLUME_TYPE (environment) is ignored", "VOLUME_THROUGHPUT (environment) is ignored"},
		},
		"Mac settings":          {[]string{"MAC_DEDICATED_HOSTS=h-12345678"}, []string{`ignored, because SEMAPHORE_AGENT_OS is not "macos"`}},
		"spot without spot":     {[]string{"SPOT_ALLOCATION_STRATEGY=lowest-price", "ASG_CAPACITY_REBALANCE=true"}, []string{"no effect", "no effect"}},
		"rebalance off":         {[]string{"ASG_CAPACITY_REBALANCE=false"}, nil},
		"base above maximum":    {[]string{"ON_DEMAND_BASE_CAPACITY=5", "ON_DEMAND_PERCENTAGE_ABOVE_BASE=0", "ASG_MAX_SIZE=5"}, []string{"there will be no spot instance"}},
		"key on Windows":        {[]string{"OS=windows", "AMI=ami-12345678", "KEY_NAME=ops"}, []string{"no SSH rule is made"}},
		"public, without a VPC": {[]string{"ALLOW_PUBLIC_SUBNET=true"}, []string{"functions stay outside"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := mustLoad(t, Input{Environ: prefixed(test.settings)})
			warnings := cfg.Warnings()
			if len(warnings) != len(test.want) {
				t.Fatalf("warnings %q, want %d", warnings, len(test.want))
			}
			for i, want := range test.want {
				if !strings.Contains(warnings[i], want) {
					t.Errorf("warning %q, want %q", warnings[i], want)
				}
			}
		})
	}
}

func TestArchitectureFollowsTheInstanceType(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{
		"t2.micro": archIntel, "m7i-flex.large": archIntel, "g5.xlarge": archIntel, "g4dn.xlarge": archIntel, "u-6tb1.metal": archIntel,
		"p4de.24xlarge": archIntel, "trn1n.32xlarge": archIntel, "i7ie.large": archIntel, "hpc6id.32xlarge": archIntel, "mac1.metal": archIntel,
		"m7g.large": archARM, "t4g.micro": archARM, "c7gn.large": archARM, "im4gn.large": archARM, "is4gen.large": archARM, "x2gd.large": archARM,
		"g5g.xlarge": archARM, "hpc7g.4xlarge": archARM, "a1.large": archARM, "mac2.metal": archARM, "mac2-m2pro.metal": archARM,
		"r8gb.large": archARM, "p6e-gb200.36xlarge": archARM,
	} {
		if got := architecture(kind); got != want {
			t.Errorf("%s runs %s, want %s", kind, got, want)
		}
	}
	cfg := mustLoad(t, Input{Environ: complete("SEMAPHORE_AGENT_INSTANCE_TYPE=m7g.large")})
	if cfg.Arch != archARM || cfg.value(SettingArch).Text != archARM || cfg.IsSet(SettingArch) {
		t.Errorf("architecture %q, shown as %v", cfg.Arch, cfg.value(SettingArch))
	}
}

func TestMacDefaults(t *testing.T) {
	t.Parallel()
	cfg := mustLoad(t, Input{Environ: prefixed(mac("MAC_FAMILY=mac2-m2pro,mac2"))})
	if diff := cmp.Diff([]string{"mac2-m2pro.metal", "mac2.metal"}, cfg.InstanceTypes()); diff != "" {
		t.Errorf("instance types (-want +got):\n%s", diff)
	}
	if cfg.Arch != archARM || cfg.value(SettingInstanceType).Text != "mac2-m2pro.metal" || len(cfg.AllOverrides()) != 2 {
		t.Errorf("architecture %q, type shown as %v, overrides %v", cfg.Arch, cfg.value(SettingInstanceType), cfg.AllOverrides())
	}
}

func TestOverridesSpelling(t *testing.T) {
	t.Parallel()
	value := `{"instanceRequirements":{"vCpuCount":{"min":2},"memoryMiB":{"min":4096},"memoryGiBPerVCpu":{"max":1.5},"cpuManufacturers":["intel"]}}`
	want := `[{"InstanceRequirements":{"CpuManufacturers":["intel"],"MemoryGiBPerVCpu":{"Max":1.5},"MemoryMiB":{"Min":4096},"VCpuCount":{"Min":2}}}]`
	cfg := mustLoad(t, Input{Environ: complete(SettingOverrides + "=" + value)})
	got, err := json.Marshal(cfg.Overrides)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("overrides (-want +got):\n%s", diff)
	}
}

func FuzzOverrides(f *testing.F) {
	f.Add(`{"InstanceType":"m6i.large"}`)
	f.Add(requirementsList(2))
	f.Add(`[{"instanceType":"` + encoded(`{"Fn::Sub":"x"}`) + `"}]`)
	f.Add(`[[[{"":1}]]]`)
	f.Fuzz(func(t *testing.T, value string) {
		if checkOverrides(value) != (fault{}) {
			return
		}
		overrides, err := parseOverrides(value)
		if err != nil || len(overrides) == 0 {
			t.Fatalf("%q is accepted and cannot be read: %v", value, err)
		}
		text, err := json.Marshal(overrides)
		if err != nil {
			t.Fatal(err)
		}
		if f := checkOverrides(string(text)); f != (fault{}) {
			t.Errorf("%q becomes %s, which is refused: %v", value, text, f)
		}
	})
}
