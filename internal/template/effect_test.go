package template

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/config"
)

// effects gives each setting of the reference stack a value that is not its default, and those that it needs
// beside it. SEMAPHORE_AGENT_ARCH is not among them: it chooses the AMI, which the template is only told of.
func effects() map[string]struct{ beside, value string } {
	mac := "OS=macos;AMI=ami-0123456789abcdef1;LICENSE_CONFIGURATION_ARN=" + testLicense
	return map[string]struct{ beside, value string }{
		"SEMAPHORE_ORGANIZATION": {"", "other"}, "SEMAPHORE_ENDPOINT": {"", "semaphore.example"},
		"STACK_NAME": {"", "other"}, "TOKEN_PARAMETER_NAME": {"", "/other"}, "TOKEN_KMS_KEY": {"", testKey},
		"INSTANCE_TYPE": {"", "m7i.large"}, "ASG_MIN_SIZE": {"ASG_MAX_SIZE=3", "1"}, "ASG_MAX_SIZE": {"", "3"},
		"ASG_DESIRED": {"ASG_MAX_SIZE=3", "2"}, "USE_DYNAMIC_SCALING": {"", "false"},
		"SECURITY_GROUP_ID": {"", "sg-0123456789abcdef0"}, "KEY_NAME": {"", "ops"}, "DISCONNECT_AFTER_JOB": {"", "false"},
		"DISCONNECT_AFTER_IDLE_TIMEOUT": {"", "60"}, "CACHE_BUCKET_NAME": {"", "cache"}, "AMI": {"", "ami-0123456789abcdef1"},
		"VPC_ID":  {"SUBNETS=subnet-0123456789abcdef0", "vpc-0123456789abcdef0"},
		"SUBNETS": {"VPC_ID=vpc-0123456789abcdef0;SUBNETS=subnet-0123456789abcdef1", "subnet-0123456789abcdef0"},

		"OS":          {"AMI=ami-0123456789abcdef1", "windows"},
		"ASG_METRICS": {"", "GroupMinSize"}, "ASG_MAX_INSTANCE_LIFETIME": {"", "86400"},
		"ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON": {"", `{"InstanceType":"m6i.large"}`}, "ASG_CAPACITY_REBALANCE": {"", "true"},
		"ASG_NEW_INSTANCES_PROTECTED_FROM_SCALE_IN": {"", "true"}, "MANAGED_POLICY_NAMES": {"", "ci"},
		"VOLUME_NAME": {"", "/dev/sda1"}, "VOLUME_TYPE": {"VOLUME_NAME=/dev/sda1", "gp3"}, "VOLUME_SIZE": {"VOLUME_NAME=/dev/sda1", "65"},
		"VOLUME_IOPS":       {"VOLUME_NAME=/dev/sda1;VOLUME_TYPE=gp3", "4000"},
		"VOLUME_THROUGHPUT": {"VOLUME_NAME=/dev/sda1;VOLUME_TYPE=gp3", "200"},
		"TAGS":              {"", "a:b"}, "AZS": {"", "eu-west-1a"}, "USE_PRE_SIGNED_URL": {"", "true"},
		"OVERPROVISION_STRATEGY": {"OVERPROVISION_FACTOR=5", "number"},
		"OVERPROVISION_FACTOR":   {"OVERPROVISION_STRATEGY=number;OVERPROVISION_FACTOR=1", "5"},
		"USE_IPV6":               {"", "true"}, "ON_DEMAND_BASE_CAPACITY": {"", "1"}, "ON_DEMAND_PERCENTAGE_ABOVE_BASE": {"", "50"},
		"ALLOW_PUBLIC_SUBNET":           {"VPC_ID=vpc-0123456789abcdef0;SUBNETS=subnet-0123456789abcdef1", "true"},
		"ON_DEMAND_ALLOCATION_STRATEGY": {"", "lowest-price"}, "SPOT_ALLOCATION_STRATEGY": {"", "lowest-price"},
		"LICENSE_CONFIGURATION_ARN": {mac, strings.Replace(testLicense, "lic-0", "lic-f", 1)}, "MAC_FAMILY": {mac, "mac1"},
		"MAC_DEDICATED_HOSTS": {mac, "h-0123456789abcdef0"}, "AUTO_ALLOCATE_HOST": {mac + ";MAC_DEDICATED_HOSTS=h-0123456789abcdef0", "false"},
		"AUTO_RELEASE_HOST": {mac, "false"},
	}
}

func TestEverySettingHasAnEffect(t *testing.T) {
	all := effects()
	for _, name := range config.ReferenceNames() {
		if name == config.SettingArch || !slices.Contains(config.Names(), name) {
			continue
		}
		effect, ok := all[strings.TrimPrefix(name, "SEMAPHORE_AGENT_")]
		if !ok {
			t.Errorf("no effect of %s is known", name)
			continue
		}
		without := effectOf(t, effect.beside, "")
		with := effectOf(t, effect.beside, name+"="+effect.value)
		if bytes.Equal(without.JSON, with.JSON) {
			t.Errorf("%s=%s changes nothing in the template", name, effect.value)
		}
	}
}

// effectOf builds as the command line does, in a VPC whose subnets are public.
func effectOf(t *testing.T, beside, setting string) Document {
	t.Helper()
	env := []string{"SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=token"}
	for item := range strings.SplitSeq(beside, ";") {
		env = append(env, "SEMAPHORE_AGENT_"+item)
	}
	cfg, err := config.Load(config.Input{Environ: append(env, setting)})
	if err != nil {
		t.Fatal(err)
	}
	in := inputs(func(in *Inputs) { in.Config, in.DesiredCapacity, in.ImageID = *cfg, cfg.DesiredCapacity, cfg.ImageID })
	if in.ImageID == "" {
		in.ImageID = "ami-0123456789abcdef0"
	}
	if cfg.AllowPublicSubnet {
		in.FunctionSubnets = cfg.Subnets
	}
	return mustBuild(t, in)
}
