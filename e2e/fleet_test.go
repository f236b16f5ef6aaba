//go:build e2e

package e2e

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// group is the fleet's Auto Scaling group, the only one there is.
func (w *world) group() astypes.AutoScalingGroup {
	w.t.Helper()
	groups := must(w.groups.DescribeAutoScalingGroups(w.t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))(w.t).AutoScalingGroups
	if len(groups) != 1 {
		w.t.Fatalf("there are %d Auto Scaling groups, want 1", len(groups))
	}
	return groups[0]
}

// launch is what the group's launch template says, and the user data in it, decoded.
func (w *world) launch(g astypes.AutoScalingGroup) (data *ec2types.ResponseLaunchTemplateData, userData string) {
	w.t.Helper()
	of := g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification
	data = must(w.ec2.DescribeLaunchTemplateVersions(w.t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: of.LaunchTemplateId, Versions: []string{aws.ToString(of.Version)},
	}))(w.t).LaunchTemplateVersions[0].LaunchTemplateData
	return data, string(must(base64.StdEncoding.DecodeString(aws.ToString(data.UserData)))(w.t))
}

func (w *world) securityGroup(id string) ec2types.SecurityGroup {
	w.t.Helper()
	return must(w.ec2.DescribeSecurityGroups(w.t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}}))(w.t).SecurityGroups[0]
}

// bootConfig is what an instance reads at boot.
func (w *world) bootConfig() map[string]any {
	w.t.Helper()
	var config map[string]any
	if err := json.Unmarshal([]byte(w.parameter("ci-fleet-config")), &config); err != nil {
		w.t.Fatal(err)
	}
	return config
}

func (w *world) parameter(name string) string {
	w.t.Helper()
	return aws.ToString(must(w.ssm.GetParameter(w.t.Context(), &ssm.GetParameterInput{Name: &name}))(w.t).Parameter.Value)
}

// function is a Lambda function as GetFunction describes it.
type function struct {
	FunctionName, FunctionArn, Role, Runtime, Handler, CodeSha256 string

	MemorySize, Timeout int
	Environment         struct{ Variables map[string]string }
}

// functions are the account's functions by the task they were given.
func (w *world) functions() map[string]function {
	w.t.Helper()
	var list struct{ Functions []function }
	w.raw.lambda(w.t, "/functions/", &list)
	byTask := map[string]function{}
	for _, f := range list.Functions {
		byTask[f.Environment.Variables["SEMAGENT_TASK"]] = f
	}
	return byTask
}

// rule is a schedule with what it starts.
type rule struct {
	Arn, Name, ScheduleExpression, State string

	Targets []struct {
		Arn         string
		RetryPolicy struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds int }
	} `json:"-"`
}

// rules are the account's schedules by their expression.
func (w *world) rules() map[string]rule {
	w.t.Helper()
	var list struct{ Rules []rule }
	w.raw.events(w.t, "ListRules", struct{}{}, &list)
	byExpression := map[string]rule{}
	for _, r := range list.Rules {
		var targets struct {
			Targets []struct {
				Arn         string
				RetryPolicy struct{ MaximumRetryAttempts, MaximumEventAgeInSeconds int }
			}
		}
		w.raw.events(w.t, "ListTargetsByRule", map[string]string{"Rule": r.Name}, &targets)
		r.Targets = targets.Targets
		byExpression[r.ScheduleExpression] = r
	}
	return byExpression
}

// mayInvoke reports whether the function's own policy lets EventBridge start it for the rule.
func (w *world) mayInvoke(f function, r rule) bool {
	w.t.Helper()
	var policy struct{ Policy string }
	w.raw.lambda(w.t, "/functions/"+f.FunctionName+"/policy", &policy)
	return contains(policy.Policy, `"events.amazonaws.com"`, `"`+r.Arn+`"`, `"lambda:InvokeFunction"`)
}

// retention is the days that each log group keeps, by name.
func (w *world) retention() map[string]int32 {
	w.t.Helper()
	days := map[string]int32{}
	for _, g := range must(w.logs.DescribeLogGroups(w.t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{}))(w.t).LogGroups {
		days[aws.ToString(g.LogGroupName)] = aws.ToInt32(g.RetentionInDays)
	}
	return days
}

// grants are the resources that a role's inline policy allows each action on. moto gives the document of a role that
// CloudFormation made as Python prints it, with single quotes; there is none in a document of semagent's.
func (w *world) grants(role string) map[string][]string {
	w.t.Helper()
	var answer struct {
		Document string `xml:"GetRolePolicyResult>PolicyDocument"`
	}
	w.raw.iam(w.t, "GetRolePolicy", url.Values{"RoleName": {role}, "PolicyName": {"semagent"}}, &answer)
	document := must(url.PathUnescape(answer.Document))(w.t)
	var policy struct {
		Statement []struct {
			Effect           string
			Action, Resource []string
		}
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(document, "'", `"`)), &policy); err != nil {
		w.t.Fatalf("policy of %s: %v\n%s", role, err, document)
	}
	grants := map[string][]string{}
	for _, s := range policy.Statement {
		if s.Effect != "Allow" {
			w.t.Errorf("policy of %s has the effect %s", role, s.Effect)
		}
		for _, action := range s.Action {
			grants[action] = append(grants[action], s.Resource...)
		}
	}
	return grants
}

// roles are the names of the account's roles.
func (w *world) roles() []string {
	w.t.Helper()
	var answer struct {
		XMLName xml.Name
		Names   []string `xml:"ListRolesResult>Roles>member>RoleName"`
	}
	w.raw.iam(w.t, "ListRoles", nil, &answer)
	return answer.Names
}

// profileRole is the role in an instance profile.
func (w *world) profileRole(arn string) string {
	w.t.Helper()
	var answer struct {
		Role string `xml:"GetInstanceProfileResult>InstanceProfile>Roles>member>RoleName"`
	}
	name := arn[strings.LastIndex(arn, "/")+1:]
	w.raw.iam(w.t, "GetInstanceProfile", url.Values{"InstanceProfileName": {name}}, &answer)
	return answer.Role
}

// fillOutputs makes moto compute the stack's outputs. Unlike AWS, it does so only in CreateStack and UpdateStack, never for
// a change set that creates; without outputs, `semagent status` knows no group.
func (w *world) fillOutputs() {
	w.t.Helper()
	must(w.cfn.UpdateStack(w.t.Context(), &cloudformation.UpdateStackInput{
		StackName: aws.String("ci-fleet"), UsePreviousTemplate: aws.Bool(true),
	}))(w.t)
}
