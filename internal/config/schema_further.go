package config

import "strings"

// furtherSettings are those that the reference stack grew in its later years.
func furtherSettings() []setting {
	rows := imageSettings()
	rows = append(rows, purchaseSettings()...)
	rows = append(rows, volumeSettings()...)
	rows = append(rows, placementSettings()...)
	rows = append(rows, accessSettings()...)
	return append(rows, macSettings()...)
}

// anyOf is the pattern of a setting with a few allowed values, and the words that list them.
func anyOf(values ...string) (pattern, fix string) {
	return `^(?:` + strings.Join(values, "|") + `)$`, `give one of "` + strings.Join(values, `", "`) + `"`
}

func imageSettings() []setting {
	systems, giveSystem := anyOf("ubuntu-focal", "ubuntu-jammy", "ubuntu-noble", osWindows, osMac)
	architectures, giveArchitecture := anyOf(archIntel, archARM)
	return []setting{
		{
			name: SettingOS, fallback: "ubuntu-focal",
			pattern: systems, shape: "an operating system that agents run on", fix: giveSystem,
			description: "Operating system of the AMI: `ubuntu-focal`, `ubuntu-jammy`, `ubuntu-noble`, `windows` or `macos`. The last two need an AMI of your own.",
			store:       func(c *Config, v parsed) { c.OS = v.text },
		},
		{
			name: SettingArch, fallback: archIntel,
			pattern: architectures, shape: "an architecture", fix: giveArchitecture,
			description: "Architecture of the AMI: `x86_64` or `arm64`. The default follows the instance type.",
			store:       func(c *Config, v parsed) { c.Arch = v.text },
		},
	}
}

func purchaseSettings() []setting {
	onDemand, giveOnDemand := anyOf("lowest-price", "prioritized")
	spot, giveSpot := anyOf("capacity-optimized", "capacity-optimized-prioritized", "lowest-price", "price-capacity-optimized")
	return []setting{
		{
			name: SettingOnDemandBase, kind: integer, fallback: "0", unit: "instances",
			description: "On-demand instances that are started before the percentage counts.",
			store:       func(c *Config, v parsed) { c.OnDemandBase = v.number },
		},
		{
			name: SettingOnDemandPercent, kind: integer, fallback: "100", unit: "percent", most: 100,
			description: "Share of on-demand instances above the base. The others are spot instances.",
			store:       func(c *Config, v parsed) { c.OnDemandPercentage = v.number },
		},
		{
			name: SettingOnDemandStrategy, pattern: onDemand, shape: "an allocation strategy for on-demand instances", fix: giveOnDemand,
			description: "How on-demand instances are spread over instance types: `prioritized` or `lowest-price`. Empty: Auto Scaling's default.",
			store:       func(c *Config, v parsed) { c.OnDemandStrategy = v.text },
		},
		{
			name: SettingSpotStrategy, pattern: spot, shape: "an allocation strategy for spot instances", fix: giveSpot,
			description: "How spot instances are spread over instance types: `price-capacity-optimized`, `capacity-optimized`, " +
				"`capacity-optimized-prioritized` or `lowest-price`. Empty: Auto Scaling's default.",
			store: func(c *Config, v parsed) { c.SpotStrategy = v.text },
		},
		{
			name: SettingOverrides, pattern: `^[\[{][^\x00]*[\]}]$`, maxLength: 16384, shape: "a JSON object or a list of them",
			fix: `write such as [{"InstanceType":"m7i.large"},{"InstanceType":"m6i.large"}]`,
			description: "Overrides of the launch template, as JSON: an object or a list of them, with `InstanceType` or " +
				"`InstanceRequirements`; keys as CloudFormation writes them, or with a small first letter.",
			check: checkOverrides,
			store: func(c *Config, v parsed) { c.Overrides, _ = parseOverrides(v.text) },
		},
		{
			name: SettingRebalance, kind: boolean, fallback: "false",
			description: "Whether Auto Scaling replaces a spot instance that is about to be interrupted. A job on it may be cut short.",
			store:       func(c *Config, v parsed) { c.CapacityRebalance = v.truth },
		},
		{
			name: SettingProtection, kind: boolean, fallback: "false",
			description: "Whether new instances are protected from scale in by Auto Scaling. Agents retire themselves either way. " +
				"CloudFormation can delete the group only when its protected instances are gone.",
			store: func(c *Config, v parsed) { c.ProtectNewInstances = v.truth },
		},
		{
			name: SettingLifetime, kind: integer, fallback: "0", unit: "seconds", most: longestLifetime, check: checkLifetime,
			description: "Age at which an instance is replaced: `86400` to `31536000`. `0` means never. A job that runs then may be cut short.",
			store:       func(c *Config, v parsed) { c.MaxInstanceLifetime = v.number },
		},
		{
			name: SettingMetrics, kind: list, pattern: `^[A-Za-z0-9]+$`, shape: "a metric of Auto Scaling groups",
			fix: `give names such as "GroupInServiceInstances", with commas between them`, check: checkMetric,
			description: "Metrics of the Auto Scaling group that are collected, at a granularity of one minute.",
			store:       func(c *Config, v parsed) { c.Metrics = v.items },
		},
	}
}

func volumeSettings() []setting {
	types, giveType := anyOf("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard")
	return []setting{
		{
			name: SettingVolumeName, pattern: `^(?:/dev/(?:sd[a-z][0-9]{0,2}|xvd[a-z]{1,2}[0-9]{0,2})|xvd[a-z]{1,2})$`,
			shape: "the name of a block device", fix: `give one such as "/dev/sda1"`,
			description: "Device of a volume that the instances get, encrypted; the root device's name changes the root volume. Empty: as the AMI has it.",
			store:       func(c *Config, v parsed) { c.VolumeName = v.text },
		},
		{
			name: SettingVolumeType, fallback: "gp2", pattern: types, shape: "a type of EBS volume", fix: giveType,
			description: "Type of the volume: `gp2`, `gp3`, `io1`, `io2`, `st1`, `sc1` or `standard`.",
			store:       func(c *Config, v parsed) { c.VolumeType = v.text },
		},
		{
			name: SettingVolumeSize, kind: integer, fallback: "64", unit: "GiB", least: 1, most: 65536,
			description: "Size of the volume.",
			store:       func(c *Config, v parsed) { c.VolumeSize = v.number },
		},
		{
			name: SettingVolumeIOPS, kind: integer, unit: "per second", least: 100, most: 256000,
			description: "I/O operations of the volume: required for `io1` and `io2`, possible for `gp3`.",
			store:       func(c *Config, v parsed) { c.VolumeIOPS = v.number },
		},
		{
			name: SettingThroughput, kind: integer, unit: "MiB/s", least: 125, most: 2000,
			description: "Throughput of the volume: for `gp3` only.",
			store:       func(c *Config, v parsed) { c.VolumeThroughput = v.number },
		},
	}
}
