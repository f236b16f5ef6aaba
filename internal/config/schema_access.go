package config

func placementSettings() []setting {
	return []setting{
		{
			name: SettingZones, kind: list,
			pattern: `^[a-z]{2}(?:-[a-z]+)+-[0-9]{1,2}(?:-[a-z]+-[0-9]{1,2})?[a-z]$`, shape: "an Availability Zone",
			fix:         `give names such as "eu-west-1a", with commas between them`,
			description: "Availability Zones of the instances. Empty: all of the region, or those of the subnets.",
			store:       func(c *Config, v parsed) { c.Zones = v.items },
		},
		{
			name: SettingIPv6, kind: boolean, fallback: "false",
			description: "Whether instances get an IPv6 address; their subnets need IPv6 blocks. Functions in a VPC use IPv6 too.",
			store:       func(c *Config, v parsed) { c.IPv6 = v.truth },
		},
		{
			name: SettingPublicSubnet, kind: boolean, fallback: "false",
			description: "Whether the functions may be placed in the VPC's public subnets, where they reach the internet by IPv6 only. " +
				"Without it they use the private ones; where there is none they stay outside the VPC.",
			store: func(c *Config, v parsed) { c.AllowPublicSubnet = v.truth },
		},
	}
}

func accessSettings() []setting {
	return []setting{
		{
			name: SettingPolicies, kind: list,
			pattern: `^(?:[A-Za-z0-9+=.@_/-]{1,512}|arn:aws[a-z-]*:iam::(?:aws|[0-9]{12}):policy/[A-Za-z0-9+=.@_/-]{1,512})$`,
			shape:   "the name or ARN of an IAM policy", fix: `give a name in this account, or an ARN such as "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"`,
			check:       checkPolicy,
			description: "IAM policies that the instances' role gets besides its own: names in this account, or ARNs.",
			store:       func(c *Config, v parsed) { c.ManagedPolicies = v.items },
		},
		{
			name: SettingTags, kind: list,
			pattern: `^[^\x00-\x1f:,]{1,128}:[^\x00-\x1f,]{0,256}$`, shape: "a tag",
			fix:   `write KEY:VALUE pairs with commas between them, such as "Name:Something,Category:Else"`,
			check: checkTag,
			description: "Tags of every resource that can bear them, and of instances and volumes: `Name:Something,Category:Else`. " +
				"A value may hold colons, but no comma.",
			store: func(c *Config, v parsed) { c.Tags = tagsOf(v.items) },
		},
		{
			name: SettingPreSignedURL, kind: boolean, fallback: "false",
			description: "Whether agents register with a pre-signed URL of STS, for agent types that are set up for it.",
			store:       func(c *Config, v parsed) { c.PreSignedURL = v.truth },
		},
	}
}

func macSettings() []setting {
	return []setting{
		{
			name:        SettingLicense,
			pattern:     `^arn:aws[a-z-]*:license-manager:[a-z0-9-]+:[0-9]{12}:license-configuration[:/]lic-[0-9a-f]{32}$`,
			shape:       "the ARN of a licence configuration",
			fix:         `give one such as "arn:aws:license-manager:eu-west-1:123456789012:license-configuration:lic-0123456789abcdef0123456789abcdef"`,
			description: "ARN of the License Manager configuration of the AMI. Required for `macos`.",
			store:       func(c *Config, v parsed) { c.LicenseARN = v.text },
		},
		{
			name: SettingMacFamily, kind: list, fallback: "mac2",
			pattern: `^mac(?:1|2(?:-m[0-9][a-z]*)?|-m[0-9][a-z]*)$`, shape: "an instance family of Macs",
			fix:         `give families such as "mac2" or "mac2-m2pro", with commas between them`,
			description: "Instance families of the dedicated hosts, for `macos`.",
			store:       func(c *Config, v parsed) { c.MacFamilies = v.items },
		},
		{
			name: SettingMacHosts, kind: list,
			pattern: `^h-` + hexID + `$`, shape: "the ID of a dedicated host", fix: `give IDs such as "h-0123456789abcdef0", with commas between them`,
			description: "Dedicated hosts to begin with, for `macos`.",
			store:       func(c *Config, v parsed) { c.MacHosts = v.items },
		},
		{
			name: SettingAllocateHost, kind: boolean, fallback: "true",
			description: "Whether a dedicated host is allocated when an instance finds none, for `macos`. A Mac host costs at least 24 hours.",
			store:       func(c *Config, v parsed) { c.AllocateHost = v.truth },
		},
		{
			name: SettingReleaseHost, kind: boolean, fallback: "true",
			description: "Whether an allocated host without instances is released, for `macos`.",
			store:       func(c *Config, v parsed) { c.ReleaseHost = v.truth },
		},
	}
}
