package template

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/schema"
	"github.com/semagent/semagent/internal/config"
)

const testLicense = "arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef"

// furtherCases are the golden cases of the settings that the reference stack grew in its later years.
func furtherCases() map[string]Inputs {
	return map[string]Inputs{
		"spot": inputs(func(in *Inputs) {
			in.Config.OnDemandBase, in.Config.OnDemandPercentage, in.Config.CapacityRebalance = 1, 25, true
			in.Config.OnDemandStrategy, in.Config.SpotStrategy = "prioritized", "price-capacity-optimized"
			in.Config.Overrides = []config.Override{
				{"InstanceType": "m6i.large"}, {"InstanceType": "c6i.2xlarge", "WeightedCapacity": "2"},
			}
		}),
		"requirements": inputs(func(in *Inputs) {
			in.Config.OnDemandPercentage, in.Config.SpotStrategy = 0, "capacity-optimized"
			in.Config.Overrides = []config.Override{{"InstanceRequirements": map[string]any{
				"VCpuCount": map[string]any{"Min": json.Number("2"), "Max": json.Number("8")},
				"MemoryMiB": map[string]any{"Min": json.Number("4096")}, "CpuManufacturers": []any{"intel", "amd"},
			}}}
		}),
		"protected": inputs(func(in *Inputs) {
			in.Config.MinSize, in.Config.ProtectNewInstances, in.Config.MaxInstanceLifetime = 1, true, 604800
			in.Config.Metrics = []string{"GroupInServiceInstances", "GroupDesiredCapacity"}
		}),
		"volume": inputs(func(in *Inputs) {
			in.Config.VolumeName, in.Config.VolumeType, in.Config.VolumeSize = "/dev/sda1", "gp3", 200
			in.Config.VolumeIOPS, in.Config.VolumeThroughput = 6000, 500
		}),
		"tags": inputs(func(in *Inputs) {
			in.Config.Tags = []config.Tag{{Key: "Name", Value: "Build farm"}, {Key: "Link", Value: "https://acme.example:8443/ci"}}
		}),
		"zones": inputs(func(in *Inputs) { in.Config.Zones = []string{"eu-west-1b", "eu-west-1a"} }),
		"ipv6": inputs(func(in *Inputs) {
			in.Config.IPv6 = true
			in.Config.VPCID, in.Config.Subnets = "vpc-0123456789abcdef0", []string{"subnet-0fedcba9876543210", "subnet-0123456789abcdef0"}
			in.FunctionSubnets = []string{"subnet-0fedcba9876543210"}
		}),
		"public-subnet": inputs(func(in *Inputs) {
			in.Config.IPv6, in.Config.AllowPublicSubnet = true, true
			in.Config.VPCID, in.Config.Subnets = "vpc-0123456789abcdef0", []string{"subnet-0fedcba9876543210", "subnet-0123456789abcdef0"}
			in.FunctionSubnets = in.Config.Subnets
		}),
		"endpoint": inputs(func(in *Inputs) { in.Config.Organization, in.Config.Endpoint = "", "semaphore.acme.example:8443" }),
		"policies": inputs(func(in *Inputs) {
			in.Config.ManagedPolicies = []string{"ci-agents", "team/deploy", "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}
			in.Config.PreSignedURL = true
		}),
		"windows": inputs(func(in *Inputs) { in.Config.OS, in.Config.KeyName = "windows", "ops" }),
		"macos": inputs(func(in *Inputs) {
			in.Config.OS, in.Config.Arch, in.Config.LicenseARN = "macos", "arm64", testLicense
			in.Config.InstanceType, in.Config.MacFamilies = "mac2.metal", []string{"mac2", "mac2-m2pro"}
			in.Config.MacHosts, in.Config.AllocateHost, in.Config.ReleaseHost = []string{"h-0123456789abcdef0"}, false, false
		}),
	}
}

func launchData(t *testing.T, name string) object {
	t.Helper()
	return property(t, mustBuild(t, furtherCases()[name]), "AgentLaunchTemplate", "LaunchTemplateData").(object)
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestMixedInstances(t *testing.T) {
	policy := property(t, mustBuild(t, furtherCases()["spot"]), "AgentGroup", "MixedInstancesPolicy")
	same(t, "distribution", any(object{
		"OnDemandBaseCapacity": 1.0, "OnDemandPercentageAboveBaseCapacity": 25.0,
		"OnDemandAllocationStrategy": "prioritized", "SpotAllocationStrategy": "price-capacity-optimized",
	}), at(t, policy, "InstancesDistribution"))
	same(t, "overrides", any([]any{
		object{"InstanceType": "m6i.large"}, object{"InstanceType": "c6i.2xlarge", "WeightedCapacity": "2"},
	}), at(t, policy, "LaunchTemplate", "Overrides"))
	if at(t, policy, "LaunchTemplate", "LaunchTemplateSpecification", "LaunchTemplateId") == nil {
		t.Error("the overrides replaced the launch template")
	}

	requirements := mustBuild(t, furtherCases()["requirements"])
	same(t, "requirements", any(object{
		"VCpuCount": object{"Min": 2.0, "Max": 8.0}, "MemoryMiB": object{"Min": 4096.0}, "CpuManufacturers": []any{"intel", "amd"},
	}), property(t, requirements, "AgentGroup", "MixedInstancesPolicy", "LaunchTemplate", "Overrides", 0, "InstanceRequirements"))
}

func TestGroupExtras(t *testing.T) {
	group := property(t, mustBuild(t, furtherCases()["protected"]), "AgentGroup").(object)
	same(t, "protection", any(true), group["NewInstancesProtectedFromScaleIn"])
	same(t, "lifetime", any(604800.0), group["MaxInstanceLifetime"])
	same(t, "metrics", any([]any{
		object{"Granularity": "1Minute", "Metrics": []any{"GroupInServiceInstances", "GroupDesiredCapacity"}},
	}), group["MetricsCollection"])
	same(t, "rebalance", any(true), property(t, mustBuild(t, furtherCases()["spot"]), "AgentGroup", "CapacityRebalance"))
	same(t, "zones", any([]any{"eu-west-1b", "eu-west-1a"}), property(t, mustBuild(t, furtherCases()["zones"]), "AgentGroup", "AvailabilityZones"))

	plain := property(t, mustBuild(t, inputs(nil)), "AgentGroup").(object)
	for _, name := range []string{"MaxInstanceLifetime", "MetricsCollection"} {
		if plain[name] != nil {
			t.Errorf("%s is %v without the setting", name, plain[name])
		}
	}
	same(t, "default protection", any(false), plain["NewInstancesProtectedFromScaleIn"])
	same(t, "default rebalance", any(false), plain["CapacityRebalance"])
}

func TestVolumeIsEncrypted(t *testing.T) {
	same(t, "volume", any([]any{object{"DeviceName": "/dev/sda1", "Ebs": object{
		"VolumeType": "gp3", "VolumeSize": 200.0, "Iops": 6000.0, "Throughput": 500.0, "Encrypted": true, "DeleteOnTermination": true,
	}}}), launchData(t, "volume")["BlockDeviceMappings"])
	if got := launchData(t, "spot")["BlockDeviceMappings"]; got != nil {
		t.Errorf("without a name there is a volume: %v", got)
	}
	small := mustBuild(t, inputs(func(in *Inputs) { in.Config.VolumeName = "/dev/sda1" }))
	same(t, "defaults", any(object{"VolumeType": "gp2", "VolumeSize": 64.0, "Encrypted": true, "DeleteOnTermination": true}),
		property(t, small, "AgentLaunchTemplate", "LaunchTemplateData", "BlockDeviceMappings", 0, "Ebs"))
}

// TestTagsAreOnEverything asks the types' own schemas which resources can bear tags.
func TestTagsAreOnEverything(t *testing.T) {
	own := map[string]string{"Name": "Build farm", "Link": "https://acme.example:8443/ci"}
	for _, name := range []string{"tags", "macos", "ipv6"} {
		in := furtherCases()[name]
		in.Config.Tags = furtherCases()["tags"].Config.Tags
		doc := mustBuild(t, in)
		for id, resource := range resources(t, doc) {
			kind := at(t, resource, "Type").(string)
			properties := at(t, resource, "Properties").(object)
			switch {
			case kind == "AWS::EC2::LaunchTemplate":
				same(t, id, own, tagMap(t, at(t, properties, "TagSpecifications", 0, "Tags")))
				for i, of := range []string{"instance", "volume"} {
					spec := at(t, properties, "LaunchTemplateData", "TagSpecifications", i)
					same(t, id, any(of), at(t, spec, "ResourceType"))
					same(t, of, map[string]string{"Name": "Build farm", "application": "semaphore-agent", "Link": own["Link"]}, tagMap(t, at(t, spec, "Tags")))
				}
			case !taggable(t, kind):
				if properties["Tags"] != nil {
					t.Errorf("%s of %s cannot bear tags", id, kind)
				}
			default:
				got := tagMap(t, at(t, properties, "Tags"))
				delete(got, "application")
				same(t, id, own, got)
			}
		}
		for i := range property(t, doc, "AgentGroup", "Tags").([]any) {
			same(t, "propagation", any(true), property(t, doc, "AgentGroup", "Tags", i, "PropagateAtLaunch"))
		}
	}
}

func taggable(t *testing.T, kind string) bool {
	t.Helper()
	types, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	known := types.Type(kind)
	if known == nil {
		t.Fatalf("no schema of %s", kind)
	}
	_, ok := known.Properties["Tags"]
	return ok
}

func tagMap(t *testing.T, value any) map[string]string {
	t.Helper()
	out := map[string]string{}
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			out[at(t, item, "Key").(string)] = at(t, item, "Value").(string)
		}
	case object:
		for key := range value {
			out[key] = value[key].(string)
		}
	}
	return out
}

func TestIPv6IsOnTheInterface(t *testing.T) {
	data := launchData(t, "ipv6")
	same(t, "interface", any([]any{object{
		"DeviceIndex": 0.0, "Ipv6AddressCount": 1.0, "DeleteOnTermination": true,
		"Groups": []any{object{"Fn::GetAtt": []any{"AgentSecurityGroup", "GroupId"}}},
	}}), data["NetworkInterfaces"])
	if data["SecurityGroupIds"] != nil {
		t.Error("security groups stand beside a network interface")
	}
	if plain := launchData(t, "spot"); plain["NetworkInterfaces"] != nil || plain["SecurityGroupIds"] == nil {
		t.Error("without IPv6 there is a network interface")
	}
	doc := mustBuild(t, furtherCases()["ipv6"])
	for _, group := range []string{"AgentSecurityGroup", "FunctionSecurityGroup"} {
		same(t, group, any("::/0"), property(t, doc, group, "SecurityGroupEgress", 1, "CidrIpv6"))
	}
}

func TestFunctionsInVPC(t *testing.T) {
	inside := mustBuild(t, furtherCases()["ipv6"])
	for _, function := range []string{"Scaler", "Maintenance"} {
		same(t, function, any(object{
			"SubnetIds":        []any{"subnet-0fedcba9876543210"},
			"SecurityGroupIds": []any{object{"Fn::GetAtt": []any{"FunctionSecurityGroup", "GroupId"}}}, "Ipv6AllowedForDualStack": true,
		}), property(t, inside, function+"Function", "VpcConfig"))
		if !slices.Contains(grants(t, inside, function+"Role"), "ec2:CreateNetworkInterface *") {
			t.Errorf("the role of %s cannot attach it to the VPC", function)
		}
		allowed, denied := statements(t, inside, function+"Role")[1], statements(t, inside, function+"Role")[2]
		same(t, "denied to code", at(t, allowed, "Action"), at(t, denied, "Action"))
		same(t, "effect", any("Deny"), at(t, denied, "Effect"))
		same(t, "condition", any(object{"ArnLike": object{
			"lambda:SourceFunctionArn": object{"Fn::Sub": "arn:${AWS::Partition}:lambda:" + here + ":function:*"},
		}}), at(t, denied, "Condition"))
	}
	if property(t, inside, "FunctionSecurityGroup").(object)["SecurityGroupIngress"] != nil {
		t.Error("somebody is let in to the functions")
	}
	outside := mustBuild(t, goldenCases()["vpc"])
	if text := string(outside.JSON); strings.Contains(text, "VpcConfig") || strings.Contains(text, "ec2:CreateNetworkInterface") {
		t.Error("functions without subnets are in the VPC")
	}
	in := goldenCases()["vpc"]
	in.Offline = true
	offline := mustBuild(t, in)
	same(t, "offline", any([]any{"subnet-0fedcba9876543210", "subnet-0123456789abcdef0"}), property(t, offline, "ScalerFunction", "VpcConfig", "SubnetIds"))
	if note := at(t, decode(t, offline), "Metadata", "semagent", "Placeholders", "VpcConfig"); note == "" {
		t.Error("the stand-in is not marked")
	}
}

func TestManagedPolicies(t *testing.T) {
	doc := mustBuild(t, furtherCases()["policies"])
	same(t, "policies", any([]any{
		object{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/ci-agents"},
		object{"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/team/deploy"},
		"arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
	}), property(t, doc, "AgentRole", "ManagedPolicyArns"))
	if !strings.Contains(property(t, doc, "AgentConfigParameter", "Value").(string), `"usePreSignedURL":true`) {
		t.Error("the instances do not hear of the pre-signed URL")
	}
	if property(t, mustBuild(t, inputs(nil)), "AgentRole").(object)["ManagedPolicyArns"] != nil {
		t.Error("there are managed policies without the setting")
	}
}

func TestWindows(t *testing.T) {
	same(t, "user data", any(object{"Fn::Base64": `<powershell>C:\semaphore-agent\start.ps1 ci-agents-config</powershell>`}),
		launchData(t, "windows")["UserData"])
	doc := mustBuild(t, furtherCases()["windows"])
	if strings.Contains(string(doc.JSON), "SecurityGroupIngress") {
		t.Error("SSH is let in to Windows")
	}
	same(t, "key pair, for the password", any("ops"), launchData(t, "windows")["KeyName"])
}

func TestMacOS(t *testing.T) {
	doc, data := mustBuild(t, furtherCases()["macos"]), launchData(t, "macos")
	arn := object{"Fn::GetAtt": []any{"HostResourceGroup", "Arn"}}
	same(t, "placement", any(object{"Tenancy": "host", "HostResourceGroupArn": arn}), data["Placement"])
	same(t, "licence", any([]any{object{"LicenseConfigurationArn": testLicense}}), data["LicenseSpecifications"])
	same(t, "overrides", any([]any{object{"InstanceType": "mac2.metal"}, object{"InstanceType": "mac2-m2pro.metal"}}),
		property(t, doc, "AgentGroup", "MixedInstancesPolicy", "LaunchTemplate", "Overrides"))
	same(t, "hosts", any([]any{object{"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:dedicated-host/h-0123456789abcdef0"}}),
		property(t, doc, "HostResourceGroup", "Resources"))
	parameters := map[string][]any{}
	for _, item := range property(t, doc, "HostResourceGroup", "Configuration").([]any) {
		for _, p := range at(t, item, "Parameters").([]any) {
			parameters[at(t, p, "Name").(string)] = at(t, p, "Values").([]any)
		}
	}
	same(t, "configuration", map[string][]any{
		"allowed-host-based-license-configurations": {testLicense}, "allowed-host-families": {"mac2", "mac2-m2pro"},
		"auto-allocate-host": {"false"}, "auto-release-host": {"false"}, "auto-host-recovery": {"true"},
		"allowed-resource-types": {"AWS::EC2::Host"}, "deletion-protection": {"UNLESS_EMPTY"},
	}, parameters)
	if strings.Contains(string(mustBuild(t, inputs(nil)).JSON), "HostResourceGroup") {
		t.Error("there is a host resource group without macOS")
	}
}

func TestBuildRefusesFurther(t *testing.T) {
	hostile := "eyJSZWYiOiJhYiJ9"
	for name, change := range map[string]func(*Inputs){
		"SEMAPHORE_AGENT_TAGS": func(in *Inputs) { in.Config.Tags = []config.Tag{{Key: "a", Value: hostile}} },
		"SEMAPHORE_AGENT_ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON": func(in *Inputs) {
			in.Config.Overrides = []config.Override{{"InstanceRequirements": map[string]any{"CpuManufacturers": []any{hostile}}}}
		},
		"SEMAPHORE_AGENT_MANAGED_POLICY_NAMES":      func(in *Inputs) { in.Config.ManagedPolicies = []string{hostile} },
		"SEMAPHORE_AGENT_LICENSE_CONFIGURATION_ARN": func(in *Inputs) { in.Config.OS = "macos" },
		"SEMAPHORE_AGENT_AZS":                       func(in *Inputs) { in.Config.Zones = []string{"a b"} },
		"SEMAPHORE_AGENT_VOLUME_NAME":               func(in *Inputs) { in.Config.VolumeName = "${x}" },
		"function subnet":                           func(in *Inputs) { in.FunctionSubnets = []string{""} },
	} {
		if _, err := Build(inputs(change)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("error is %v, want one that names %s", err, name)
		}
	}
}
