package template

import (
	"maps"
	"slices"
)

// bundle is settings that only make sense together, as one value of a dimension of the matrix. The names lack their
// common prefix.
type bundle map[string]string

// dimension is one of the matrix.
type dimension struct {
	name    string
	bundles []bundle
}

// one makes a dimension of a single setting.
func one(setting string, values ...string) dimension {
	p := dimension{name: setting}
	for _, value := range values {
		p.bundles = append(p.bundles, bundle{setting: value})
	}
	return p
}

const matrixOverrides = "ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON"

func matrix() []dimension {
	return []dimension{
		{"machine", []bundle{
			{},
			{"INSTANCE_TYPE": "m7i.large", "ARCH": "x86_64", "OS": "ubuntu-noble", "AMI": "ami-0123456789abcdef0"},
			{"INSTANCE_TYPE": "m7g.large", "ARCH": "arm64", "OS": "ubuntu-jammy"},
			{"OS": "windows", "AMI": "ami-0123456789abcdef0", "INSTANCE_TYPE": "m6i.large"},
			{"OS": "macos", "AMI": "ami-0123456789abcdef0", "LICENSE_CONFIGURATION_ARN": testLicense, "AUTO_RELEASE_HOST": "false"},
			{
				"OS": "macos", "AMI": "ami-0123456789abcdef0", "LICENSE_CONFIGURATION_ARN": testLicense, "AUTO_ALLOCATE_HOST": "false",
				"MAC_FAMILY": "mac2,mac2-m2pro", "MAC_DEDICATED_HOSTS": "h-0123456789abcdef0,h-0123456789abcdef1",
			},
		}},
		{"sizes", []bundle{
			{}, {"ASG_MIN_SIZE": "2", "ASG_MAX_SIZE": "10", "ASG_DESIRED": "5"}, {"ASG_MAX_SIZE": "0"},
		}},
		{"volume", []bundle{
			{},
			{"VOLUME_NAME": "/dev/sda1"},
			{"VOLUME_NAME": "/dev/sda1", "VOLUME_TYPE": "gp3", "VOLUME_SIZE": "200", "VOLUME_IOPS": "6000", "VOLUME_THROUGHPUT": "500"},
			{"VOLUME_NAME": "/dev/xvda", "VOLUME_TYPE": "io2", "VOLUME_IOPS": "4000"},
			{"VOLUME_NAME": "/dev/sdf", "VOLUME_TYPE": "st1", "VOLUME_SIZE": "500"},
			{"VOLUME_TYPE": "gp3", "VOLUME_THROUGHPUT": "500"},
			{"VOLUME_NAME": "/dev/sda1", "VOLUME_THROUGHPUT": "500"},
		}},
		{"network", []bundle{
			{},
			{"VPC_ID": "vpc-0123456789abcdef0", "SUBNETS": "subnet-0fedcba9876543210,subnet-0123456789abcdef0"},
			{"VPC_ID": "vpc-0123456789abcdef0", "SUBNETS": "subnet-0fedcba9876543210", "ALLOW_PUBLIC_SUBNET": "true"},
			{"SUBNETS": "subnet-0fedcba9876543210"},
		}},
		one("ON_DEMAND_BASE_CAPACITY", "0", "2"),
		one("ON_DEMAND_PERCENTAGE_ABOVE_BASE", "100", "50", "0"),
		one("ON_DEMAND_ALLOCATION_STRATEGY", "", "prioritized", "lowest-price"),
		one("SPOT_ALLOCATION_STRATEGY", "", "price-capacity-optimized", "capacity-optimized", "capacity-optimized-prioritized", "lowest-price"),
		one(
			matrixOverrides, "",
			`[{"InstanceType":"m6i.large"},{"instanceType":"c6i.2xlarge","weightedCapacity":2}]`,
			`{"InstanceType":"c7g.large"}`,
			`{"instanceRequirements":{"vCpuCount":{"min":2,"max":8},"memoryMiB":{"min":4096},"burstablePerformance":"excluded"}}`,
		),
		one("ASG_CAPACITY_REBALANCE", "false", "true"),
		one("ASG_NEW_INSTANCES_PROTECTED_FROM_SCALE_IN", "false", "true"),
		one("ASG_MAX_INSTANCE_LIFETIME", "0", "86400"),
		one("ASG_METRICS", "", "GroupInServiceInstances", "GroupMinSize,GroupMaxSize"),
		one("TAGS", "", "Team:platform", "Name:Build farm,Link:https://acme.example:8443/ci"),
		one("AZS", "", "eu-west-1a,eu-west-1b"),
		one("USE_IPV6", "false", "true"),
		one("USE_PRE_SIGNED_URL", "false", "true"),
		one("MANAGED_POLICY_NAMES", "", "ci-agents", "team/x,arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
		one("KEY_NAME", "", "ops laptop"),
		one("SECURITY_GROUP_ID", "", "sg-0123456789abcdef0"),
		one("CACHE_BUCKET_NAME", "", "acme-ci-cache"),
		one("TOKEN_KMS_KEY", "", testKey, "1234abcd-12ab-34cd-56ef-1234567890ab"),
		one("USE_DYNAMIC_SCALING", "true", "false"),
		one("DISCONNECT_AFTER_JOB", "true", "false"),
		one("DISCONNECT_AFTER_IDLE_TIMEOUT", "300", "0"),
	}
}

// choice is one configuration: the index of a bundle for each dimension.
type choice []int

// pair is one bundle of one dimension beside one of a later dimension.
type pair struct{ p, v, q, w int }

func (c choice) pairs() []pair {
	var out []pair
	for p := range c {
		for q := p + 1; q < len(c); q++ {
			out = append(out, pair{p, c[p], q, c[q]})
		}
	}
	return out
}

func allPairs(dimensions []dimension) []pair {
	var out []pair
	for p := range dimensions {
		for q := p + 1; q < len(dimensions); q++ {
			for v := range dimensions[p].bundles {
				for w := range dimensions[q].bundles {
					out = append(out, pair{p, v, q, w})
				}
			}
		}
	}
	return out
}

// environ is the configuration as an environment, complete and in a fixed order.
func (c choice) environ(dimensions []dimension) []string {
	settings := bundle{"STACK_NAME": "ci-agents", "TOKEN_PARAMETER_NAME": "/ci/token"}
	for p, v := range c {
		maps.Copy(settings, dimensions[p].bundles[v])
	}
	env := []string{"SEMAPHORE_ORGANIZATION=acme"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if settings[name] != "" {
			env = append(env, "SEMAPHORE_AGENT_"+name+"="+settings[name])
		}
	}
	return env
}
