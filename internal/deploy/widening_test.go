package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWidenings(t *testing.T) {
	const role = `{"Properties":{"AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]},
		"ManagedPolicyArns":["arn:a"],"Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"*"}]}}]}}`
	for name, tc := range map[string]struct {
		kind          string
		action        Action
		newStack      bool
		before, after string
		properties    []PropertyChange
		want          []string
	}{
		"nothing widened": {kind: "AWS::IAM::Role", before: role, after: role},
		"an action, a principal and a managed policy more": {
			kind: "AWS::IAM::Role", before: role,
			after: `{"Properties":{"AssumeRolePolicyDocument":{"Statement":[{"Effect":"Allow","Principal":{"Service":["ec2.amazonaws.com","lambda.amazonaws.com"]},"Action":"sts:AssumeRole"}]},
				"ManagedPolicyArns":["arn:b","arn:a"],"Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],"Resource":"*"}]}}]}}`,
			want: []string{
				"iam: allows sts:AssumeRole to lambda.amazonaws.com",
				"iam: allows s3:PutObject, s3:DeleteObject on *",
				"iam: ManagedPolicyArns gains arn:b",
			},
		},
		"a statement moved to another policy": {
			kind:   "AWS::IAM::Role",
			before: `{"Properties":{"Policies":[{"PolicyName":"p","PolicyDocument":{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}}]}}`,
			after:  `{"Properties":{"Policies":[{"PolicyName":"x","PolicyDocument":{"Statement":[]}},{"PolicyName":"q","PolicyDocument":{"Statement":[{"Effect":"Allow","Action":["a:B"],"Resource":["*"]}]}}]}}`,
		},
		"a condition dropped": {
			kind:   "AWS::IAM::ManagedPolicy",
			before: `{"Properties":{"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"aws:Mfa":"true"}}}}}}`,
			after:  `{"Properties":{"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}}}`,
			want:   []string{"iam: allows a:B on *"},
		},
		"a condition added": {
			kind:   "AWS::IAM::ManagedPolicy",
			before: `{"Properties":{"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*"}}}}`,
			after:  `{"Properties":{"PolicyDocument":{"Statement":{"Effect":"Allow","Action":"a:B","Resource":"*","Condition":{"Bool":{"aws:Mfa":"true"}}}}}}`,
			want:   []string{`iam: allows a:B on * if {"Bool":{"aws:Mfa":"true"}}`},
		},
		"a denial lifted by removing its resource": {
			kind: "AWS::S3::BucketPolicy", action: Remove,
			before: `{"Properties":{"PolicyDocument":{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:b","Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}}}`,
			want:   []string{`iam: no longer denies s3:* on arn:b to * if {"Bool":{"aws:SecureTransport":"false"}}`},
		},
		"a permission removed": {
			kind: "AWS::IAM::Policy", action: Remove,
			before: `{"Properties":{"PolicyDocument":{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}}}`,
		},
		"negations": {
			kind: "AWS::IAM::Policy", action: Add,
			after: `{"Properties":{"PolicyDocument":{"Statement":[{"Effect":"Allow","NotAction":["iam:*","sts:*"],"NotResource":"arn:x","NotPrincipal":{"AWS":"arn:y"}}]},"Roles":["r"]}}`,
			want:  []string{"iam: allows everything but iam:*, sts:* on everything but arn:x to everyone but arn:y (new)", "iam: Roles gains r (new)"},
		},
		"a policy in a string, in a type nobody listed": {
			kind: "AWS::Logs::ResourcePolicy", action: Add,
			after: `{"Properties":{"PolicyDocument":"{\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"es.amazonaws.com\"},\"Action\":\"logs:Put*\",\"Resource\":\"*\"}]}"}}`,
			want:  []string{"iam: allows logs:Put* on * to es.amazonaws.com (new)"},
		},
		"a key's policy": {
			kind:   "AWS::KMS::Key",
			before: `{"Properties":{"KeyPolicy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:root"},"Action":"kms:*","Resource":"*"}]}}}`,
			after:  `{"Properties":{"KeyPolicy":{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:root","arn:other"]},"Action":"kms:*","Resource":"*"}]}}}`,
			want:   []string{"iam: allows kms:* on * to arn:other"},
		},
		"a permissions boundary dropped": {
			kind:   "AWS::IAM::Role",
			before: `{"Properties":{"PermissionsBoundary":"arn:limit"}}`, after: `{"Properties":{"RoleName":"r"}}`,
			want: []string{"iam: permissions boundary arn:limit is no longer in force"},
		},
		"a function's permission": {
			kind: "AWS::Lambda::Permission", action: Add,
			after: `{"Properties":{"Action":"lambda:InvokeFunction","FunctionName":"f","Principal":"events.amazonaws.com","SourceArn":"arn:rule"}}`,
			want:  []string{"iam: allows lambda:InvokeFunction on f to events.amazonaws.com for arn:rule (new)"},
		},
		"a port more": {
			kind:   "AWS::EC2::SecurityGroup",
			before: `{"Properties":{"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIp":"10.0.0.0/8","Description":"old"}]}}`,
			after: `{"Properties":{"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIp":"0.0.0.0/0"},
				{"IpProtocol":"tcp","FromPort":443,"ToPort":443,"CidrIp":"10.0.0.0/8","Description":"new words"}]}}`,
			want: []string{"network: everyone (0.0.0.0/0) may reach tcp port 22"},
		},
		"a port closed": {
			kind:   "AWS::EC2::SecurityGroup",
			before: `{"Properties":{"SecurityGroupIngress":[{"IpProtocol":"tcp","FromPort":22,"ToPort":22,"CidrIp":"0.0.0.0/0"}]}}`,
			after:  `{"Properties":{"GroupDescription":"closed"}}`,
		},
		"a rule of its own": {
			kind: "AWS::EC2::SecurityGroupIngress", action: Add,
			after: `{"Properties":{"IpProtocol":"-1","SourceSecurityGroupId":"sg-1","GroupId":"sg-2"}}`,
			want:  []string{"network: sg-1 may reach all ports (new)"},
		},
		"a rule of its own removed": {
			kind: "AWS::EC2::SecurityGroupIngress", action: Remove,
			before: `{"Properties":{"IpProtocol":"-1","SourceSecurityGroupId":"sg-1","GroupId":"sg-2"}}`,
		},
		"nothing is told of a role": {kind: "AWS::IAM::Role", want: []string{"iam: changes; CloudFormation does not tell how"}},
		"nothing is told of a new group": {
			kind: "AWS::EC2::SecurityGroup", action: Add, want: []string{"network: changes; CloudFormation does not tell how (new)"},
		},
		"nothing is told but the property": {
			kind: "AWS::KMS::Key", properties: []PropertyChange{{Path: "/Properties/KeyPolicy"}}, want: []string{"iam: changes; CloudFormation does not tell how"},
		},
		"nothing is told of a topic":          {kind: "AWS::SNS::Topic", properties: []PropertyChange{{Path: "/Properties/DisplayName"}}},
		"nothing is told of a role that goes": {kind: "AWS::IAM::Role", action: Remove},
		"a new stack, briefly": {
			kind: "AWS::IAM::Role", action: Add, newStack: true,
			after: `{"Properties":{"ManagedPolicyArns":["a","b","c","d","e"]}}`,
			want:  []string{"iam: ManagedPolicyArns gains a; ManagedPolicyArns gains b; ManagedPolicyArns gains c; and 2 more (new)"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := Change{LogicalID: "R", Type: tc.kind, Action: tc.action, Properties: tc.properties, Replacement: ReplaceNever}
			if c.Action == "" {
				c.Action = Modify
			}
			c.Before, c.After = contextOf(&tc.before), contextOf(&tc.after)
			cs := &ChangeSet{NewStack: tc.newStack, Changes: []Change{c}}
			var got []string
			for _, w := range cs.Widenings() {
				text := string(w.Kind) + ": " + w.Text
				if w.New {
					text += " (new)"
				}
				got = append(got, text)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if want := len(tc.want) > 0 || c.Action == Remove; cs.NeedsApproval() != want {
				t.Errorf("needs approval: %t, want %t", !want, want)
			}
		})
	}
}

func TestNeedsApproval(t *testing.T) {
	for name, tc := range map[string]struct {
		change Change
		want   bool
	}{
		"in place":            {Change{Action: Modify, Replacement: ReplaceNever}, false},
		"added":               {Change{Action: Add, Replacement: ReplaceNever}, false},
		"may be replaced":     {Change{Action: Modify, Replacement: ReplaceMay}, true},
		"replaced":            {Change{Action: Modify, Replacement: ReplaceWill}, true},
		"removed":             {Change{Action: Remove, Replacement: ReplaceNever}, true},
		"known when it runs":  {Change{Action: Dynamic, Replacement: ReplaceNever}, true},
		"only recorded as is": {Change{Action: Sync, Replacement: ReplaceNever}, false},
	} {
		t.Run(name, func(t *testing.T) {
			tc.change.Type = "AWS::SNS::Topic"
			if got := (&ChangeSet{Changes: []Change{tc.change}}).NeedsApproval(); got != tc.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestRuleText(t *testing.T) {
	for name, tc := range map[string]struct {
		rule map[string]any
		want string
	}{
		"range":       {map[string]any{"IpProtocol": "udp", "FromPort": "1", "ToPort": "9", "CidrIp": "10.0.0.0/8"}, "10.0.0.0/8 may reach udp ports 1 to 9"},
		"all of tcp":  {map[string]any{"IpProtocol": "tcp", "FromPort": "0", "ToPort": "65535", "CidrIpv6": "::/0"}, "everyone (::/0) may reach all tcp ports"},
		"no ports":    {map[string]any{"IpProtocol": "tcp", "SourcePrefixListId": "pl-1"}, "pl-1 may reach all tcp ports"},
		"ping":        {map[string]any{"IpProtocol": "icmp", "FromPort": "-1", "ToPort": "-1", "SourceSecurityGroupName": "g"}, "g may reach ICMP"},
		"no source":   {map[string]any{"IpProtocol": "tcp", "FromPort": "22"}, "an unknown source may reach tcp port 22"},
		"all of them": {map[string]any{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}, "everyone (0.0.0.0/0) may reach all ports"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ruleText(tc.rule); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
