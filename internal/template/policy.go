package template

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/iam"
)

type policyDocument struct {
	Version   string
	Statement []statement
}

// statement is one statement of an IAM policy. Its Sid says why it is there: JSON has no comments.
type statement struct {
	Sid       string
	Effect    string
	Principal any `json:",omitempty"`
	Action    []string
	Resource  []string       `json:",omitempty"`
	Condition map[string]any `json:",omitempty"`
}

func policy(statements ...statement) policyDocument {
	return policyDocument{Version: "2012-10-17", Statement: statements}
}

func allow(sid, resource string, actions ...string) statement {
	return statement{Sid: sid, Effect: "Allow", Action: actions, Resource: []string{resource}}
}

// describe is for actions that IAM knows no resource for; naming one would deny them.
func describe(actions ...string) statement {
	return allow("DescribeHasNoResourceLevel", "*", actions...)
}

// role has no name of its own, so that CAPABILITY_IAM suffices, and its policy inline, so that whoever assumes it
// never finds it without.
func role(service, description string, statements ...statement) json.Marshaler {
	return iam.Role{
		Description: new(description),
		AssumeRolePolicyDocument: policy(statement{
			Sid:       "Assume",
			Effect:    "Allow",
			Principal: map[string]string{"Service": service},
			Action:    []string{"sts:AssumeRole"},
		}),
		Policies: []iam.Role_Policy{{PolicyName: "semagent", PolicyDocument: policy(statements...)}},
	}
}

func parameterARN(name string) string {
	// Parameter Store leaves a leading slash out: /a/b is parameter/a/b.
	if len(name) > 0 && name[0] == '/' {
		name = name[1:]
	}
	return arn("ssm", "parameter/%s", name)
}

// groupARN names the group by reference. The identifier before its name is given by Auto Scaling.
func groupARN() string {
	return arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/${"+agentGroup+"}")
}

// decryptToken is nil for the AWS managed key, whose own policy lets Parameter Store's callers decrypt. A customer key
// may be used through Parameter Store only, and only for the token, whose ARN is the encryption context.
func (f fleet) decryptToken() []statement {
	if f.keyARN == "" {
		return nil
	}
	s := allow("DecryptToken", f.keyARN, "kms:Decrypt")
	s.Condition = map[string]any{"StringEquals": map[string]string{
		"kms:ViaService":                      sub("ssm.${AWS::Region}.${AWS::URLSuffix}"),
		"kms:EncryptionContext:PARAMETER_ARN": parameterARN(f.TokenParameter),
	}}
	return []statement{s}
}
