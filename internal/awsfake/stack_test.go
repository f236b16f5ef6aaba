package awsfake_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

func trust(service string) object {
	return object{"Version": "2012-10-17", "Statement": []any{object{"Effect": "Allow", "Principal": object{"Service": service}, "Action": "sts:AssumeRole"}}}
}

func parameterOf(value string) object {
	return object{"Type": "AWS::SSM::Parameter", "Properties": object{"Name": "st-config", "Type": "String", "Value": value, "Tags": object{"team": "ci"}}}
}

func TestParameterOfATemplate(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	status, ids, reason := deploy(t, cfg, "st", object{"P": parameterOf("one")}, false)
	if status != "CREATE_COMPLETE" || ids["P"] != "st-config" {
		t.Fatalf("%s: %s, %v", status, reason, ids)
	}
	p := s.State().Parameters["st-config"]
	if p.Value != "one" || p.Tags["team"] != "ci" || p.Tags["aws:cloudformation:stack-name"] != "st" {
		t.Errorf("got %+v", p)
	}
	if status, _, reason := deploy(t, cfg, "st", object{"P": parameterOf("two")}, true); status != "UPDATE_COMPLETE" || s.State().Parameters["st-config"].Value != "two" {
		t.Errorf("%s: %s", status, reason)
	}
	client := cloudformation.NewFromConfig(cfg)
	_, err := client.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("st")})
	ok(t, err)
	eventually(t, "the deletion of the parameter", func() bool { return len(s.State().Parameters) == 0 })
}

func TestNameOfSomebodyElse(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("st-config"), Value: aws.String("v"), Type: "String"})
	ok(t, err)
	status, _, reason := deploy(t, cfg, "st", object{"P": parameterOf("one")}, false)
	if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "already exists") {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestScriptedResourceFailure(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	s.Faults().Add(fault.Set{Resources: []fault.Resource{{LogicalID: "P", Op: "create", Reason: "no luck today", Count: 1}}})
	status, _, reason := deploy(t, cfg, "st", object{"P": parameterOf("one")}, false)
	if status != "ROLLBACK_COMPLETE" || reason != "no luck today" {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestNonEmptyBucketFailsTheDeletion(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	resources := object{"B": object{"Type": "AWS::S3::Bucket", "Properties": object{"BucketName": "held"}}}
	deploy(t, cfg, "st", resources, false)
	objects, client, ctx := s3.NewFromConfig(cfg), cloudformation.NewFromConfig(cfg), t.Context()
	_, err := objects.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("held"), Key: aws.String("k")})
	ok(t, err)
	_, err = client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("st")})
	ok(t, err)
	status, _, reason := settle(ctx, t, client, "st")
	if status != "DELETE_FAILED" || !strings.Contains(reason, "The bucket you tried to delete is not empty") || len(s.State().Buckets) != 1 {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestRolesAndPolicies(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	role := func(policy object) object {
		return object{
			"Role":    object{"Type": "AWS::IAM::Role", "Properties": object{"AssumeRolePolicyDocument": trust("ec2.amazonaws.com"), "Policies": []any{object{"PolicyName": "p", "PolicyDocument": policy}}}},
			"Profile": object{"Type": "AWS::IAM::InstanceProfile", "Properties": object{"Roles": []any{object{"Ref": "Role"}}}},
		}
	}
	good := object{"Version": "2012-10-17", "Statement": []any{object{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}}
	status, ids, reason := deploy(t, cfg, "st", role(good), false)
	if status != "CREATE_COMPLETE" || !strings.HasPrefix(ids["Role"], "st-Role-") || len(s.State().Roles) != 1 {
		t.Fatalf("%s: %s, %v", status, reason, ids)
	}
	bad := object{"Version": "2012-10-17", "Statement": []any{object{"Effect": "Allow", "Action": "s3:GetObject"}}}
	status, _, reason = deploy(t, cfg, "st2", role(bad), false)
	if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "Policy statement must contain resources. (Service: Iam, Status Code: 400") || len(s.State().Roles) != 1 {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestKeyAndAliasOfATemplate(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	status, ids, reason := deploy(t, cfg, "st", object{
		"Key":   object{"Type": "AWS::KMS::Key", "Properties": object{"EnableKeyRotation": true, "KeyPolicy": object{"Version": "2012-10-17", "Statement": []any{}}}},
		"Alias": object{"Type": "AWS::KMS::Alias", "Properties": object{"AliasName": "alias/ci", "TargetKeyId": object{"Ref": "Key"}}},
		"Topic": object{"Type": "AWS::SNS::Topic", "Properties": object{}},
	}, false)
	if status != "CREATE_COMPLETE" || !strings.HasPrefix(ids["Topic"], "arn:aws:sns:us-east-1:123456789012:st-Topic-") {
		t.Fatalf("%s: %s, %v", status, reason, ids)
	}
	if k := s.State().Keys[ids["Key"]]; !k.Rotation || len(k.Aliases) != 1 || k.Aliases[0] != "alias/ci" {
		t.Errorf("got %+v", k)
	}
}
