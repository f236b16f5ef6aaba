package config

func scalerSettings() []setting {
	return []setting{
		{
			name: SettingOverprovisionStrategy, fallback: OverprovisionNone,
			pattern: `^(?:none|number|percentage)$`, shape: "an overprovision strategy",
			fix: `give "none", "number" or "percentage"`,
			description: "Headroom that the scaler keeps beyond the jobs there are: `none`, a `number` of instances, or a `percentage` " +
				"of the jobs, rounded up.",
			store: func(c *Config, v parsed) { c.OverprovisionStrategy = v.text },
		},
		{
			name: SettingOverprovisionFactor, kind: integer, fallback: "0", unit: "instances or percent",
			description: "How much headroom. At least 1 with the strategies `number` and `percentage`.",
			store:       func(c *Config, v parsed) { c.OverprovisionFactor = v.number },
		},
		{
			name: SettingAlarms, kind: boolean, fallback: "false",
			description: "Whether the stack has CloudWatch alarms for the scaler and a dashboard of the fleet.",
			store:       func(c *Config, v parsed) { c.Alarms = v.truth },
		},
		{
			name:    SettingAlarmTopic,
			pattern: `^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$`, shape: "the ARN of an SNS topic",
			fix:         `give one such as "arn:aws:sns:eu-west-1:123456789012:ops"`,
			description: "SNS topic that the alarms are sent to. Empty: they only show in CloudWatch.",
			store:       func(c *Config, v parsed) { c.AlarmTopicARN = v.text },
		},
	}
}
