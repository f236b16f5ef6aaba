package template

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzBuild: whatever the settings hold, either Build refuses, or each value stands in the template as it is and
// changes nothing else.
func FuzzBuild(f *testing.F) {
	hostile := base64.StdEncoding.EncodeToString([]byte(`{"Ref":"AWS::AccountId"}`))
	f.Add("ci-agents", "ci-token", "acme.semaphoreci.com", "ops", "t3.micro", "cache", "ami-1", "subnet-1")
	f.Add("a", "/a/b", "host:8080", "ops laptop <&>", "t2.micro", "b.c", "ami-2", "subnet-2")
	f.Add(hostile, hostile, hostile, hostile, hostile, hostile, hostile, hostile)
	f.Add("eyJSZWYiOiJhYiJ9", "t", "e", "k", "i", "b", "a", "s")
	f.Add("s", "${AWS::Region}", "e", "${!x}", "eyJGbjo6U3ViIjoi\nJHt4fSJ9", "*", `{"Ref":"x"}`, "\u2028")
	f.Fuzz(func(t *testing.T, stack, token, endpoint, key, instance, bucket, image, subnet string) {
		if bucket == "" || key == "" || image == "" {
			return // empty means something else: the statement or property is not there
		}
		in := inputs(func(in *Inputs) {
			in.Config.StackName, in.Config.TokenParameter, in.Config.Endpoint = stack, token, endpoint
			in.Config.KeyName, in.Config.InstanceType, in.Config.CacheBucket = key, instance, bucket
			in.Config.VPCID, in.Config.Subnets = "vpc-1", []string{subnet}
			in.ImageID = image
		})
		doc, err := Build(in)
		if err != nil {
			return
		}
		tame := mustBuild(t, inputs(func(in *Inputs) {
			in.Config.KeyName, in.Config.CacheBucket, in.Config.VPCID, in.Config.Subnets = "k", "b", "v", []string{"s"}
		}))
		if diff := cmp.Diff(shape(decode(t, tame)), shape(decode(t, doc))); diff != "" {
			t.Fatalf("values changed the template's form (-tame +got):\n%s", diff)
		}
		verbatim(t, doc, in)
	})
}

func verbatim(t *testing.T, doc Document, in Inputs) {
	t.Helper()
	data := property(t, doc, "AgentLaunchTemplate", "LaunchTemplateData")
	name := strings.TrimPrefix(in.Config.TokenParameter, "/")
	variables := property(t, doc, "ScalerFunction", "Environment", "Variables")
	checks := []struct {
		want string
		got  any
	}{
		{in.Config.KeyName, at(t, data, "KeyName")},
		{in.Config.InstanceType, at(t, data, "InstanceType")},
		{in.ImageID, at(t, data, "ImageId")},
		{in.Config.Subnets[0], property(t, doc, "AgentGroup", "VPCZoneIdentifier", 0)},
		{"#!/bin/bash\n/opt/semaphore/agent/start.sh " + in.Config.StackName + "-config", at(t, data, "UserData", "Fn::Base64")},
		{
			"arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/" + name,
			at(t, statements(t, doc, "ScalerRole")[3], "Resource", 0, "Fn::Sub"),
		},
		{"arn:${AWS::Partition}:s3:::" + in.Config.CacheBucket, at(t, statements(t, doc, "AgentRole")[3], "Resource", 0, "Fn::Sub")},
		{in.Config.Endpoint, at(t, variables, "SEMAPHORE_ENDPOINT")},
		{in.Config.TokenParameter, at(t, variables, "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME")},
	}
	for _, check := range checks {
		if check.got != check.want {
			t.Errorf("%q stands in the template as %v", check.want, check.got)
		}
	}
	var boot agentConfig
	if err := json.Unmarshal([]byte(property(t, doc, "AgentConfigParameter", "Value").(string)), &boot); err != nil {
		t.Fatal(err)
	}
	if boot.Endpoint != in.Config.Endpoint || boot.TokenParameter != in.Config.TokenParameter {
		t.Errorf("agent config holds %q and %q", boot.Endpoint, boot.TokenParameter)
	}
}

// shape is the document with every string empty: objects, their keys, lists, numbers.
func shape(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for key := range v {
			out[key] = shape(v[key])
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = shape(v[i])
		}
		return out
	case string:
		return ""
	default:
		return v
	}
}

// FuzzSub: a value given to sub is what CloudFormation puts there, whatever it holds.
func FuzzSub(f *testing.F) {
	f.Add("plain")
	f.Add("${AWS::Region}")
	f.Add("${!x}$")
	f.Add("$${")
	f.Fuzz(func(t *testing.T, value string) {
		if !utf8.ValidString(value) {
			return // refused by check
		}
		raw, err := base64.StdEncoding.DecodeString(sub("a-%s-b", value))
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]string
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		// CloudFormation's rule: "${!" is a literal "${", any other "${" begins a variable.
		if strings.Count(got["Fn::Sub"], "${") != strings.Count(got["Fn::Sub"], "${!") {
			t.Errorf("sub(%q) has a variable: %q", value, got["Fn::Sub"])
		}
		if plain := strings.ReplaceAll(got["Fn::Sub"], "${!", "${"); plain != "a-"+value+"-b" {
			t.Errorf("sub(%q) reads %q", value, plain)
		}
	})
}
