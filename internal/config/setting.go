package config

// The names that code outside the schema has to know.
const (
	SettingOrganization     = "SEMAPHORE_ORGANIZATION"
	SettingEndpoint         = "SEMAPHORE_ENDPOINT"
	SettingStackName        = "SEMAPHORE_AGENT_STACK_NAME"
	SettingTokenParameter   = "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME"
	SettingMinSize          = "SEMAPHORE_AGENT_ASG_MIN_SIZE"
	SettingMaxSize          = "SEMAPHORE_AGENT_ASG_MAX_SIZE"
	SettingDesiredCapacity  = "SEMAPHORE_AGENT_ASG_DESIRED"
	SettingSecurityGroupID  = "SEMAPHORE_AGENT_SECURITY_GROUP_ID"
	SettingKeyName          = "SEMAPHORE_AGENT_KEY_NAME"
	SettingIdleTimeout      = "SEMAPHORE_AGENT_DISCONNECT_AFTER_IDLE_TIMEOUT"
	SettingVPCID            = "SEMAPHORE_AGENT_VPC_ID"
	SettingSubnets          = "SEMAPHORE_AGENT_SUBNETS"
	SettingImageID          = "SEMAPHORE_AGENT_AMI"
	SettingInstanceType     = "SEMAPHORE_AGENT_INSTANCE_TYPE"
	SettingOS               = "SEMAPHORE_AGENT_OS"
	SettingArch             = "SEMAPHORE_AGENT_ARCH"
	SettingZones            = "SEMAPHORE_AGENT_AZS"
	SettingPublicSubnet     = "SEMAPHORE_AGENT_ALLOW_PUBLIC_SUBNET"
	SettingIPv6             = "SEMAPHORE_AGENT_USE_IPV6"
	SettingTags             = "SEMAPHORE_AGENT_TAGS"
	SettingPolicies         = "SEMAPHORE_AGENT_MANAGED_POLICY_NAMES"
	SettingMetrics          = "SEMAPHORE_AGENT_ASG_METRICS"
	SettingLifetime         = "SEMAPHORE_AGENT_ASG_MAX_INSTANCE_LIFETIME"
	SettingOverrides        = "SEMAPHORE_AGENT_ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON"
	SettingRebalance        = "SEMAPHORE_AGENT_ASG_CAPACITY_REBALANCE"
	SettingProtection       = "SEMAPHORE_AGENT_ASG_NEW_INSTANCES_PROTECTED_FROM_SCALE_IN"
	SettingOnDemandBase     = "SEMAPHORE_AGENT_ON_DEMAND_BASE_CAPACITY"
	SettingOnDemandPercent  = "SEMAPHORE_AGENT_ON_DEMAND_PERCENTAGE_ABOVE_BASE"
	SettingOnDemandStrategy = "SEMAPHORE_AGENT_ON_DEMAND_ALLOCATION_STRATEGY"
	SettingSpotStrategy     = "SEMAPHORE_AGENT_SPOT_ALLOCATION_STRATEGY"
	SettingVolumeName       = "SEMAPHORE_AGENT_VOLUME_NAME"
	SettingVolumeType       = "SEMAPHORE_AGENT_VOLUME_TYPE"
	SettingVolumeSize       = "SEMAPHORE_AGENT_VOLUME_SIZE"
	SettingVolumeIOPS       = "SEMAPHORE_AGENT_VOLUME_IOPS"
	SettingThroughput       = "SEMAPHORE_AGENT_VOLUME_THROUGHPUT"
	SettingLicense          = "SEMAPHORE_AGENT_LICENSE_CONFIGURATION_ARN"
	SettingMacFamily        = "SEMAPHORE_AGENT_MAC_FAMILY"
	SettingMacHosts         = "SEMAPHORE_AGENT_MAC_DEDICATED_HOSTS"
	SettingAllocateHost     = "SEMAPHORE_AGENT_AUTO_ALLOCATE_HOST"
	SettingReleaseHost      = "SEMAPHORE_AGENT_AUTO_RELEASE_HOST"
	SettingPreSignedURL     = "SEMAPHORE_AGENT_USE_PRE_SIGNED_URL"

	SettingDynamicScaling        = "SEMAPHORE_AGENT_USE_DYNAMIC_SCALING"
	SettingOverprovisionStrategy = "SEMAPHORE_AGENT_OVERPROVISION_STRATEGY"
	SettingOverprovisionFactor   = "SEMAPHORE_AGENT_OVERPROVISION_FACTOR"
	SettingAlarms                = "SEMAPHORE_AGENT_ALARMS"
	SettingAlarmTopic            = "SEMAPHORE_AGENT_ALARM_TOPIC_ARN"
)

// FileVariable is the environment variable that names the settings file where no flag does. It is not a setting.
const FileVariable = "SEMAPHORE_AGENT_STACK_CONFIG"

const (
	semaphorePrefix = "SEMAPHORE_"
	agentInfix      = "AGENT_"
	agentPrefix     = semaphorePrefix + agentInfix
)

type kind int

const (
	text kind = iota
	integer
	boolean
	list
)

func (k kind) String() string {
	switch k {
	case integer:
		return "integer"
	case boolean:
		return "boolean"
	case list:
		return "list"
	default:
		return "string"
	}
}

// setting is one row of the schema: all that is known of a setting, for parsing, checking and documentation alike.
type setting struct {
	name         string
	kind         kind
	fallback     string // the default, as a user would write it
	fallbackNote string // documents a default that is not a constant
	required     bool
	instead      string // the setting that satisfies the requirement just as well
	pattern      string // valid in RE2 and ECMA 262; for a list, of each item
	maxLength    int    // 0: what the pattern allows
	shape        string // what the pattern describes: "a subnet ID"
	fix          string
	unit         string
	least, most  int // bounds of an integer; most 0 stands for math.MaxInt32
	description  string

	clean func(string) (cleaned, warning string) // nil: values are taken as they are
	check func(string) fault                     // rules that the pattern can't express
	store func(*Config, parsed)
}

// parsed is a checked value; which field counts depends on the setting's kind.
type parsed struct {
	text   string
	number int
	truth  bool
	items  []string
}

// fault is what is wrong with one value and what would be right. The zero fault is none.
type fault struct{ message, fix string }

// Names lists every setting, in the schema's order.
func Names() []string {
	rows := schema()
	names := make([]string, len(rows))
	for i, row := range rows {
		names[i] = row.name
	}
	return names
}
