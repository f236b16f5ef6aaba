package cfn_test

import (
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

func TestTemplatesThatAreRefused(t *testing.T) {
	ok := topic(obj{})
	s := serve(t, cfn.Options{})
	for name, c := range map[string]struct{ body, want string }{
		"not JSON":        {`{"Resources": {`, "Template format error: JSON not well-formed. (line 1, column"},
		"text after JSON": {`{"Resources":{"A":{"Type":"AWS::SNS::Topic"}}} x`, "Template format error: JSON not well-formed."},
		"not an object":   {`[1]`, "Template format error: unsupported structure."},
		"no resources":    {`{}`, "Template format error: At least one Resources member must be defined."},
		"resource no map": {`{"Resources":{"A":"x"}}`, "Template format error: Any Resources member must be an object."},
		"no type":         {`{"Resources":{"A":{}}}`, "Template format error: [/Resources/A] Every Resources object must contain a Type member."},
		"unknown member":  {doc("Resources", obj{"A": topic(obj{}, "Invalid", 1)}), "Invalid template resource property 'Invalid'"},
		"unknown section": {doc("Resources", obj{"A": ok}, "Resourcez", obj{}), "Invalid template property or properties [Resourcez]"},
		"rules":           {doc("Resources", obj{"A": ok}, "Rules", obj{}), "Invalid template property or properties [Rules]"},
		"version":         {doc("Resources", obj{"A": ok}, "AWSTemplateFormatVersion", "2020"), "Unrecognized template format version: 2020"},
		"name":            {doc("Resources", obj{"A-b": ok}), "Resource name A-b is non alphanumeric"},
		"policy":          {doc("Resources", obj{"A": topic(obj{}, "DeletionPolicy", "Keep")}), "unrecognized DeletionPolicy value Keep"},
		"unknown type":    {doc("Resources", obj{"A": obj{"Type": "AWS::No::Such"}, "B": obj{"Type": "AWS::Not::This"}}), "Template format error: Unrecognized resource types: [AWS::No::Such, AWS::Not::This]"},
		"null":            {`{"Resources":{"A":{"Type":"AWS::SNS::Topic"}},"Outputs":{"O":{"Value":null}}}`, "[/Outputs/O/Value] 'null' values are not allowed in templates"},
		"output":          {doc("Resources", obj{"A": ok}, "Outputs", obj{"O": obj{}}), "Template format error: Every Outputs member must contain a Value object"},
		"Ref":             {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Ref": "Z"}}), "B": topic(obj{}, "DependsOn", "Y")}), "Template format error: Unresolved resource dependencies [Y, Z] in the Resources block of the template"},
		"Ref in outputs":  {doc("Resources", obj{"A": ok}, "Outputs", obj{"O": obj{"Value": obj{"Ref": "Z"}}}), "Unresolved resource dependencies [Z] in the Outputs block of the template"},
		"Ref in Sub":      {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::Sub": "${Z}"}})}), "Unresolved resource dependencies [Z]"},
		"Ref to what is conditioned away": {
			doc("Conditions", obj{"No": obj{"Fn::Equals": []any{1, 2}}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Ref": "B"}}), "B": topic(obj{}, "Condition", "No")}),
			"Unresolved resource dependencies [B]",
		},
		"GetAtt":           {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::GetAtt": "Z.Arn"}})}), "Template error: instance of Fn::GetAtt references undefined resource Z"},
		"attribute":        {doc("Resources", obj{"A": ok, "B": topic(obj{"DisplayName": obj{"Fn::GetAtt": "A.Colour"}})}), "Template error: resource A does not support attribute type Colour in Fn::GetAtt"},
		"circle":           {doc("Resources", obj{"A": topic(obj{}, "DependsOn", "B"), "B": topic(obj{"DisplayName": obj{"Ref": "A"}}), "C": ok}), "Circular dependency between resources: [A, B]"},
		"condition":        {doc("Resources", obj{"A": topic(obj{}, "Condition", "No")}), "Template format error: Unresolved condition dependency No in the Resources block"},
		"If":               {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::If": []any{"No", 1, 2}}})}), "unresolved condition dependency No in Fn::If"},
		"condition circle": {doc("Conditions", obj{"A": obj{"Condition": "B"}, "B": obj{"Condition": "A"}}, "Resources", obj{"A": ok}), "Circular dependencies between conditions [A, B]"},
		"resource in condition": {
			doc("Conditions", obj{"C": obj{"Fn::Equals": []any{obj{"Ref": "A"}, 1}}}, "Resources", obj{"A": ok}),
			"Cannot reference resources in the Conditions block of the template",
		},
		"mapping":           {doc("Mappings", obj{"M": obj{"k": obj{}}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::FindInMap": []any{"M", "k", "v"}}})}), "Template error: Unable to get mapping for M::k::v"},
		"Join":              {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::Join": []any{"", "x"}}})}), "Template error: every Fn::Join object requires two parameters"},
		"Select":            {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::Select": []any{2, []any{"x"}}}})}), "Template error: Fn::Select cannot select nonexistent value at index 2"},
		"unknown function":  {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::Upper": "x"}})}), "Template error: Encountered unsupported function: Fn::Upper"},
		"without transform": {doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::ToJsonString": obj{}}})}), "only supported with the AWS::LanguageExtensions transform"},
		"transform":         {doc("Transform", "AWS::Serverless-2016-10-31", "Resources", obj{"A": ok}), "No transform named AWS::Serverless-2016-10-31 found."},
		"parameter type":    {doc("Parameters", obj{"P": obj{"Type": "Boolean"}}, "Resources", obj{"A": ok}), "Unrecognized parameter type: Boolean"},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused("ValidationError", c.want, "CreateStack", "StackName", "one", "TemplateBody", c.body)
		})
	}
}

func TestFunctions(t *testing.T) {
	sub := func(v any) obj { return obj{"Fn::Sub": v} }
	outputs := map[string]struct {
		expr any
		want string
	}{
		"Ref":         {obj{"Ref": "A"}, "arn:aws:sns:eu-west-1:123456789012:n"},
		"Pseudo":      {sub("${AWS::Partition}/${AWS::Region}/${AWS::AccountId}/${AWS::StackName}/${AWS::URLSuffix}"), "aws/eu-west-1/123456789012/one/amazonaws.com"},
		"Literal":     {sub("${!Not} ${A.TopicName}"), "${Not} n"},
		"SubVars":     {sub([]any{"${x}-${P}", obj{"x": obj{"Fn::Base64": "hi"}}}), "aGk=-p"},
		"JoinSplit":   {obj{"Fn::Join": []any{"+", obj{"Fn::Split": []any{",", "a,b"}}}}, "a+b"},
		"Numbers":     {obj{"Fn::Join": []any{"", []any{1, true, 2.50}}}, "1true2.5"},
		"Zones":       {obj{"Fn::Join": []any{",", obj{"Fn::GetAZs": ""}}}, "eu-west-1a,eu-west-1b,eu-west-1c"},
		"Select":      {obj{"Fn::Select": []any{"1", obj{"Ref": "L"}}}, "y"},
		"Cidr":        {obj{"Fn::Select": []any{2, obj{"Fn::Cidr": []any{"10.0.0.0/16", 4, 8}}}}, "10.0.2.0/24"},
		"Cidr6":       {obj{"Fn::Select": []any{1, obj{"Fn::Cidr": []any{"fd00::/48", 2, 64}}}}, "fd00:0:0:1::/64"},
		"If":          {obj{"Fn::If": []any{"Both", "yes", "no"}}, "yes"},
		"IfNot":       {obj{"Fn::If": []any{"Neither", "yes", "no"}}, "no"},
		"Map":         {obj{"Fn::FindInMap": []any{"M", obj{"Ref": "AWS::Region"}, "v"}}, "mapped"},
		"MapDefault":  {obj{"Fn::FindInMap": []any{"M", "nowhere", "v", obj{"DefaultValue": "d"}}}, "d"},
		"Json":        {obj{"Fn::ToJsonString": obj{"b": []any{1, "<"}, "a": obj{"Ref": "P"}}}, `{"a":"p","b":[1,"<"]}`},
		"Length":      {obj{"Fn::Length": obj{"Ref": "L"}}, "2"},
		"GetAttArray": {obj{"Fn::GetAtt": []any{"A", "TopicArn"}}, "arn:aws:sns:eu-west-1:123456789012:n"},
		"NoValue":     {obj{"Fn::Join": []any{",", []any{"a", obj{"Fn::If": []any{"Neither", "b", obj{"Ref": "AWS::NoValue"}}}, "c"}}}, "a,c"},
	}
	section := obj{"Hidden": obj{"Value": "x", "Condition": "Neither"}}
	for name, o := range outputs {
		section[name] = obj{"Value": o.expr}
	}
	eq := func(a, b any) obj { return obj{"Fn::Equals": []any{a, b}} }
	body := doc("Transform", "AWS::LanguageExtensions",
		"Parameters", obj{"P": obj{"Type": "String", "Default": "p"}, "L": obj{"Type": "CommaDelimitedList", "Default": "x, y"}},
		"Mappings", obj{"M": obj{"eu-west-1": obj{"v": "mapped"}}},
		"Conditions", obj{
			"IsP": eq(obj{"Ref": "P"}, "p"), "Both": obj{"Fn::And": []any{obj{"Condition": "IsP"}, eq(1, "1")}},
			"Neither": obj{"Fn::Not": []any{obj{"Fn::Or": []any{obj{"Condition": "IsP"}, eq(1, 2)}}}},
		},
		"Resources", obj{"A": topic(obj{"TopicName": "n", "DisplayName": obj{"Ref": "AWS::NoValue"}})}, "Outputs", section)
	s := serve(t, cfn.Options{})
	s.deploy("CREATE", "one", body, "CREATE_COMPLETE", "Capabilities.member.1", "CAPABILITY_AUTO_EXPAND")
	got := map[string]string{}
	for _, o := range s.stack("one").get("Outputs").Children {
		got[o.text("OutputKey")] = o.text("OutputValue")
	}
	for name, o := range outputs {
		if got[name] != o.want {
			t.Errorf("%s is %q, want %q", name, got[name], o.want)
		}
	}
	if _, there := got["Hidden"]; there {
		t.Error("an output is there whose condition does not hold")
	}
}

func TestParameters(t *testing.T) {
	for name, c := range map[string]struct {
		decl  obj
		value string // "-" for none
		want  string // empty for accepted
	}{
		"missing":     {obj{"Type": "String"}, "-", "Parameters: [P] must have values"},
		"default":     {obj{"Type": "String", "Default": "d"}, "-", ""},
		"not allowed": {obj{"Type": "String", "AllowedValues": []any{"a"}}, "b", "Parameter 'P' must be one of AllowedValues"},
		"pattern":     {obj{"Type": "String", "AllowedPattern": "a+"}, "ab", "Parameter 'P' must match pattern a+"},
		"explained":   {obj{"Type": "String", "AllowedPattern": "a+", "ConstraintDescription": "only a"}, "ab", "Parameter P failed to satisfy constraint: only a"},
		"short":       {obj{"Type": "String", "MinLength": 2}, "a", "Parameter 'P' must contain at least 2 characters"},
		"long":        {obj{"Type": "String", "MaxLength": "2"}, "abc", "Parameter 'P' must contain at most 2 characters"},
		"no number":   {obj{"Type": "Number"}, "x", "Parameter 'P' must be a number."},
		"small":       {obj{"Type": "Number", "MinValue": 3}, "2", "must be a number not less than 3"},
		"big":         {obj{"Type": "Number", "MaxValue": 3}, "4", "must be a number not greater than 3"},
		"good":        {obj{"Type": "Number", "MaxValue": 3}, "3", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, cfn.Options{})
			args := []string{"StackName", "one", "TemplateBody", doc("Parameters", obj{"P": c.decl}, "Resources", obj{"A": topic(obj{})})}
			if c.value != "-" {
				args = append(args, "Parameters.member.1.ParameterKey", "P", "Parameters.member.1.ParameterValue", c.value)
			}
			if c.want == "" {
				s.call("CreateStack", args...)
				return
			}
			s.refused("ValidationError", c.want, "CreateStack", args...)
		})
	}
}

func TestPreviousParameters(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := func(text string) string {
		return doc("Parameters", obj{"P": obj{"Type": "String"}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::Sub": text + "${P}"}})})
	}
	key, value := "Parameters.member.1.ParameterKey", "Parameters.member.1.ParameterValue"
	s.deploy("CREATE", "one", body("a"), "CREATE_COMPLETE", key, "P", value, "v")
	s.refused("ValidationError", "Parameters: [Q] do not exist in the template", "UpdateStack", "StackName", "one", "TemplateBody", body("b"), key, "Q", value, "v")
	s.refused("ValidationError", "Parameters: [P] must have values", "UpdateStack", "StackName", "one", "TemplateBody", body("b"))
	s.deploy("UPDATE", "one", body("b"), "UPDATE_COMPLETE", key, "P", "Parameters.member.1.UsePreviousValue", "true")
	events := s.call("DescribeStackEvents", "StackName", "one").get("StackEvents").Children
	for _, e := range events {
		if strings.Contains(e.text("ResourceProperties"), `"bv"`) {
			return
		}
	}
	t.Error("the previous value was not used")
}
