package main

import "strings"

// proof is what shows that a setting works: a test's name, or a script's with its folder, and a golden case of the template.
type proof struct{ effect, test, golden string }

// proofs are by setting. A line of the table is: name without prefix, effect, test, golden case.
func proofs() map[string]proof {
	const table = `
SEMAPHORE_ORGANIZATION | endpoint of agents and scaler | TestEndpoint | defaults
SEMAPHORE_ENDPOINT | endpoint of agents and scaler | TestAgentConfigContract | endpoint
STACK_NAME | names of the stack and of its parameters | TestFixedNames | defaults
TOKEN_PARAMETER_NAME | parameter that instances and scaler read | TestGrants | token-path
TOKEN_KMS_KEY | permission to decrypt | TestCustomerKeyOnlyForTheToken | kms-key
INSTANCE_TYPE | launch template | script/parity.txtar | macos
ASG_MIN_SIZE | group | TestSizes | protected
ASG_MAX_SIZE | group | TestSizes | desired-set
ASG_DESIRED | group, when it is made | TestGroupKeepsLiveCapacityOnUpdate | desired-set
USE_DYNAMIC_SCALING | scaler and its schedule | TestLogicalIDs | static
SECURITY_GROUP_ID | instances' security group | TestSSHIngressNeedsKeyAndOwnGroup | security-group
KEY_NAME | key pair, inbound SSH | TestSSHIngressNeedsKeyAndOwnGroup | ssh-key
DISCONNECT_AFTER_JOB | agent's configuration | TestAgentConfigContract | idle-zero
DISCONNECT_AFTER_IDLE_TIMEOUT | agent's configuration | TestAgentConfigContract | idle-zero
CACHE_BUCKET_NAME | agent's environment, permissions | TestGrants | cache-bucket
VPC_ID | security group, functions' network | TestFunctionsInVPC | vpc
SUBNETS | group, functions' network | TestPlacement | vpc
AMI | launch template | TestPlaceholders | defaults
OS | user data, host resource group, AMI's name | TestWindows | windows
ARCH | AMI's name | script/parity.txtar | macos
ASG_METRICS | group | TestGroupExtras | protected
ASG_MAX_INSTANCE_LIFETIME | group | TestGroupExtras | protected
ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON | mixed-instances policy | TestMixedInstances | requirements
ASG_CAPACITY_REBALANCE | group | TestGroupExtras | spot
ASG_NEW_INSTANCES_PROTECTED_FROM_SCALE_IN | group | TestGroupExtras | protected
MANAGED_POLICY_NAMES | instances' role | TestManagedPolicies | policies
VOLUME_NAME | encrypted volume | TestVolumeIsEncrypted | volume
VOLUME_TYPE | volume | TestVolumeIsEncrypted | volume
VOLUME_SIZE | volume | TestVolumeIsEncrypted | volume
VOLUME_IOPS | volume | TestVolumeIsEncrypted | volume
VOLUME_THROUGHPUT | volume | TestVolumeIsEncrypted | volume
TAGS | every resource that can bear them, instances, volumes | TestTagsAreOnEverything | tags
AZS | group | TestGroupExtras | zones
USE_PRE_SIGNED_URL | agent's configuration | TestManagedPolicies | policies
OVERPROVISION_STRATEGY | scaler's environment | TestParseOverprovision | overprovision
OVERPROVISION_FACTOR | scaler's environment | TestParseOverprovision | overprovision
USE_IPV6 | network interface, outbound rules, functions | TestIPv6IsOnTheInterface | ipv6
ALLOW_PUBLIC_SUBNET | functions' network | script/public_subnet.txtar | public-subnet
ON_DEMAND_BASE_CAPACITY | mixed-instances policy | TestMixedInstances | spot
ON_DEMAND_PERCENTAGE_ABOVE_BASE | mixed-instances policy | TestMixedInstances | spot
ON_DEMAND_ALLOCATION_STRATEGY | mixed-instances policy | TestMixedInstances | spot
SPOT_ALLOCATION_STRATEGY | mixed-instances policy | TestMixedInstances | spot
LICENSE_CONFIGURATION_ARN | launch template, host resource group | TestMacOS | macos
MAC_FAMILY | host resource group, overrides | TestMacOS | macos
MAC_DEDICATED_HOSTS | host resource group | TestMacOS | macos
AUTO_ALLOCATE_HOST | host resource group | TestMacOS | macos
AUTO_RELEASE_HOST | host resource group | TestMacOS | macos
`
	all := map[string]proof{}
	for line := range strings.Lines(strings.TrimSpace(table)) {
		cells := strings.Split(strings.TrimSpace(line), " | ")
		name := cells[0]
		if !strings.HasPrefix(name, "SEMAPHORE_") {
			name = "SEMAPHORE_AGENT_" + name
		}
		all[name] = proof{cells[1], cells[2], cells[3]}
	}
	return all
}
