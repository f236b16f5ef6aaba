package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/deploy"
)

// TestRemedies: each kind of cause, in AWS's own words, gets the hint that is for it.
func TestRemedies(t *testing.T) {
	const (
		group    = "AWS::AutoScaling::AutoScalingGroup"
		template = "AWS::EC2::LaunchTemplate"
		function = "AWS::Lambda::Function"
	)
	for name, tc := range map[string]struct {
		resourceType, reason string
		want                 []string
	}{
		"AMI not found": {
			template, "The image id '[ami-0abc]' does not exist (Service: Ec2, Status Code: 400)",
			[]string{"the AMI does not exist in this region", "SEMAPHORE_AGENT_AMI"},
		},
		"AMI of another architecture": {
			group, "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.",
			[]string{"the instance type is of arm64 and the AMI of x86_64", "SEMAPHORE_AGENT_INSTANCE_TYPE"},
		},
		"type not offered in the zone": {
			group, "Your requested instance type (t3.micro) is not supported in your requested Availability Zone (us-east-1e). Please retry your request by not specifying an Availability Zone.",
			[]string{"SEMAPHORE_AGENT_SUBNETS", "--filters Name=instance-type,Values=t3.micro"},
		},
		"no capacity": {
			group, "We currently do not have sufficient m5.large capacity in the Availability Zone you requested (us-east-1a).", []string{"try again later"},
		},
		"vCPU quota": {
			group, "You have requested more vCPU capacity than your current vCPU limit of 16 allows for the instance bucket that the specified instance type belongs to.",
			[]string{"SEMAPHORE_AGENT_ASG_MAX_SIZE", "--quota-code L-1216C47A"},
		},
		"spot quota":       {group, "Max spot instance count exceeded. Launching EC2 instance failed.", []string{"--quota-code L-34B43A08"}},
		"key pair missing": {group, "The key pair 'ops' does not exist. Launching EC2 instance failed.", []string{"SEMAPHORE_AGENT_KEY_NAME"}},
		"KMS key disabled": {
			function, "Lambda was unable to decrypt the environment variables because the KMS key used is disabled. KMS Exception: DisabledException",
			[]string{"aws kms enable-key"},
		},
		"KMS access": {
			group, "Instance launch failed: the KMS key provided is not accessible", []string{"the key's policy"},
		},
		"IAM permission": {
			"AWS::IAM::Role", `User: arn:aws:iam::123456789012:user/u is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::123456789012:role/ci because no identity-based policy allows the iam:CreateRole action`,
			[]string{"allow iam:CreateRole on arn:aws:iam::123456789012:role/ci to the credentials that CloudFormation uses"},
		},
		"IAM permission without a resource": {
			"AWS::EC2::SecurityGroup", "API: ec2:CreateSecurityGroup You are not authorized to perform this operation.", []string{"allow ec2:CreateSecurityGroup to"},
		},
		"denied by the organization": {
			"AWS::IAM::Role", "User: u is not authorized to perform: iam:CreateRole on resource: r with an explicit deny in a service control policy", []string{"your AWS organization"},
		},
		"hook":           {"AWS::S3::Bucket", "The following hook(s) failed: [Acme::Security::Hook]", []string{"a CloudFormation hook"}},
		"bucket missing": {function, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist", []string{"semagent bootstrap"}},
		"code missing":   {function, "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.", []string{"semagent deploy"}},
		"name taken": {
			"AWS::SSM::Parameter", `ci-config already exists in stack arn:aws:cloudformation:us-east-1:123456789012:stack/other/1`, []string{"--stack-name"},
		},
		"security group in use": {
			"AWS::EC2::SecurityGroup", "resource sg-1 has a dependent object (Service: Ec2, Status Code: 400)", []string{"Values=physical-1"},
		},
		"Lambda architecture":       {function, "Architecture arm64 is not supported in this region", []string{"--region"}},
		"Lambda code storage":       {function, "Code storage limit exceeded. (Service: Lambda, Status Code: 400)", []string{"L-2ACBD22F"}},
		"Lambda concurrency":        {function, "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value", []string{"get-account-settings"}},
		"instance profile too new":  {group, "Invalid IAM Instance Profile name", []string{"deploy again"}},
		"another quota":             {"AWS::Logs::LogGroup", "Resource limit exceeded. (Service: CloudWatchLogs) LimitExceededException", []string{"service-quotas"}},
		"nothing is known about it": {group, "Something else went wrong", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cause := &deploy.Event{LogicalID: "A", Type: tc.resourceType, PhysicalID: "physical-1", StatusReason: tc.reason}
			got := (&app{}).remedyFor(&deploy.StackError{Cause: cause})
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("hint %q lacks %q", got, want)
				}
			}
			if (got == "") != (tc.want == nil) || strings.Contains(got, "$") {
				t.Errorf("hint %q", got)
			}
		})
	}
}

// TestRemedyOfActivities: the group knows what CloudFormation does not.
func TestRemedyOfActivities(t *testing.T) {
	failed := &deploy.StackError{Cause: &deploy.Event{Type: "AWS::AutoScaling::AutoScalingGroup", StatusReason: "Group did not stabilize."}}
	err := error(&groupError{StackError: failed, group: "g", reasons: []string{"The key pair 'ops' does not exist."}})
	if got := (&app{}).remedyFor(err); !strings.Contains(got, "SEMAPHORE_AGENT_KEY_NAME") {
		t.Errorf("hint %q", got)
	}
	if !strings.Contains(err.Error(), "scaling activities of g:\n- The key pair") {
		t.Errorf("error %q", err)
	}
	if (&app{}).remedyFor(errors.New("other")) != "" || (&app{}).remedyFor(&deploy.StackError{}) != "" {
		t.Error("a remedy for what has no cause")
	}
}
