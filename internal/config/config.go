// Package config owns the settings: what each is called, what it may hold, where its value came from. It
// refuses to know AWS or the command line's library.
package config

import "slices"

// Config is the effective settings of one invocation: typed, checked and complete. A field that the user did
// not set holds its default. Read Values for the sources.
type Config struct {
	Organization               string   // Semaphore organization; may be empty when Endpoint was given
	Endpoint                   string   // host name of Semaphore's API, perhaps with a port, without scheme or path
	StackName                  string   // CloudFormation stack name and prefix of every resource's name
	TokenParameter             string   // SSM parameter that holds the registration token
	TokenKMSKey                string   // key id, ARN or alias; empty means alias/aws/ssm, also when that was named
	InstanceType               string   // EC2 instance type
	MinSize                    int      // Auto Scaling group's minimum size
	MaxSize                    int      // Auto Scaling group's maximum size
	DesiredCapacity            int      // Auto Scaling group's desired capacity when it is created
	DynamicScaling             bool     // whether the scaler function and its schedule exist
	OverprovisionStrategy      string   // OverprovisionNone, or number or percentage
	OverprovisionFactor        int      // instances or percent, by the strategy
	Alarms                     bool     // whether alarms and a dashboard exist; never without DynamicScaling
	AlarmTopicARN              string   // SNS topic of the alarms; empty: none
	SecurityGroupID            string   // existing security group; empty: one is created
	KeyName                    string   // EC2 key pair; empty: no inbound SSH
	DisconnectAfterJob         bool     // whether an agent runs one job only
	DisconnectAfterIdleTimeout int      // seconds; 0 disables scale in
	CacheBucket                string   // existing S3 bucket for the cache CLI; empty: none
	VPCID                      string   // empty: the default VPC
	Subnets                    []string // subnet ids, in the order given; nil without VPCID
	ImageID                    string   // AMI id; empty: looked up by name

	OS                string   // the image's operating system: ubuntu-*, windows or macos
	Arch              string   // x86_64 or arm64: what was given, else what the instance type's name says
	Zones             []string // Availability Zones of the group; nil: all of the region, or those of Subnets
	IPv6              bool     // whether instances get an IPv6 address
	AllowPublicSubnet bool     // whether functions may be placed in public subnets of VPCID
	PreSignedURL      bool     // whether agents register by a pre-signed URL of STS
	ManagedPolicies   []string // IAM policies of the instances' role: names in this account, or ARNs
	Tags              []Tag    // of every resource, in the order given

	Metrics             []string // of the group, at a granularity of one minute; nil: none
	MaxInstanceLifetime int      // seconds; 0: no limit
	CapacityRebalance   bool
	ProtectNewInstances bool // from scale in

	OnDemandBase       int        // on-demand instances before OnDemandPercentage counts
	OnDemandPercentage int        // of the instances above OnDemandBase; the others are spot instances
	OnDemandStrategy   string     // empty: Auto Scaling's own default
	SpotStrategy       string     // empty: Auto Scaling's own default
	Overrides          []Override // of the launch template; nil: none

	VolumeName       string // device; empty: the AMI's own volumes
	VolumeType       string
	VolumeSize       int // GiB
	VolumeIOPS       int // 0: the type's default
	VolumeThroughput int // MiB/s; 0: the type's default

	LicenseARN   string   // of License Manager, for macOS
	MacFamilies  []string // instance families of dedicated hosts, such as mac2
	MacHosts     []string // dedicated hosts that are there already
	AllocateHost bool
	ReleaseHost  bool

	values   []Value
	warnings []string
}

// Values is a copy of the effective settings, each with its source, in the schema's order. A setting that has
// neither a value nor a default is there with empty text.
func (c *Config) Values() []Value { return slices.Clone(c.values) }

// IsSet reports whether the user gave the setting a value, be it the default's. It is false for unknown names.
func (c *Config) IsSet(name string) bool {
	return slices.ContainsFunc(c.values, func(v Value) bool { return v.Setting == name && v.Source.Kind != FromDefault })
}

// Warnings is what the user should hear of and what stops nothing, one line each.
func (c *Config) Warnings() []string { return slices.Clone(c.warnings) }

// value is the setting's own entry, to be read or corrected; an entry of no consequence for an unknown name.
func (c *Config) value(name string) *Value {
	i := slices.IndexFunc(c.values, func(v Value) bool { return v.Setting == name })
	if i < 0 {
		return &Value{}
	}
	return &c.values[i]
}
