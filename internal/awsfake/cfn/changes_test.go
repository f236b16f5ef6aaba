package cfn_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

// lines writes a change set's answer as one line per resource and one per detail.
func lines(d node) []string {
	var out []string
	for _, c := range d.get("Changes").Children {
		r := c.get("ResourceChange")
		line := []string{r.text("Action"), r.text("LogicalResourceId")}
		for _, member := range []string{"Replacement", "PolicyAction"} {
			if v := r.text(member); v != "" {
				line = append(line, v)
			}
		}
		for _, scope := range r.get("Scope").Children {
			line = append(line, "["+scope.Text+"]")
		}
		for _, member := range []string{"BeforeContext", "AfterContext"} {
			if r.has(member) {
				line = append(line, strings.TrimSuffix(member, "Context")+"="+r.text(member))
			}
		}
		out = append(out, strings.Join(line, " "))
		for _, x := range r.get("Details").Children {
			out = append(out, "  "+detailLine(x))
		}
	}
	return out
}

func detailLine(x node) string {
	target := x.get("Target")
	line := []string{x.text("ChangeSource"), x.text("Evaluation"), x.text("CausingEntity"), target.text("Attribute"), target.text("Name"), target.text("RequiresRecreation")}
	if target.has("Path") {
		line = append(line, target.text("Path"), target.text("AttributeChangeType"), target.text("BeforeValue"), "->", target.text("AfterValue"))
	}
	return strings.Join(strings.Fields(strings.Join(line, " ")), " ")
}

func TestChanges(t *testing.T) {
	const later = "{{changeSet:KNOWN_AFTER_APPLY}}"
	param := func(value string) obj { return obj{"P": obj{"Type": "String", "Default": value}} }
	ref := func(id string) obj { return obj{"Ref": id} }
	for name, c := range map[string]struct {
		before, after string
		plain, values []string
		warning       string
	}{
		"parameter": {
			before: doc("Parameters", param("x"), "Resources", obj{"A": topic(obj{"DisplayName": ref("P")})}),
			after:  doc("Parameters", param("y"), "Resources", obj{"A": topic(obj{"DisplayName": ref("P")})}),
			plain: []string{
				"Modify A False [Properties]",
				"  ParameterReference Static P Properties DisplayName Never",
				"  DirectModification Dynamic Properties DisplayName Never",
			},
			values: []string{
				`Modify A False [Properties] Before={"Properties":{"DisplayName":"x"}} After={"Properties":{"DisplayName":"y"}}`,
				"  ParameterReference Static P Properties DisplayName Never /Properties/DisplayName Modify x -> y",
				"  DirectModification Dynamic Properties DisplayName Never /Properties/DisplayName Modify x -> y",
			},
		},
		"mapping under an unchanged key": {
			before: doc("Mappings", obj{"M": obj{"k": obj{"v": "x"}}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::FindInMap": []any{"M", "k", "v"}}})}),
			after:  doc("Mappings", obj{"M": obj{"k": obj{"v": "y"}}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Fn::FindInMap": []any{"M", "k", "v"}}})}),
			plain:  []string{"Modify A False [Properties]", "  DirectModification Static Properties DisplayName Never"},
			values: []string{
				`Modify A False [Properties] Before={"Properties":{"DisplayName":"x"}} After={"Properties":{"DisplayName":"y"}}`,
				"  DirectModification Static Properties DisplayName Never /Properties/DisplayName Modify x -> y",
			},
		},
		"condition takes a resource away": {
			before: doc("Conditions", obj{"C": obj{"Fn::Equals": []any{"1", "1"}}}, "Resources", obj{"A": topic(obj{}), "B": topic(obj{"DisplayName": "b"}, "Condition", "C", "DeletionPolicy", "Retain")}),
			after:  doc("Conditions", obj{"C": obj{"Fn::Equals": []any{"1", "2"}}}, "Resources", obj{"A": topic(obj{}), "B": topic(obj{"DisplayName": "b"}, "Condition", "C", "DeletionPolicy", "Retain")}),
			plain:  []string{"Remove B Retain"},
			values: []string{`Remove B Retain Before={"DeletionPolicy":"Retain","Properties":{"DisplayName":"b"}}`},
		},
		"replacement reaches those that refer to it": {
			before: doc("Resources", obj{"A": topic(obj{"TopicName": "n"}), "B": topic(obj{"TopicName": ref("A")})}),
			after:  doc("Resources", obj{"A": topic(obj{"TopicName": "m"}), "B": topic(obj{"TopicName": ref("A")})}),
			plain: []string{
				"Modify A True ReplaceAndDelete [Properties]", "  DirectModification Static Properties TopicName Always",
				"Modify B True ReplaceAndDelete [Properties]", "  ResourceReference Static A Properties TopicName Always",
			},
			values: []string{
				`Modify A True ReplaceAndDelete [Properties] Before={"Properties":{"TopicName":"n"}} After={"Properties":{"TopicName":"m"}}`,
				"  DirectModification Static Properties TopicName Always /Properties/TopicName Modify n -> m",
				`Modify B True ReplaceAndDelete [Properties] Before={"Properties":{"TopicName":"arn:aws:sns:eu-west-1:123456789012:n"}} After={"Properties":{"TopicName":"` + later + `"}}`,
				"  ResourceReference Static A Properties TopicName Always /Properties/TopicName Modify arn:aws:sns:eu-west-1:123456789012:n -> " + later,
				"  DirectModification Dynamic Properties TopicName Always /Properties/TopicName Modify arn:aws:sns:eu-west-1:123456789012:n -> " + later,
			},
		},
		"attribute of a changed resource may replace": {
			before: doc("Resources", obj{"A": topic(obj{"DisplayName": "x"}), "B": topic(obj{"TopicName": obj{"Fn::GetAtt": "A.DisplayName"}})}),
			after:  doc("Resources", obj{"A": topic(obj{"DisplayName": "y"}), "B": topic(obj{"TopicName": obj{"Fn::GetAtt": "A.DisplayName"}})}),
			plain: []string{
				"Modify A False [Properties]", "  DirectModification Static Properties DisplayName Never",
				"Modify B Conditional ReplaceAndDelete [Properties]", "  ResourceAttribute Dynamic A.DisplayName Properties TopicName Always",
			},
			values: []string{
				`Modify A False [Properties] Before={"Properties":{"DisplayName":"x"}} After={"Properties":{"DisplayName":"y"}}`,
				"  DirectModification Static Properties DisplayName Never /Properties/DisplayName Modify x -> y",
			},
		},
		"nested values": {
			before: doc("Resources", obj{"A": topic(obj{"Tags": []any{obj{"Key": "k", "Value": "v"}}})}),
			after:  doc("Resources", obj{"A": topic(obj{"Tags": []any{obj{"Key": "k", "Value": "w"}}, "FifoTopic": true})}),
			plain: []string{
				"Modify A True ReplaceAndDelete [Properties]",
				"  DirectModification Static Properties FifoTopic Always", "  DirectModification Static Properties Tags Never",
			},
			values: []string{
				`Modify A True ReplaceAndDelete [Properties] Before={"Properties":{"Tags":[{"Key":"k","Value":"v"}]}} After={"Properties":{"FifoTopic":"true","Tags":[{"Key":"k","Value":"w"}]}}`,
				"  DirectModification Static Properties FifoTopic Always /Properties/FifoTopic Add -> true",
				"  DirectModification Static Properties Tags Never /Properties/Tags/0/Value Modify v -> w",
			},
		},
		"metadata": {
			before: doc("Resources", obj{"A": topic(obj{}, "Metadata", obj{"v": 1})}),
			after:  doc("Resources", obj{"A": topic(obj{}, "Metadata", obj{"v": 2})}),
			plain:  []string{"Modify A False [Metadata]", "  DirectModification Static Metadata Never"},
			values: []string{
				`Modify A False [Metadata] Before={"Metadata":{"v":"1"},"Properties":{}} After={"Metadata":{"v":"2"},"Properties":{}}`,
				"  DirectModification Static Metadata Never /Metadata/v Modify 1 -> 2",
			},
		},
		"a list that is not known yet": {
			before: doc("Resources", obj{"A": topic(obj{})}),
			after: doc("Resources", obj{"A": topic(obj{}), "New": topic(obj{}), "B": topic(obj{
				"DisplayName": obj{"Fn::Select": []any{0, obj{"Fn::Split": []any{"-", obj{"Fn::GetAtt": "New.TopicArn"}}}}},
			})}),
			plain:   []string{"Add B", "Add New"},
			values:  []string{`Add B After={"Properties":{"DisplayName":"` + later + `"}}`, `Add New After={"Properties":{}}`},
			warning: "ChangeSet creation failed for resource [B] because: Template error: Fn::Select",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, cfn.Options{})
			s.deploy("CREATE", "one", c.before, "CREATE_COMPLETE")
			id, plain := s.changeSet("UPDATE", "one", c.after)
			if d := cmp.Diff(c.plain, lines(plain)); d != "" {
				t.Errorf("without values (-want +got):\n%s", d)
			}
			values := s.call("DescribeChangeSet", "ChangeSetName", id, "IncludePropertyValues", "true")
			if d := cmp.Diff(c.values, lines(values)); d != "" {
				t.Errorf("with values (-want +got):\n%s", d)
			}
			if got := values.text("StatusReason"); (got != "") != (c.warning != "") || !strings.Contains(got, c.warning) {
				t.Errorf("reason with values is %q, want %q", got, c.warning)
			}
		})
	}
}

func TestOnlyOutputsOrTags(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := func(out string) string {
		return doc("Resources", obj{"A": topic(obj{}), "P": obj{"Type": "AWS::IAM::InstanceProfile", "Properties": obj{"Roles": []any{"r"}}}}, "Outputs", obj{"O": obj{"Value": out}})
	}
	caps := []string{"Capabilities.member.1", "CAPABILITY_IAM"}
	s.deploy("CREATE", "one", body("x"), "CREATE_COMPLETE", caps...)
	id, outputs := s.changeSet("UPDATE", "one", body("y"), caps...)
	if got := lines(outputs); outputs.text("Status") != "CREATE_COMPLETE" || len(got) != 0 {
		t.Errorf("outputs only: %s %v", outputs.text("Status"), got)
	}
	s.call("ExecuteChangeSet", "ChangeSetName", id)
	if got := s.settled("one", "UPDATE_COMPLETE").text("Outputs", "member", "OutputValue"); got != "y" {
		t.Errorf("output is %q, want y", got)
	}
	_, tags := s.changeSet("UPDATE", "one", body("y"), append(caps, "Tags.member.1.Key", "k", "Tags.member.1.Value", "v")...)
	want := []string{"Modify A False [Tags]", "  DirectModification Static Tags Never"}
	if d := cmp.Diff(want, lines(tags)); d != "" {
		t.Errorf("tags only, of the taggable resource (-want +got):\n%s", d)
	}
	if got := tags.text("Tags", "member", "Key"); got != "k" {
		t.Errorf("change set's tag is %q", got)
	}
}

func TestNoChanges(t *testing.T) {
	s := serve(t, cfn.Options{})
	s.deploy("CREATE", "one", doc("Resources", obj{"A": topic(obj{"FifoTopic": true})}), "CREATE_COMPLETE")
	id, d := s.changeSet("UPDATE", "one", doc("Resources", obj{"A": topic(obj{"FifoTopic": "true"}, "DependsOn", []any{})}))
	got := []string{d.text("Status"), d.text("ExecutionStatus"), d.text("StatusReason")}
	want := []string{"FAILED", "UNAVAILABLE", "The submitted information didn't contain changes. Submit different information to create a change set."}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	s.refused("InvalidChangeSetStatus", "ChangeSet ["+id+"] cannot be executed in its current status of [FAILED]", "ExecuteChangeSet", "ChangeSetName", id)
	s.refused("ValidationError", "No updates are to be performed.", "UpdateStack", "StackName", "one", "UsePreviousTemplate", "true")
}

func TestSecretsAreMasked(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Parameters", obj{"S": obj{"Type": "String", "NoEcho": true}}, "Resources", obj{"A": topic(obj{"DisplayName": obj{"Ref": "S"}})})
	id, d := s.changeSet("CREATE", "one", body, "Parameters.member.1.ParameterKey", "S", "Parameters.member.1.ParameterValue", "hush-hush")
	if got := d.text("Parameters", "member", "ParameterValue"); got != "****" {
		t.Errorf("parameter is shown as %q", got)
	}
	values := s.call("DescribeChangeSet", "ChangeSetName", id, "IncludePropertyValues", "true")
	if got := strings.Join(lines(values), "\n"); strings.Contains(got, "hush") || !strings.Contains(got, "****") {
		t.Errorf("the context shows the secret: %s", got)
	}
	s.call("ExecuteChangeSet", "ChangeSetName", id)
	s.settled("one", "CREATE_COMPLETE")
	for _, e := range s.call("DescribeStackEvents", "StackName", "one").get("StackEvents").Children {
		if strings.Contains(e.text("ResourceProperties"), "hush") {
			t.Errorf("an event shows the secret: %s", e.text("ResourceProperties"))
		}
	}
}
