package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// grants flattens the inline policies of a role to "action resource", sorted, with intrinsics as "Fn::Sub:text".
func grants(t *testing.T, doc Document, role string) []string {
	t.Helper()
	var out []string
	for _, statement := range statements(t, doc, role) {
		for _, action := range at(t, statement, "Action").([]any) {
			for _, resource := range at(t, statement, "Resource").([]any) {
				out = append(out, fmt.Sprintf("%s %s", action, flat(resource)))
			}
		}
	}
	slices.Sort(out)
	return out
}

func statements(t *testing.T, doc Document, role string) []any {
	t.Helper()
	return property(t, doc, role, "Policies", 0, "PolicyDocument", "Statement").([]any)
}

func flat(v any) string {
	intrinsic, ok := v.(object)
	if !ok {
		return fmt.Sprint(v)
	}
	for name, argument := range intrinsic {
		return fmt.Sprintf("%s:%v", name, argument)
	}
	return ""
}

const here = "${AWS::Region}:${AWS::AccountId}"

func TestGrants(t *testing.T) {
	ssm := "Fn::Sub:arn:${AWS::Partition}:ssm:" + here + ":parameter/"
	group := "Fn::Sub:arn:${AWS::Partition}:autoscaling:" + here + ":autoScalingGroup:*:autoScalingGroupName/"
	doc := mustBuild(t, inputs(func(in *Inputs) {
		in.Config.TokenParameter = "/ci/token"
		in.Config.CacheBucket = "cache"
		in.TokenKMSKeyARN = testKey
	}))
	want := map[string][]string{
		"AgentRole": {
			"autoscaling:DescribeAutoScalingGroups *",
			"autoscaling:DescribeAutoScalingInstances *",
			"autoscaling:SetInstanceHealth " + group + "ci-agents-AgentGroup-*",
			"autoscaling:TerminateInstanceInAutoScalingGroup " + group + "ci-agents-AgentGroup-*",
			"kms:Decrypt " + testKey,
			"s3:AbortMultipartUpload Fn::Sub:arn:${AWS::Partition}:s3:::cache/*",
			"s3:DeleteObject Fn::Sub:arn:${AWS::Partition}:s3:::cache/*",
			"s3:GetObject Fn::Sub:arn:${AWS::Partition}:s3:::cache/*",
			"s3:ListBucket Fn::Sub:arn:${AWS::Partition}:s3:::cache",
			"s3:PutObject Fn::Sub:arn:${AWS::Partition}:s3:::cache/*",
			"ssm:GetParameter " + ssm + "ci-agents-config",
			"ssm:GetParameter " + ssm + "ci-agents-ssh-public-keys",
			"ssm:GetParameter " + ssm + "ci/token",
		},
		"ScalerRole": {
			"autoscaling:DescribeAutoScalingGroups *",
			"autoscaling:DescribeAutoScalingInstances *",
			"autoscaling:DescribeScalingActivities *",
			"autoscaling:SetDesiredCapacity " + group + "${AgentGroup}",
			"autoscaling:SuspendProcesses " + group + "${AgentGroup}",
			"kms:Decrypt " + testKey,
			"logs:CreateLogStream Fn::GetAtt:[ScalerLogGroup Arn]",
			"logs:PutLogEvents Fn::GetAtt:[ScalerLogGroup Arn]",
			"ssm:GetParameter " + ssm + "ci/token",
		},
		"MaintenanceRole": {
			"autoscaling:DescribeAutoScalingGroups *",
			"autoscaling:SuspendProcesses " + group + "${AgentGroup}",
			"logs:CreateLogStream Fn::GetAtt:[MaintenanceLogGroup Arn]",
			"logs:PutLogEvents Fn::GetAtt:[MaintenanceLogGroup Arn]",
			"ssm:GetParameter " + ssm + "ci-agents-ssh-public-keys",
			"ssm:PutParameter " + ssm + "ci-agents-ssh-public-keys",
		},
	}
	for role, grantsOfRole := range want {
		if diff := cmp.Diff(grantsOfRole, grants(t, doc, role)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", role, diff)
		}
	}
}

// It holds for every role of every case, also for one that a later change adds.
func TestNoStatementIsWiderThanItMust(t *testing.T) {
	withoutResourceLevel := []string{
		"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeScalingActivities",
		// Lambda asks for these on all resources; TestFunctionsInVPC holds that the code cannot use them.
		"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses",
	}
	for name, in := range goldenCases() {
		doc := mustBuild(t, in)
		for id, resource := range resources(t, doc) {
			if at(t, resource, "Type") != "AWS::IAM::Role" {
				continue
			}
			for _, grant := range grants(t, doc, id) {
				action, resource, _ := strings.Cut(grant, " ")
				if strings.Contains(action, "*") {
					t.Errorf("%s: %s allows %s", name, id, action)
				}
				if resource == "*" && !slices.Contains(withoutResourceLevel, action) {
					t.Errorf("%s: %s allows %s on every resource", name, id, action)
				}
			}
		}
	}
}

func TestCustomerKeyOnlyForTheToken(t *testing.T) {
	doc := mustBuild(t, inputs(func(in *Inputs) { in.TokenKMSKeyARN, in.Config.TokenParameter = testKey, "/ci/token" }))
	want := object{"StringEquals": object{
		"kms:ViaService": object{"Fn::Sub": "ssm.${AWS::Region}.${AWS::URLSuffix}"},
		"kms:EncryptionContext:PARAMETER_ARN": object{
			"Fn::Sub": "arn:${AWS::Partition}:ssm:" + here + ":parameter/ci/token",
		},
	}}
	for _, role := range []string{"AgentRole", "ScalerRole"} {
		found := 0
		for _, statement := range statements(t, doc, role) {
			if !slices.Contains(at(t, statement, "Action").([]any), any("kms:Decrypt")) {
				continue
			}
			found++
			if diff := cmp.Diff(any(want), at(t, statement, "Condition")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", role, diff)
			}
		}
		if found != 1 {
			t.Errorf("%s has %d statements for the key, want 1", role, found)
		}
	}
	if strings.Contains(string(mustBuild(t, inputs(nil)).JSON), "kms:") {
		t.Error("the AWS managed key needs no permission, and there is one")
	}
}

func TestKeyThatNeedsNoLookup(t *testing.T) {
	const id = "1234abcd-12ab-34cd-56ef-1234567890ab"
	tests := map[string]struct{ setting, want string }{
		"id":  {id, "kms:Decrypt Fn::Sub:arn:${AWS::Partition}:kms:" + here + ":key/" + id},
		"ARN": {testKey, "kms:Decrypt " + testKey},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, inputs(func(in *Inputs) { in.Config.TokenKMSKey = tt.setting }))
			for _, role := range []string{"AgentRole", "ScalerRole"} {
				if !slices.Contains(grants(t, doc, role), tt.want) {
					t.Errorf("%s does not allow %s", role, tt.want)
				}
			}
		})
	}
}

// CAPABILITY_IAM is all that a deployment asks for, so no IAM resource may have a name; and what may be replaced
// must not have one, or the new resource meets the old one.
func TestFixedNames(t *testing.T) {
	nameOf := map[string]string{
		"AWS::AutoScaling::AutoScalingGroup": "AutoScalingGroupName", "AWS::EC2::LaunchTemplate": "LaunchTemplateName",
		"AWS::EC2::SecurityGroup": "GroupName", "AWS::Events::Rule": "Name", "AWS::IAM::InstanceProfile": "InstanceProfileName",
		"AWS::IAM::Role": "RoleName", "AWS::Lambda::Function": "FunctionName", "AWS::Logs::LogGroup": "LogGroupName",
		"AWS::SSM::Parameter": "Name",
	}
	got := map[string]string{}
	for id, resource := range resources(t, mustBuild(t, inputs(nil))) {
		properties := at(t, resource, "Properties").(object)
		if name, ok := properties[nameOf[at(t, resource, "Type").(string)]]; ok {
			got[id] = name.(string)
		}
	}
	want := map[string]string{
		"AgentConfigParameter": "ci-agents-config",
		"KnownHostsParameter":  "ci-agents-ssh-public-keys",
		"MaintenanceLogGroup":  "/aws/lambda/ci-agents-maintenance",
		"ScalerLogGroup":       "/aws/lambda/ci-agents-scaler",
	}
	if !maps.Equal(got, want) {
		t.Errorf("fixed names (-want +got):\n%s", cmp.Diff(want, got))
	}
}
