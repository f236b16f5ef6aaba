package config

const (
	hostLabel = `[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?`
	hexID     = `(?:[0-9a-f]{8}|[0-9a-f]{17})`
	keyID     = `(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})`
	aliasName = `alias/[A-Za-z0-9/_-]{1,250}`
)

// schema is the only place that knows a setting. A new setting is a new row.
func schema() []setting {
	rows := identitySettings()
	rows = append(rows, groupSettings()...)
	rows = append(rows, scalerSettings()...)
	rows = append(rows, agentSettings()...)
	rows = append(rows, networkSettings()...)
	return append(rows, furtherSettings()...)
}

func identitySettings() []setting {
	return []setting{
		{
			name: SettingOrganization, required: true, instead: SettingEndpoint,
			pattern: `^` + hostLabel + `$`, shape: "the name of a Semaphore organization",
			fix:         `give what stands before ".semaphoreci.com": letters, digits and hyphens, at most 63`,
			description: "Semaphore organization. The endpoint becomes `<organization>.semaphoreci.com`.",
			store:       func(c *Config, v parsed) { c.Organization = v.text },
		},
		{
			name: SettingEndpoint, fallbackNote: "`<organization>.semaphoreci.com`",
			pattern: `^` + hostLabel + `(?:\.` + hostLabel + `)*(?::[0-9]{1,5})?$`, maxLength: 253,
			shape:       "a host name",
			fix:         `give a host such as "acme.semaphoreci.com", or "host:port", without scheme or path`,
			description: "Host of Semaphore's API, for an installation of your own. Takes precedence over the organization.",
			clean:       cleanEndpoint, check: checkPort,
			store: func(c *Config, v parsed) { c.Endpoint = v.text },
		},
		{
			name: SettingStackName, required: true,
			pattern: `^[A-Za-z][-A-Za-z0-9]*$`, maxLength: 52, shape: "a stack name",
			fix:         "begin with a letter, then use letters, digits and hyphens, at most 52, so that names made from it fit",
			description: "Name of the CloudFormation stack, and prefix of the name of everything in it.",
			check:       checkStackName,
			store:       func(c *Config, v parsed) { c.StackName = v.text },
		},
		{
			name: SettingTokenParameter, required: true,
			pattern: `^[A-Za-z0-9_./-]+$`, maxLength: 1011, shape: "the name of an SSM parameter",
			fix:         `use letters, digits and "_.-/", such as "/semaphore/agent-token"`,
			description: "SSM parameter that holds the registration token, encrypted. A name with levels begins with `/`.",
			check:       checkParameterName,
			store:       func(c *Config, v parsed) { c.TokenParameter = v.text },
		},
		{
			name: "SEMAPHORE_AGENT_TOKEN_KMS_KEY", fallbackNote: "`alias/aws/ssm`",
			pattern: `^(?:` + keyID + `|` + aliasName + `|arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:(?:key/` + keyID + `|` + aliasName + `))$`,
			shape:   "a KMS key",
			fix:     `give a key ID, a key ARN, "alias/NAME" or an alias ARN`,
			description: "KMS key that encrypts the token's parameter: key ID, key ARN, alias or alias ARN. " +
				"Empty: the key that AWS manages for SSM.",
			check: checkKMSKey,
			store: func(c *Config, v parsed) { c.TokenKMSKey = customerKey(v.text) },
		},
	}
}

func groupSettings() []setting {
	return []setting{
		{
			name: "SEMAPHORE_AGENT_INSTANCE_TYPE", fallback: "t2.micro",
			pattern: `^[a-z][a-z0-9-]*\.[a-z0-9][a-z0-9-]*$`, maxLength: 64, shape: "an EC2 instance type",
			fix: `give one such as "t3.medium"`, description: "EC2 instance type of the agents.",
			store: func(c *Config, v parsed) { c.InstanceType = v.text },
		},
		{
			name: SettingMinSize, kind: integer, fallback: "0", unit: "instances",
			description: "Minimum size of the Auto Scaling group.",
			store:       func(c *Config, v parsed) { c.MinSize = v.number },
		},
		{
			name: SettingMaxSize, kind: integer, fallback: "1", unit: "instances",
			description: "Maximum size of the Auto Scaling group.",
			store:       func(c *Config, v parsed) { c.MaxSize = v.number },
		},
		{
			name: SettingDesiredCapacity, kind: integer, fallback: "1", unit: "instances",
			description: "Desired capacity of the Auto Scaling group when it is created. An update leaves the live desired " +
				"capacity alone unless this is set. The default is kept within the minimum and maximum size.",
			store: func(c *Config, v parsed) { c.DesiredCapacity = v.number },
		},
		{
			name: SettingDynamicScaling, kind: boolean, fallback: "true",
			description: "Whether a function raises the desired capacity with the number of jobs, every minute.",
			store:       func(c *Config, v parsed) { c.DynamicScaling = v.truth },
		},
	}
}

func agentSettings() []setting {
	return []setting{
		{
			name:    SettingSecurityGroupID,
			pattern: `^sg-` + hexID + `$`, shape: "a security group ID", fix: `give one such as "sg-0123456789abcdef0"`,
			description: "Security group of the instances. Empty: one is created that lets everything out, and SSH in only " +
				"where a key name is set.",
			store: func(c *Config, v parsed) { c.SecurityGroupID = v.text },
		},
		{
			name:    SettingKeyName,
			pattern: `^[!-~](?:[ -~]*[!-~])?$`, maxLength: 255, shape: "the name of an EC2 key pair",
			fix:         "give the key pair's name: printable ASCII, at most 255",
			description: "EC2 key pair for SSH. Empty: no inbound SSH.",
			store:       func(c *Config, v parsed) { c.KeyName = v.text },
		},
		{
			name: "SEMAPHORE_AGENT_DISCONNECT_AFTER_JOB", kind: boolean, fallback: "true",
			description: "Whether an agent runs one job only, so that each job gets a fresh instance.",
			store:       func(c *Config, v parsed) { c.DisconnectAfterJob = v.truth },
		},
		{
			name: SettingIdleTimeout, kind: integer, fallback: "300", unit: "seconds",
			description: "Seconds without a job after which an agent disconnects and its instance goes. `0` disables scale in.",
			store:       func(c *Config, v parsed) { c.DisconnectAfterIdleTimeout = v.number },
		},
		{
			name:    "SEMAPHORE_AGENT_CACHE_BUCKET_NAME",
			pattern: `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`, shape: "the name of an S3 bucket",
			fix:         "use 3 to 63 lower-case letters, digits, dots and hyphens",
			description: "Existing S3 bucket for Semaphore's cache CLI. Empty: no cache.",
			check:       checkBucket,
			store:       func(c *Config, v parsed) { c.CacheBucket = v.text },
		},
	}
}

func networkSettings() []setting {
	return []setting{
		{
			name:    SettingVPCID,
			pattern: `^vpc-` + hexID + `$`, shape: "a VPC ID", fix: `give one such as "vpc-0123456789abcdef0"`,
			description: "VPC of the instances. Empty: the default VPC.",
			store:       func(c *Config, v parsed) { c.VPCID = v.text },
		},
		{
			name: SettingSubnets, kind: list,
			pattern: `^subnet-` + hexID + `$`, shape: "a subnet ID",
			fix:         `give IDs such as "subnet-0123456789abcdef0", with commas between them`,
			description: "Subnets of the instances, with commas between them. Required with a VPC, and ignored without one.",
			store:       func(c *Config, v parsed) { c.Subnets = v.items },
		},
		{
			name:    "SEMAPHORE_AGENT_AMI",
			pattern: `^ami-` + hexID + `$`, shape: "an AMI ID", fix: `give one such as "ami-0123456789abcdef0"`,
			description: "AMI of the instances. Empty: looked up by the name that `semagent ami build` gives.",
			store:       func(c *Config, v parsed) { c.ImageID = v.text },
		},
	}
}
