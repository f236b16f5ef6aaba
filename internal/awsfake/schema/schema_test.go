package schema_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/schema"
)

func load(t *testing.T) *schema.Set {
	t.Helper()
	s, err := schema.Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestCheck(t *testing.T) {
	s := load(t)
	for name, c := range map[string]struct {
		typ, properties string
		want            []string
	}{
		"fine":            {"AWS::SNS::Topic", `{"TopicName":"n","FifoTopic":"true","Tags":[{"Key":"k","Value":1}]}`, nil},
		"extraneous":      {"AWS::SNS::Topic", `{"Colour":"red"}`, []string{"#: extraneous key [Colour] is not permitted"}},
		"read-only":       {"AWS::SNS::Topic", `{"TopicArn":"arn"}`, []string{"#: extraneous key [TopicArn] is not permitted"}},
		"no list":         {"AWS::SNS::Topic", `{"Tags":{"Key":"k"}}`, []string{"#/Tags: expected type: JSONArray, found: JSONObject"}},
		"no boolean":      {"AWS::SNS::Topic", `{"FifoTopic":"yes"}`, []string{"#/FifoTopic: expected type: Boolean, found: String"}},
		"nested":          {"AWS::SNS::Topic", `{"Tags":[{"Key":"","Valu":"v"}]}`, []string{"#/Tags/0/Key: expected minLength: 1, actual: 0", "#/Tags/0: extraneous key [Valu] is not permitted", "#/Tags/0: required key [Value] not found"}},
		"missing":         {"AWS::SSM::Parameter", `{}`, []string{"#: required key [Type] not found", "#: required key [Value] not found"}},
		"enumeration":     {"AWS::SSM::Parameter", `{"Type":"Tree","Value":"x"}`, []string{"#/Type: failed validation constraint for keyword [enum]"}},
		"map of tags":     {"AWS::SSM::Parameter", `{"Type":"String","Value":"x","Tags":{"k":["v"]}}`, []string{"#/Tags/k: expected type: String, found: JSONArray"}},
		"pattern":         {"AWS::Lambda::Permission", `{"Action":"fly","FunctionName":"f","Principal":"p"}`, []string{"#/Action: failed validation constraint for keyword [pattern]"}},
		"minimum":         {"AWS::CloudWatch::Alarm", `{"MetricName":"m","Period":1,"EvaluationPeriods":"0"}`, []string{"#/EvaluationPeriods: failed validation constraint for keyword [minimum]"}},
		"one of":          {"AWS::IAM::Policy", `{"PolicyName":"p","PolicyDocument":{}}`, []string{"#: no subschema matched out of the total 3 subschemas"}},
		"either but both": {"AWS::CloudWatch::Alarm", `{"MetricName":"m","Metrics":[]}`, []string{"#: 2 subschemas matched instead of one", "#: failed validation constraint for keyword [dependentExcluded]"}},
		"any of":          {"AWS::Events::Rule", `{"Name":"r"}`, []string{"#: no subschema matched out of the total 2 subschemas"}},
		"JSON or text":    {"AWS::SNS::Topic", `{"ArchivePolicy":"{}","DataProtectionPolicy":{"a":1}}`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dec := json.NewDecoder(strings.NewReader(c.properties))
			dec.UseNumber()
			var properties map[string]any
			if err := dec.Decode(&properties); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, s.Type(c.typ).Check(properties)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}

func TestFacts(t *testing.T) {
	s := load(t)
	if s.Type("AWS::No::Such") != nil {
		t.Error("an unknown type is there")
	}
	for _, c := range []struct{ typ, path, want string }{
		{"AWS::SNS::Topic", "/TopicName", "Always"},
		{"AWS::SNS::Topic", "/DisplayName", "Never"},
		{"AWS::AutoScaling::AutoScalingGroup", "/LaunchTemplate/Version", "Conditionally"},
		{"AWS::Lambda::Function", "/Code/S3Key", "Never"},
	} {
		if got := s.Type(c.typ).Recreation(c.path); got != c.want {
			t.Errorf("a change of %s%s: %s, want %s", c.typ, c.path, got, c.want)
		}
	}
	var none *schema.Type
	if got := none.Recreation("/X"); got != "Never" {
		t.Errorf("a type without a schema: %s", got)
	}
	for _, c := range []struct {
		typ, attribute string
		want           bool
	}{
		{"AWS::SNS::Topic", "TopicArn", true},
		{"AWS::SNS::Topic", "TopicName", true},
		{"AWS::SNS::Topic", "Colour", false},
		{"AWS::Lambda::Function", "SnapStartResponse.ApplyOn", true},
	} {
		if got := s.Type(c.typ).HasAttribute(c.attribute); got != c.want {
			t.Errorf("%s has %s: %v", c.typ, c.attribute, got)
		}
	}
}
