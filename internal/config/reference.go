package config

// ReferenceNames lists the settings of the reference stack, in the order of its own documentation and releases.
// semagent takes them under the same names.
func ReferenceNames() []string {
	return []string{
		SettingOrganization, SettingEndpoint, SettingStackName, SettingTokenParameter, "SEMAPHORE_AGENT_TOKEN_KMS_KEY",
		SettingInstanceType, SettingMinSize, SettingMaxSize, SettingDesiredCapacity, "SEMAPHORE_AGENT_USE_DYNAMIC_SCALING",
		SettingSecurityGroupID, SettingKeyName, "SEMAPHORE_AGENT_DISCONNECT_AFTER_JOB", SettingIdleTimeout,
		"SEMAPHORE_AGENT_CACHE_BUCKET_NAME", SettingVPCID, SettingSubnets, SettingImageID,
		SettingOS, SettingArch, SettingMetrics, SettingLifetime, SettingOverrides, SettingRebalance, SettingProtection, SettingPolicies,
		SettingVolumeName, SettingVolumeType, SettingVolumeSize, SettingVolumeIOPS, SettingThroughput, SettingTags, SettingZones,
		SettingPreSignedURL, "SEMAPHORE_AGENT_OVERPROVISION_STRATEGY", "SEMAPHORE_AGENT_OVERPROVISION_FACTOR",
		SettingIPv6, SettingPublicSubnet, SettingOnDemandBase, SettingOnDemandPercent, SettingOnDemandStrategy, SettingSpotStrategy,
		SettingLicense, SettingMacFamily, SettingMacHosts, SettingAllocateHost, SettingReleaseHost,
	}
}
