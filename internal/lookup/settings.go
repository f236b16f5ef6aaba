package lookup

import "github.com/semagent/semagent/internal/config"

// The settings that a problem can name.
const (
	setCache         = "SEMAPHORE_AGENT_CACHE_BUCKET_NAME"
	setImage         = "SEMAPHORE_AGENT_AMI"
	setInstanceType  = "SEMAPHORE_AGENT_INSTANCE_TYPE"
	setKeyName       = config.SettingKeyName
	setSecurityGroup = config.SettingSecurityGroupID
	setSubnets       = config.SettingSubnets
	setTokenKey      = "SEMAPHORE_AGENT_TOKEN_KMS_KEY"
	setTokenParam    = config.SettingTokenParameter
	setVPC           = config.SettingVPCID
	setZones         = config.SettingZones
)
