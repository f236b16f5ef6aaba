package render_test

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/deploy"
)

const (
	stackARN = "arn:aws:cloudformation:eu-west-1:123456789012:stack/fleet/6f0c2d10-8a31-11f0-9d5e-0a1b2c3d4e5f"
	setARN   = "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/semagent-20260302-101500-4f2a/2b7e1516-28ae-d2a6"
	unknown  = "{{changeSet:KNOWN_AFTER_APPLY}}"
)

func changeSet(changes ...deploy.Change) *deploy.ChangeSet {
	return &deploy.ChangeSet{
		ID: setARN, Name: "semagent-20260302-101500-4f2a", StackID: stackARN, StackName: "fleet",
		Created: time.Date(2026, 3, 2, 10, 15, 0, 0, time.UTC), Changes: changes,
	}
}

func modified(id, kind, physical string, properties ...deploy.PropertyChange) deploy.Change {
	return deploy.Change{
		Action: deploy.Modify, LogicalID: id, PhysicalID: physical, Type: kind,
		Replacement: deploy.ReplaceNever, Properties: properties,
	}
}

func edited(path, before, after string) deploy.PropertyChange {
	return deploy.PropertyChange{Path: path, Action: deploy.Modify, Before: before, After: after, Replacement: deploy.ReplaceNever}
}

func added(id, kind string, properties map[string]any) deploy.Change {
	return deploy.Change{
		Action: deploy.Add, LogicalID: id, Type: kind, Replacement: deploy.ReplaceNever,
		After: map[string]any{"Properties": properties},
	}
}

func base64Of(lines ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(lines, "\n") + "\n"))
}

func createFixture() *deploy.ChangeSet {
	cs := changeSet(
		added("AgentConfigParameter", "AWS::SSM::Parameter", map[string]any{
			"Name": "fleet-config", "Type": "String", "Value": `{"endpoint":"acme.semaphoreci.com"}`,
		}),
		added("AgentGroup", "AWS::AutoScaling::AutoScalingGroup", map[string]any{
			"MinSize": "0", "MaxSize": "1", "NewInstancesProtectedFromScaleIn": false,
			"Tags": []any{map[string]any{"Key": "application", "Value": "semaphore-agent", "PropagateAtLaunch": true}},
		}),
		added("AgentRole", "AWS::IAM::Role", map[string]any{
			"Description": "what an\nagent may do", "UserData": base64Of("#!/bin/bash", "echo hello"), "ManagedPolicyArns": []any{"a", unknown},
		}),
	)
	cs.NewStack = true
	cs.Outputs = []deploy.PropertyChange{
		{Path: "/Outputs/GroupName", Action: deploy.Add, After: `{"Value":{"Ref":"AgentGroup"},"Description":"the Auto Scaling group"}`},
		{Path: "/Outputs/RoleArn", Action: deploy.Add, After: `{"Value":{"Fn::GetAtt":["AgentRole","Arn"]}}`},
	}
	cs.Tags = []deploy.PropertyChange{{Path: "semagent:managed", Action: deploy.Add, After: "true"}}
	return cs
}

func updateFixture() *deploy.ChangeSet {
	incomplete := modified("ScalerSchedule", "AWS::Events::Rule", "fleet-ScalerSchedule-9ZX")
	incomplete.Incomplete = true
	incomplete.Properties = []deploy.PropertyChange{{Path: "/Properties/Targets", Action: deploy.Modify, Cause: "ScalerFunction.Arn", Replacement: deploy.ReplaceNever}}
	return changeSet(
		modified(
			"AgentGroup", "AWS::AutoScaling::AutoScalingGroup", "fleet-AgentGroup-1ABC",
			edited("/Properties/MaxSize", "1", "20"),
			edited("/Properties/Tags/0/Value", "", "blue"),
			deploy.PropertyChange{Path: "/Properties/HealthCheckType", Action: deploy.Add, After: "EC2"},
			deploy.PropertyChange{Path: "/Properties/Cooldown", Action: deploy.Remove, Before: "300"},
			edited("/Metadata/a~1b", "1", "2"),
		),
		modified(
			"AgentInstanceProfile", "AWS::IAM::InstanceProfile", "fleet-AgentInstanceProfile-2DEF",
			deploy.PropertyChange{Path: "/Properties/Roles/0", Action: deploy.Modify, Before: "fleet-role", After: unknown, Dynamic: true, Cause: "AgentRole"},
		),
		modified(
			"ScalerFunction", "AWS::Lambda::Function", "fleet-ScalerFunction-3GHI",
			edited("/Properties/Code/S3Key", "scaler/"+strings.Repeat("0a", 32)+".zip", "scaler/"+strings.Repeat("f1", 32)+".zip"),
			edited("/Properties/Environment/Variables/AWS_HOSTS", strings.Repeat("host.example.com,", 10)+"old"+strings.Repeat(",host.example.com", 5), strings.Repeat("host.example.com,", 10)+"new"+strings.Repeat(",host.example.com", 5)),
			deploy.PropertyChange{Path: "/Properties/Description", Action: deploy.Add, After: strings.Repeat("long ", 25)},
		),
		incomplete,
	)
}

func replaceFixture() *deploy.ChangeSet {
	topic := modified(
		"Topic", "AWS::SNS::Topic", "arn:aws:sns:eu-west-1:123456789012:old",
		edited("/Properties/DisplayName", "value", "new_value"),
		deploy.PropertyChange{Path: "/Properties/TopicName", Action: deploy.Modify, Before: "old", After: "new", Replacement: deploy.ReplaceWill},
	)
	topic.Replacement, topic.PolicyAction = deploy.ReplaceWill, "ReplaceAndDelete"
	kept := modified(
		"Bucket", "AWS::S3::Bucket", "fleet-bucket",
		deploy.PropertyChange{Path: "/Properties/BucketName", Action: deploy.Modify, Before: "fleet-bucket", After: unknown, Dynamic: true, Cause: "Topic.TopicName", Replacement: deploy.ReplaceWill},
	)
	kept.Replacement, kept.PolicyAction = deploy.ReplaceWill, "ReplaceAndRetain"
	follower := modified(
		"Subscription", "AWS::SNS::Subscription", "arn:aws:sns:eu-west-1:123456789012:old:1",
		deploy.PropertyChange{Path: "/Properties/TopicArn", Action: deploy.Modify, Before: "arn:old", After: unknown, Dynamic: true, Replacement: deploy.ReplaceMay},
		deploy.PropertyChange{Path: "/Properties/TopicArn", Action: deploy.Modify, Before: "arn:old", After: unknown, Dynamic: true, Replacement: deploy.ReplaceMay, Cause: "Topic"},
	)
	follower.Replacement = deploy.ReplaceMay
	conditional := modified(
		"Volume", "AWS::EC2::Volume", "vol-1",
		deploy.PropertyChange{Path: "/Properties/Size", Action: deploy.Modify, Before: "8", After: "4", Replacement: deploy.ReplaceMay},
	)
	conditional.Replacement = deploy.ReplaceMay
	undecided := deploy.Change{Action: deploy.Dynamic, LogicalID: "Nested", Type: "AWS::CloudFormation::Stack", PhysicalID: "arn:nested"}
	return changeSet(kept, undecided, follower, topic, conditional)
}

func removeFixture() *deploy.ChangeSet {
	remove := func(id, kind, physical, policy string) deploy.Change {
		return deploy.Change{
			Action: deploy.Remove, LogicalID: id, Type: kind, PhysicalID: physical, PolicyAction: policy,
			Before: map[string]any{"Properties": map[string]any{"Name": physical}},
		}
	}
	imported := added("Imported", "AWS::SSM::Parameter", nil)
	imported.Action, imported.PhysicalID = deploy.Import, "fleet-imported"
	return changeSet(
		imported,
		remove("Disk", "AWS::EC2::Volume", "vol-1", "Snapshot"),
		remove("Key", "AWS::KMS::Key", "1234abcd", "Retain"),
		remove("ScalerFunction", "AWS::Lambda::Function", "fleet-ScalerFunction-3GHI", "Delete"),
		remove("ScalerSchedule", "AWS::Events::Rule", "fleet-ScalerSchedule-9ZX", ""),
	)
}

func structuredFixture() *deploy.ChangeSet {
	return changeSet(
		modified(
			"AgentConfigParameter", "AWS::SSM::Parameter", "fleet-config",
			edited("/Properties/Value",
				`{"endpoint":"acme.semaphoreci.com","disconnectAfterJob":true,"disconnectAfterIdleTimeout":300,"envVars":["A=1","B=2"],"agentTokenParameterName":"token"}`,
				`{"agentTokenParameterName":"token","disconnectAfterIdleTimeout":600,"disconnectAfterJob":false,"endpoint":"acme.semaphoreci.com","envVars":["Z=0","A=1","B=3"],"sshKeysParameterName":"fleet-keys"}`),
		),
		modified(
			"AgentLaunchTemplate", "AWS::EC2::LaunchTemplate", "lt-0123",
			edited("/Properties/LaunchTemplateData/UserData",
				base64Of("#!/bin/bash", "set -e", "/opt/semaphore/agent/start.sh fleet-config", "echo one", "echo two", "echo end"),
				base64Of("#!/bin/bash", "set -eu", "/opt/semaphore/agent/start.sh fleet-config", "echo one", "echo end", "poweroff")),
		),
		modified(
			"AgentRole", "AWS::IAM::Role", "fleet-AgentRole-4JKL",
			edited("/Properties/Policies/0/PolicyDocument",
				`{"Version":"2012-10-17","Statement":[{"Sid":"Config","Effect":"Allow","Action":["ssm:GetParameter"],"Resource":"arn:aws:ssm:eu-west-1:123456789012:parameter/fleet-config"},{"Sid":"Old","Effect":"Allow","Action":"sts:*","Resource":"*"}]}`,
				`{"Version":"2012-10-17","Statement":[{"Sid":"Bucket","Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"arn:aws:s3:::cache/*"},{"Sid":"Config","Effect":"Allow","Action":["ssm:GetParameter","ssm:GetParameters"],"Resource":"arn:aws:ssm:eu-west-1:123456789012:parameter/fleet-config"}]}`),
			edited("/Properties/Tags", `[{"Key":"team","Value":"ci"},{"Key":"env","Value":"prod"}]`, `[{"Key":"env","Value":"prod"},{"Key":"team","Value":"platform"}]`),
		),
		modified(
			"KnownHostsParameter", "AWS::SSM::Parameter", "fleet-ssh-public-keys",
			edited("/Properties/Value", "github.com ssh-ed25519 AAAA\ngitlab.com ssh-rsa BBBB\n", "github.com ssh-ed25519 CCCC\ngitlab.com ssh-rsa BBBB\n"),
			edited("/Properties/Description", `{"a": [1, 2]}`, `{"a":[1,2]}`),
		),
	)
}

func outputsFixture() *deploy.ChangeSet {
	cs := changeSet()
	cs.Outputs = []deploy.PropertyChange{
		edited("/Outputs/GroupName/Value", `{"Ref":"AgentGroup"}`, `{"Fn::Sub":"${AgentGroup}-x"}`),
		edited("/Outputs/GroupName/Description", "old", "new"),
		{Path: "/Outputs/Count", Action: deploy.Add, After: `{"Value":3}`},
		{Path: "/Outputs/RoleArn", Action: deploy.Remove, Before: `{"Value":{"Fn::GetAtt":"AgentRole.Arn"}}`},
	}
	return cs
}

func tagsFixture() *deploy.ChangeSet {
	cs := changeSet()
	cs.Tags = []deploy.PropertyChange{
		edited("semagent:version", "1.0.0", "1.1.0"),
		{Path: "team/cost center", Action: deploy.Add, After: "42"},
		{Path: "owner", Action: deploy.Remove, Before: "me"},
	}
	return cs
}

// rareFixture has what CloudFormation reports seldom.
func rareFixture() *deploy.ChangeSet {
	snapshot := modified(
		"Disk", "AWS::EC2::Volume", "vol-1",
		deploy.PropertyChange{Path: "/Properties/Script", Action: deploy.Add, After: "one\ntwo"},
		deploy.PropertyChange{Path: "/Properties/Old", Action: deploy.Remove, Before: "three\nfour\x1b[2J"},
		deploy.PropertyChange{Path: "/Properties/Cut", Action: deploy.Modify, Before: "a\nb\n", After: ""},
		deploy.PropertyChange{Path: "/Properties/Later", Action: deploy.Modify, Before: "x", Dynamic: true},
		deploy.PropertyChange{Path: "/Properties/New", Action: deploy.Add, Dynamic: true},
		deploy.PropertyChange{Path: "/Properties/Shape", Action: deploy.Modify, Before: `{"a":"one\ntwo"}`, After: `{"a":[1]}`},
	)
	snapshot.Replacement, snapshot.PolicyAction = deploy.ReplaceWill, "ReplaceAndSnapshot"
	open := modified("Open", "AWS::EC2::Volume", "vol-2")
	open.Replacement = deploy.ReplaceMay
	late := modified("Late", "AWS::EC2::Volume", "vol-3",
		deploy.PropertyChange{Path: "/Properties/Zone", Action: deploy.Modify, Replacement: deploy.ReplaceMay, Dynamic: true},
		deploy.PropertyChange{Path: "/Properties/Zone", Action: deploy.Modify, Before: "a", After: unknown, Replacement: deploy.ReplaceMay},
	)
	late.Replacement = deploy.ReplaceMay
	cs := changeSet(snapshot, late, open)
	cs.StackID = "fleet"
	long := `{"Fn::Join":["",["` + strings.Repeat("x", 90) + `","`
	cs.Outputs = []deploy.PropertyChange{edited("/Outputs/Long/Value", long+`a"]]}`, long+`b"]]}`)}
	cs.Tags = []deploy.PropertyChange{edited("note", "one\ntwo", "one\nthree")}
	return cs
}

func driftFixture() *deploy.ChangeSet {
	group := modified("AgentGroup", "AWS::AutoScaling::AutoScalingGroup", "fleet-AgentGroup-1ABC", edited("/Properties/MaxSize", "50", "20"))
	group.Drift = "MODIFIED"
	schedule := added("ScalerSchedule", "AWS::Events::Rule", nil)
	schedule.Drift = "DELETED"
	role := modified("AgentRole", "AWS::IAM::Role", "fleet-AgentRole-4JKL", edited("/Properties/Description", "old", "new"))
	role.Action, role.Drift = deploy.Sync, "MODIFIED"
	cs := changeSet(group, role, schedule)
	cs.Drift, cs.Executable = "DRIFTED", "OBSOLETE"
	return cs
}

func widening() []deploy.Widening {
	return []deploy.Widening{
		{LogicalID: "AgentRole", Type: "AWS::IAM::Role", Kind: deploy.WideningIAM, Text: "allows s3:GetObject on arn:aws:s3:::cache/*"},
		{LogicalID: "AgentSecurityGroup", Type: "AWS::EC2::SecurityGroup", Kind: deploy.WideningNetwork, New: true, Text: "opens port 22\nto 0.0.0.0/0"},
	}
}
