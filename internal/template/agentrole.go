package template

import (
	"encoding/json"
	"strings"

	"github.com/awslabs/goformation/v7/cloudformation/iam"
)

const (
	agentRole            = "AgentRole"
	agentInstanceProfile = "AgentInstanceProfile"
)

func (f fleet) agentRole() json.Marshaler {
	boot := allow("ReadBootParameters", parameterARN(f.configName()), "ssm:GetParameter")
	boot.Resource = append(boot.Resource, parameterARN(f.knownHostsName()), parameterARN(f.TokenParameter))
	statements := []statement{
		boot,
		allow("RetireInstance", f.groupPatternARN(),
			"autoscaling:SetInstanceHealth", "autoscaling:TerminateInstanceInAutoScalingGroup"),
		describe("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances"),
	}
	statements = append(statements, f.decryptToken()...)
	statements = append(statements, f.useCache()...)
	own := role("ec2.amazonaws.com", "Instances of the Semaphore agents", statements...)
	if len(f.ManagedPolicies) == 0 {
		return own
	}
	return overlaid{own, map[string]any{"ManagedPolicyArns": f.managedPolicyARNs()}}
}

// managedPolicyARNs takes a name for a policy of this account; IAM is global, so its ARNs name no region.
func (f fleet) managedPolicyARNs() []string {
	arns := make([]string, len(f.ManagedPolicies))
	for i, policy := range f.ManagedPolicies {
		if strings.HasPrefix(policy, "arn:") {
			arns[i] = policy
			continue
		}
		arns[i] = sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/%s", policy)
	}
	return arns
}

// groupPatternARN matches the name that CloudFormation gives the group: stack, logical ID, random characters. The group
// needs this role, through profile and launch template, so the role cannot refer to the group.
func (f fleet) groupPatternARN() string {
	return arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/%s-"+agentGroup+"-*", f.StackName)
}

func (f fleet) useCache() []statement {
	if f.CacheBucket == "" {
		return nil
	}
	const bucket = "arn:${AWS::Partition}:s3:::%s"
	return []statement{
		allow("ListCache", sub(bucket, f.CacheBucket), "s3:ListBucket"),
		allow("UseCache", sub(bucket+"/*", f.CacheBucket),
			"s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
	}
}

func (f fleet) instanceProfile() json.Marshaler {
	return iam.InstanceProfile{Roles: []string{ref(agentRole)}}
}
