package template

import (
	"encoding/json"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/policies"
)

const (
	agentSecurityGroup  = "AgentSecurityGroup"
	agentLaunchTemplate = "AgentLaunchTemplate"
	agentGroup          = "AgentGroup"
)

// securityGroup has no fixed name: its description and VPC are create-only, and two groups of one name cannot stand
// in a VPC while one replaces the other. Without a VpcId it belongs to the default VPC.
func (f fleet) securityGroup() json.Marshaler {
	group := ec2.SecurityGroup{GroupDescription: "Semaphore agents of " + f.StackName, Tags: f.tags()}
	if f.VPCID != "" {
		group.VpcId = new(f.VPCID)
		// EC2 adds this rule itself where none is given. It may stand only beside a VpcId.
		group.SecurityGroupEgress = f.allOutbound()
	}
	if f.KeyName != "" && !f.IsWindows() { // Windows instances are reached through Systems Manager
		group.SecurityGroupIngress = []ec2.SecurityGroup_Ingress{{
			IpProtocol: "tcp", FromPort: new(22), ToPort: new(22),
			CidrIp: new("0.0.0.0/0"), Description: new("SSH with the key pair of the fleet"),
		}}
	}
	return group
}

// launchTemplate has no fixed name, so that nothing about it can ever be in the way of a replacement.
func (f fleet) launchTemplate() json.Marshaler {
	data := &ec2.LaunchTemplate_LaunchTemplateData{
		ImageId:            new(f.imageID),
		InstanceType:       new(f.InstanceType),
		IamInstanceProfile: &ec2.LaunchTemplate_IamInstanceProfile{Arn: new(getAtt(agentInstanceProfile, "Arn"))},
		UserData:           new(f.userData()),
		// An agent retires its machine by powering off, if all else fails; a stopped instance would still cost.
		InstanceInitiatedShutdownBehavior: new("terminate"),
		MetadataOptions: &ec2.LaunchTemplate_MetadataOptions{
			HttpTokens: new("required"),
			// Jobs in containers are one hop away, and the cache CLI takes its credentials from the metadata service.
			HttpPutResponseHopLimit: new(2),
		},
		TagSpecifications: []ec2.LaunchTemplate_TagSpecification{
			{ResourceType: new("instance"), Tags: f.tags()},
			{ResourceType: new("volume"), Tags: f.tags()},
		},
		BlockDeviceMappings: f.blockDevices(),
	}
	f.connect(data)
	f.placeOnHosts(data)
	if f.KeyName != "" {
		data.KeyName = new(f.KeyName)
	}
	return ec2.LaunchTemplate{LaunchTemplateData: data}
}

func (f fleet) securityGroupID() string {
	if f.SecurityGroupID != "" {
		return f.SecurityGroupID
	}
	return getAtt(agentSecurityGroup, "GroupId")
}

// group has no fixed name: an Auto Scaling group's name is create-only, and some changes replace the group.
//
// It has no update policy for its instances. Agents retire by themselves, so a changed launch template reaches the fleet
// without a running job being stopped.
func (f fleet) group() json.Marshaler {
	group := autoscaling.AutoScalingGroup{
		MinSize:         strconv.Itoa(f.MinSize),
		MaxSize:         strconv.Itoa(f.MaxSize),
		DesiredCapacity: new(strconv.Itoa(f.desired)),
		HealthCheckType: new("EC2"),
		// SetInstanceHealth has no effect within the grace period, and start.sh calls it once, when a boot fails.
		HealthCheckGracePeriod: new(0),
		MixedInstancesPolicy:   f.instancesPolicy(),
		// False is written out, so that turning one off again shows in the change set.
		CapacityRebalance:                new(f.CapacityRebalance),
		NewInstancesProtectedFromScaleIn: new(f.ProtectNewInstances),
		MetricsCollection:                f.metrics(),
		AvailabilityZones:                f.Zones,
		VPCZoneIdentifier:                f.Subnets,
		Tags:                             f.groupTags(),
		// Without it, any update would set the live desired capacity back to the template's.
		AWSCloudFormationUpdatePolicy: &policies.UpdatePolicy{
			AutoScalingScheduledAction: &policies.AutoScalingScheduledAction{IgnoreUnmodifiedGroupSizeProperties: true},
		},
		// An instance may boot as soon as there is a group, and reads both at once.
		AWSCloudFormationDependsOn: []string{agentConfigParameter, knownHostsParameter},
	}
	if f.MaxInstanceLifetime > 0 {
		group.MaxInstanceLifetime = new(f.MaxInstanceLifetime)
	}
	return overlaid{group, f.groupOverlay()}
}
