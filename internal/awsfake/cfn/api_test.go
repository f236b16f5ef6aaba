package cfn_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/clock"
)

func TestUnknownActionIsLoud(t *testing.T) {
	serve(t, cfn.Options{}).refused("InvalidAction", "CreateStackSet", "CreateStackSet", "StackSetName", "x")
}

func TestNamesAndLimits(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Resources", obj{"A": topic(obj{})})
	many := obj{}
	for i := range 501 {
		many[fmt.Sprintf("T%d", i)] = topic(obj{})
	}
	const names = "failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
	for name, c := range map[string]struct{ code, text, stack, set, kind, body string }{
		"stack name":     {"ValidationError", "Value 'a_b' at 'stackName' " + names, "a_b", "x", "CREATE", body},
		"long name":      {"ValidationError", "length less than or equal to 128", strings.Repeat("a", 129), "x", "CREATE", body},
		"set name":       {"ValidationError", "Value '9' at 'changeSetName' " + names, "one", "9", "CREATE", body},
		"kind":           {"ValidationError", "at 'changeSetType'", "one", "x", "IMPORT", body},
		"missing stack":  {"ValidationError", "Stack [one] does not exist", "one", "x", "UPDATE", body},
		"no template":    {"ValidationError", "Either Template URL or Template Body must be specified.", "one", "x", "CREATE", ""},
		"long template":  {"ValidationError", "length less than or equal to 51200", "one", "x", "CREATE", body + strings.Repeat(" ", 51200)},
		"many resources": {"ValidationError", "Number of resources, 501, is greater than maximum allowed, 500", "one", "x", "CREATE", doc("Resources", many)},
	} {
		t.Run(name, func(t *testing.T) {
			s.refused(c.code, c.text, "CreateChangeSet", "StackName", c.stack, "ChangeSetName", c.set, "ChangeSetType", c.kind, "TemplateBody", c.body)
		})
	}
	if got := s.engine.Stacks(); len(got) != 0 {
		t.Errorf("refused requests made stacks: %v", got)
	}
}

func TestTemplateURL(t *testing.T) {
	bodies := map[string]string{
		"https://ok":  doc("Resources", obj{"A": topic(obj{})}) + strings.Repeat(" ", 60000),
		"https://big": strings.Repeat(" ", 1<<20+1),
	}
	s := serve(t, cfn.Options{CheckBody: func(url string) ([]byte, error) {
		if b, ok := bodies[url]; ok {
			return []byte(b), nil
		}
		return nil, errors.New("Access Denied")
	}})
	s.refused("ValidationError", "S3 error: Access Denied", "CreateStack", "StackName", "one", "TemplateURL", "https://gone")
	s.refused("ValidationError", "larger than allowed limit", "CreateStack", "StackName", "one", "TemplateURL", "https://big")
	s.call("CreateStack", "StackName", "one", "TemplateURL", "https://ok")
	s.settled("one", "CREATE_COMPLETE")
	if got := s.call("GetTemplate", "StackName", "one").text("TemplateBody"); got != bodies["https://ok"] {
		t.Error("GetTemplate does not give back the template as it was sent")
	}
}

func TestCapabilities(t *testing.T) {
	role := func(properties obj) string {
		properties["AssumeRolePolicyDocument"] = obj{}
		return doc("Resources", obj{"R": obj{"Type": "AWS::IAM::Role", "Properties": properties}})
	}
	for name, c := range map[string]struct{ body, granted, want string }{
		"unnamed, none":  {role(obj{}), "", "CAPABILITY_IAM"},
		"unnamed, IAM":   {role(obj{}), "CAPABILITY_IAM", ""},
		"unnamed, named": {role(obj{}), "CAPABILITY_NAMED_IAM", ""},
		"named, IAM":     {role(obj{"RoleName": "r"}), "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"},
		"named, named":   {role(obj{"RoleName": "r"}), "CAPABILITY_NAMED_IAM", ""},
		"transform":      {doc("Transform", "AWS::LanguageExtensions", "Resources", obj{"A": topic(obj{})}), "", "CAPABILITY_AUTO_EXPAND"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, cfn.Options{})
			args := []string{"StackName", "one", "TemplateBody", c.body}
			if c.granted != "" {
				args = append(args, "Capabilities.member.1", c.granted)
			}
			if c.want != "" {
				s.refused("InsufficientCapabilitiesException", "Requires capabilities : ["+c.want+"]", "CreateStack", args...)
				return
			}
			s.call("CreateStack", args...)
			if got := s.settled("one", "CREATE_COMPLETE").text("Capabilities", "member"); got != c.granted {
				t.Errorf("the stack tells of %q, want %q", got, c.granted)
			}
		})
	}
}

func TestChangeSetsOfOneStack(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Resources", obj{"A": topic(obj{})})
	first, d := s.changeSet("CREATE", "one", body)
	name := d.text("ChangeSetName")
	s.refused("AlreadyExistsException", name, "CreateChangeSet", "StackName", "one", "ChangeSetName", name, "ChangeSetType", "CREATE", "TemplateBody", body)
	s.refused("ValidationError", "is in REVIEW_IN_PROGRESS state and can not be updated", "CreateChangeSet", "StackName", "one", "ChangeSetName", "u", "TemplateBody", body)
	second, _ := s.changeSet("CREATE", "one", body)
	if n := len(s.call("ListChangeSets", "StackName", "one").get("Summaries").Children); n != 2 {
		t.Errorf("%d change sets are listed, want 2", n)
	}
	s.call("ExecuteChangeSet", "ChangeSetName", first, "ClientRequestToken", "t1")
	s.settled("one", "CREATE_COMPLETE")
	if got := s.call("DescribeChangeSet", "ChangeSetName", second).text("ExecutionStatus"); got != "OBSOLETE" {
		t.Errorf("the other change set is %s, want OBSOLETE", got)
	}
	s.refused("InvalidChangeSetStatus", "cannot be executed in its current execution status of [OBSOLETE]", "ExecuteChangeSet", "ChangeSetName", second)
	s.refused("InvalidChangeSetStatus", "cannot be executed in its current execution status of [EXECUTE_COMPLETE]", "ExecuteChangeSet", "ChangeSetName", first)
	if n := len(s.call("ListChangeSets", "StackName", "one").get("Summaries").Children); n != 0 {
		t.Errorf("%d change sets are listed after the execution, want none", n)
	}
	third, d := s.changeSet("UPDATE", "one", doc("Resources", obj{"A": topic(obj{"DisplayName": "x"})}))
	s.call("DeleteChangeSet", "ChangeSetName", third)
	s.call("DeleteChangeSet", "ChangeSetName", third)
	s.refused("ChangeSetNotFound", "ChangeSet ["+third+"] does not exist", "DescribeChangeSet", "ChangeSetName", third)
	s.refused("ChangeSetNotFound", "does not exist", "DescribeChangeSet", "ChangeSetName", d.text("ChangeSetName"), "StackName", "one")
	s.refused("ValidationError", "Stack [nope] does not exist", "DescribeChangeSet", "ChangeSetName", "x", "StackName", "nope")
	s.refused("ValidationError", "StackName must be specified if ChangeSetName is not specified as an ARN.", "DescribeChangeSet", "ChangeSetName", "x")
	if got := s.events("one")[1]; got != "(stack) CREATE_IN_PROGRESS User Initiated" {
		t.Errorf("second event is %q", got)
	}
}

func TestPages(t *testing.T) {
	s := serve(t, cfn.Options{})
	many := obj{}
	for i := range 120 {
		many[fmt.Sprintf("T%03d", i)] = topic(obj{})
	}
	id, first := s.changeSet("CREATE", "one", doc("Resources", many))
	second := s.call("DescribeChangeSet", "ChangeSetName", id, "NextToken", first.text("NextToken"))
	if a, b := len(first.get("Changes").Children), len(second.get("Changes").Children); a != 100 || b != 20 || second.has("NextToken") {
		t.Errorf("pages of %d and %d changes", a, b)
	}
	s.call("ExecuteChangeSet", "ChangeSetName", id)
	s.settled("one", "CREATE_COMPLETE")
	seen, token := 0, ""
	for {
		args := []string{"StackName", "one"}
		if token != "" {
			args = append(args, "NextToken", token)
		}
		p := s.call("DescribeStackEvents", args...)
		seen += len(p.get("StackEvents").Children)
		if token = p.text("NextToken"); token == "" {
			break
		}
	}
	if seen != 120*3+3 {
		t.Errorf("%d events on all pages, want %d", seen, 120*3+3)
	}
}

func TestSchemaRefusesAtExecution(t *testing.T) {
	for name, c := range map[string]struct {
		typ        string
		properties obj
		want       string
	}{
		"unknown property": {"AWS::SNS::Topic", obj{"Colour": "red"}, "#: extraneous key [Colour] is not permitted"},
		"mistyped":         {"AWS::SNS::Topic", obj{"Tags": "x"}, "#/Tags: expected type: JSONArray, found: String"},
		"missing":          {"AWS::SSM::Parameter", obj{"Type": "String"}, "#: required key [Value] not found"},
		"enumeration":      {"AWS::SSM::Parameter", obj{"Type": "Tree", "Value": "x"}, "#/Type: failed validation constraint for keyword [enum]"},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, cfn.Options{})
			id := s.deploy("CREATE", "one", doc("Resources", obj{"A": obj{"Type": c.typ, "Properties": c.properties}}), "ROLLBACK_COMPLETE")
			want := "A CREATE_FAILED Properties validation failed for resource A with message:\n" + c.want
			if got := s.events(id); !slices.Contains(got, want) {
				t.Errorf("no event %q in\n%s", want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestExports(t *testing.T) {
	s := serve(t, cfn.Options{})
	exporter := doc("Resources", obj{"A": topic(obj{"TopicName": "n"})}, "Outputs", obj{"O": obj{"Value": obj{"Ref": "A"}, "Export": obj{"Name": obj{"Fn::Sub": "${AWS::StackName}-arn"}}}})
	importer := doc("Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::ImportValue": "one-arn"}})})
	s.refused("ValidationError", "No export named one-arn found.", "CreateStack", "StackName", "two", "TemplateBody", importer)
	s.deploy("CREATE", "one", exporter, "CREATE_COMPLETE")
	s.deploy("CREATE", "two", importer, "CREATE_COMPLETE")
	if got := s.call("ListExports").text("Exports", "member", "Value"); got != "arn:aws:sns:eu-west-1:123456789012:n" {
		t.Errorf("exported value is %q", got)
	}
	s.refused("ValidationError", "Export one-arn cannot be deleted as it is in use by two", "DeleteStack", "StackName", "one")
	id := s.deploy("UPDATE", "one", doc("Resources", obj{"A": topic(obj{"TopicName": "n"})}), "UPDATE_ROLLBACK_COMPLETE")
	want := "(stack) UPDATE_ROLLBACK_IN_PROGRESS Export one-arn cannot be deleted as it is in use by two."
	if got := s.events(id); !slices.Contains(got, want) {
		t.Errorf("no event %q in\n%s", want, strings.Join(got, "\n"))
	}
}

func TestDynamicReferencesAndParameterStore(t *testing.T) {
	values := map[string]string{"/plain": "p1", "/secret": "hush", "/zones": "a, b"}
	h := &recorder{}
	s := serve(t, cfn.Options{
		Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h},
		ParameterValue: func(name, version string, decrypt bool) (string, error) {
			if name == "/secret" && !decrypt || values[name] == "" {
				return "", errors.New("not found")
			}
			return values[name] + version, nil
		},
	})
	body := doc("Parameters", obj{
		"Z": obj{"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/zones"},
	}, "Resources", obj{"A": topic(obj{
		"TopicName":   obj{"Fn::Select": []any{1, obj{"Ref": "Z"}}},
		"DisplayName": "{{resolve:ssm:/plain:2}}-{{resolve:ssm-secure:/secret}}",
	})})
	id := s.deploy("CREATE", "one", body, "CREATE_COMPLETE")
	want := obj{"TopicName": "b", "DisplayName": "p12-hush"}
	if d := cmp.Diff(want, h.request("Create A").Properties); d != "" {
		t.Errorf("properties (-want +got):\n%s", d)
	}
	if got := s.stack(id).text("Parameters", "member", "ResolvedValue"); got != "a, b" {
		t.Errorf("resolved value is %q", got)
	}
	for _, e := range s.call("DescribeStackEvents", "StackName", id).get("StackEvents").Children {
		if strings.Contains(e.text("ResourceProperties"), "hush") {
			t.Errorf("an event holds the secret: %s", e.text("ResourceProperties"))
		}
	}
	s.deploy("CREATE", "two", doc("Resources", obj{"A": topic(obj{"DisplayName": "{{resolve:ssm:/none}}"})}), "ROLLBACK_COMPLETE")
}

func TestManyStacksAtOnce(t *testing.T) {
	s := serve(t, cfn.Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprintf("stack%d", i)
			for _, step := range []struct{ action, display string }{{"CreateStack", "a"}, {"UpdateStack", "b"}} {
				if _, err := s.try(step.action, "StackName", name, "TemplateBody", pair(step.display, step.display)); err != nil {
					t.Errorf("%s: %v", step.action, err)
					return
				}
				for strings.HasSuffix(s.engine.Stacks()[name], "_IN_PROGRESS") {
					_, _ = s.try("DescribeStackEvents", "StackName", name)
					_, _ = s.try("ListStacks")
				}
			}
			if got := s.engine.Stacks()[name]; got != "UPDATE_COMPLETE" {
				t.Errorf("%s is %s", name, got)
			}
		})
	}
	all.Wait()
}

func TestReadingWhatIsNotThere(t *testing.T) {
	s := serve(t, cfn.Options{})
	s.deploy("CREATE", "one", doc("Resources", obj{"A": topic(obj{}, "Metadata", obj{"k": "v"})}), "CREATE_COMPLETE")
	for action, text := range map[string]string{
		"DescribeStacks": "Stack with id no does not exist", "DescribeStackEvents": "Stack [no] does not exist",
		"DescribeStackResources": "Stack with id no does not exist", "ListStackResources": "Stack with id no does not exist",
		"GetTemplate": "Stack with id no does not exist", "UpdateTerminationProtection": "Stack [no] does not exist",
		"ListChangeSets": "Stack [no] does not exist", "RollbackStack": "Stack [no] does not exist", "UpdateStack": "Stack [no] does not exist",
		"GetTemplateSummary": "Stack with id no does not exist", "GetStackPolicy": "Stack with id no does not exist", "DescribeEvents": "Stack [no] does not exist",
	} {
		s.refused("ValidationError", text, action, "StackName", "no")
	}
	s.refused("ValidationError", "Resource B does not exist for stack one", "DescribeStackResource", "StackName", "one", "LogicalResourceId", "B")
	if got := s.call("DescribeStackResource", "StackName", "one", "LogicalResourceId", "A").text("StackResourceDetail", "Metadata"); got != `{"k":"v"}` {
		t.Errorf("metadata is %q", got)
	}
	if got := s.call("ListHookResults", "TargetType", "STACK", "TargetId", "one"); len(got.get("HookResults").Children) != 0 || got.text("TargetId") != "one" {
		t.Errorf("hook results: %+v", got)
	}
}

func TestStackPolicy(t *testing.T) {
	s := serve(t, cfn.Options{})
	s.deploy("CREATE", "one", doc("Resources", obj{"A": topic(obj{})}), "CREATE_COMPLETE")
	policy := `{"Statement":[{"Effect":"Allow","Action":"Update:*","Principal":"*","Resource":"*"}]}`
	s.call("SetStackPolicy", "StackName", "one", "StackPolicyBody", policy)
	if got := s.call("GetStackPolicy", "StackName", "one").text("StackPolicyBody"); got != policy {
		t.Errorf("policy is %q", got)
	}
	s.refused("ValidationError", "Error validating stack policy: Invalid stack policy", "SetStackPolicy", "StackName", "one", "StackPolicyBody", "not json")
}

func TestSummaries(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Description", "d", "Parameters", obj{"P": obj{"Type": "Number", "Default": 3, "AllowedValues": []any{3, 4}}},
		"Resources", obj{"R": obj{"Type": "AWS::IAM::Role", "Properties": obj{"AssumeRolePolicyDocument": obj{}}}})
	summary := s.call("GetTemplateSummary", "TemplateBody", body)
	got := []string{
		summary.text("Description"), summary.text("Parameters", "member", "DefaultValue"), summary.text("ResourceTypes", "member"),
		summary.text("Capabilities", "member"), summary.text("CapabilitiesReason"),
		s.call("ValidateTemplate", "TemplateBody", body).text("Parameters", "member", "ParameterKey"),
	}
	want := []string{"d", "3", "AWS::IAM::Role", "CAPABILITY_IAM", "The following resource(s) require capabilities: [AWS::IAM::Role]", "P"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestWhatIsNotSupportedIsLoud(t *testing.T) {
	s := serve(t, cfn.Options{})
	for _, name := range []string{"TimeoutInMinutes", "DeploymentMode", "RollbackConfiguration.RollbackTriggers.member.1.Arn", "ResourcesToImport.member.1.ResourceType"} {
		s.refused("ValidationError", "The local AWS does not support", "CreateStack", "StackName", "one", "TemplateBody", doc("Resources", obj{"A": topic(obj{})}), name, "1")
	}
}

func TestTagsAndTypesOfARequest(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Resources", obj{"A": topic(obj{})})
	for text, args := range map[string][]string{
		"aws: prefixed tag key names":              {"Tags.member.1.Key", "aws:x", "Tags.member.1.Value", "v"},
		"Duplicate tags are not allowed: k":        {"Tags.member.1.Key", "k", "Tags.member.1.Value", "v", "Tags.member.2.Key", "k", "Tags.member.2.Value", "w"},
		"length greater than or equal to 1":        {"Tags.member.1.Key", "", "Tags.member.1.Value", "v"},
		"is not allowed by parameter":              {"ResourceTypes.member.1", "AWS::EC2::*"},
		"at 'capabilities' failed to satisfy":      {"Capabilities.member.1", "CAPABILITY_FLY"},
		"Resource type AWS::SNS::Topic is not all": {"ResourceTypes.member.1", "AWS::SNS:*"},
	} {
		s.refused("ValidationError", text, "CreateStack", append([]string{"StackName", "one", "TemplateBody", body}, args...)...)
	}
	s.call("CreateStack", "StackName", "one", "TemplateBody", body, "ResourceTypes.member.1", "AWS::SNS::*")
	s.settled("one", "CREATE_COMPLETE")
	other := doc("Resources", obj{"A": obj{"Type": "AWS::Logs::LogGroup"}})
	const typeChange = "Update of resource type is not permitted. The new template modifies resource type of the following resources: [A]"
	s.refused("ValidationError", typeChange, "UpdateStack", "StackName", "one", "TemplateBody", other)
	if _, d := s.changeSet("UPDATE", "one", other); d.text("Status") != "FAILED" || d.text("StatusReason") != typeChange {
		t.Errorf("change set is %s: %s", d.text("Status"), d.text("StatusReason"))
	}
}

func TestNamesOfTypesWithoutHandler(t *testing.T) {
	s := serve(t, cfn.Options{})
	s.deploy("CREATE", "One", doc("Resources", obj{
		"Named":  obj{"Type": "AWS::Logs::LogGroup", "Properties": obj{"LogGroupName": "/a/b"}},
		"Param":  obj{"Type": "AWS::SSM::Parameter", "Properties": obj{"Type": "String", "Value": "v"}},
		"Bucket": obj{"Type": "AWS::S3::Bucket"},
		"Group":  obj{"Type": "AWS::EC2::SecurityGroup", "Properties": obj{"GroupDescription": "d"}},
		"Policy": obj{"Type": "AWS::Lambda::EventInvokeConfig", "Properties": obj{"FunctionName": "f", "Qualifier": "$LATEST"}},
		"Plain":  topic(obj{}),
	}), "CREATE_COMPLETE")
	for id, prefix := range map[string]string{
		"Named": "/a/b", "Param": "CFN-Param-", "Bucket": "one-bucket-", "Group": "sg-0", "Policy": "f|$LATEST", "Plain": "arn:aws:sns:eu-west-1:123456789012:One-Plain-",
	} {
		r := s.call("DescribeStackResources", "StackName", "One", "LogicalResourceId", id).get("StackResources", "member")
		physical := r.text("PhysicalResourceId")
		if !strings.HasPrefix(physical, prefix) {
			t.Errorf("%s is %q, want %q...", id, physical, prefix)
		}
		owner := s.call("DescribeStackResources", "PhysicalResourceId", physical)
		if got := len(owner.get("StackResources").Children); got != 6 {
			t.Errorf("the stack of %q has %d resources, want 6", physical, got)
		}
	}
	s.refused("ValidationError", "Stack for nothing does not exist", "DescribeStackResources", "PhysicalResourceId", "nothing")
}

func TestEventsHaveTheirOwnIDs(t *testing.T) {
	// A clock as slow as the wall's and steps without duration put several events into one millisecond.
	s := serve(t, cfn.Options{Clock: clock.New(1), Duration: func(string, string) time.Duration { return 0 }})
	id := s.deploy("CREATE", "one", pair("a", "b"), "CREATE_COMPLETE")
	seen := map[string]bool{}
	for _, e := range s.call("DescribeStackEvents", "StackName", id).get("StackEvents").Children {
		if seen[e.text("EventId")] {
			t.Errorf("event ID %s is there twice", e.text("EventId"))
		}
		seen[e.text("EventId")] = true
	}
}

func TestRecreatedUnderTheSameName(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Resources", obj{"A": topic(obj{})})
	set, d := s.changeSet("CREATE", "one", body)
	s.call("ExecuteChangeSet", "ChangeSetName", set)
	first := s.settled("one", "CREATE_COMPLETE").text("StackId")
	s.refused("AlreadyExistsException", "Stack [one] already exists", "CreateStack", "StackName", "one", "TemplateBody", body)
	s.refused("ValidationError", "already exists and cannot be created again", "CreateChangeSet", "StackName", first, "ChangeSetName", "x", "ChangeSetType", "CREATE", "TemplateBody", body)
	s.call("DeleteStack", "StackName", "one")
	s.settled(first, "DELETE_COMPLETE")
	s.refused("ValidationError", "already exists and cannot be created again", "CreateChangeSet", "StackName", first, "ChangeSetName", "x", "ChangeSetType", "CREATE", "TemplateBody", body)
	s.refused("ValidationError", "is in DELETE_COMPLETE state and can not be updated", "UpdateStack", "StackName", first, "TemplateBody", body)
	second := s.deploy("CREATE", "one", body, "CREATE_COMPLETE")
	if first == second {
		t.Error("the new stack has the old one's ARN")
	}
	old := s.call("DescribeChangeSet", "ChangeSetName", d.text("ChangeSetId"))
	if got := old.text("ExecutionStatus"); got != "EXECUTE_COMPLETE" || old.text("StackId") != first {
		t.Errorf("the deleted stack's change set is %s of %s", got, old.text("StackId"))
	}
}
