package cfn_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

func TestCreateUpdateReplaceDelete(t *testing.T) {
	h := &recorder{}
	s := serve(t, cfn.Options{Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	body := func(display, name string) string {
		return doc("Resources", obj{
			"A": topic(obj{"TopicName": name, "DisplayName": display}),
			"B": topic(obj{"DisplayName": obj{"Fn::GetAtt": []any{"A", "TopicArn"}}}),
		}, "Outputs", obj{"Out": obj{"Value": obj{"Ref": "A"}, "Description": "of A"}})
	}
	id := s.deploy("CREATE", "one", body("x", "n"), "CREATE_COMPLETE", "Tags.member.1.Key", "team", "Tags.member.1.Value", "ci")
	want := []string{
		"(stack) REVIEW_IN_PROGRESS User Initiated", "(stack) CREATE_IN_PROGRESS User Initiated",
		"A CREATE_IN_PROGRESS", "A CREATE_IN_PROGRESS Resource creation Initiated", "A CREATE_COMPLETE",
		"B CREATE_IN_PROGRESS", "B CREATE_IN_PROGRESS Resource creation Initiated", "B CREATE_COMPLETE",
		"(stack) CREATE_COMPLETE",
	}
	if d := cmp.Diff(want, s.events(id)); d != "" {
		t.Errorf("events of the creation (-want +got):\n%s", d)
	}
	made := h.request("Create A")
	tags := map[string]string{
		"team": "ci", "aws:cloudformation:stack-name": "one", "aws:cloudformation:stack-id": id, "aws:cloudformation:logical-id": "A",
	}
	if d := cmp.Diff(tags, made.Tags); d != "" {
		t.Errorf("tags (-want +got):\n%s", d)
	}
	if got := s.stack("one").text("Outputs", "member", "OutputValue"); got != made.Name {
		t.Errorf("output is %q, want %q", got, made.Name)
	}

	s.deploy("UPDATE", "one", body("y", "n"), "UPDATE_COMPLETE", "Tags.member.1.Key", "team", "Tags.member.1.Value", "ci")
	want = []string{
		"(stack) UPDATE_IN_PROGRESS User Initiated", "A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE",
		"(stack) UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "(stack) UPDATE_COMPLETE",
	}
	if d := cmp.Diff(want, s.eventsSince(id, want[0])); d != "" {
		t.Errorf("events of the update (-want +got):\n%s", d)
	}
	if got := h.request("Update A").Previous["DisplayName"]; got != "x" {
		t.Errorf("previous display name is %v, want x", got)
	}

	s.deploy("UPDATE", "one", body("y", "m"), "UPDATE_COMPLETE")
	want = []string{
		"(stack) UPDATE_IN_PROGRESS User Initiated",
		"A UPDATE_IN_PROGRESS Requested update requires the creation of a new physical resource; hence creating one.",
		"A UPDATE_IN_PROGRESS Resource creation Initiated", "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
		"(stack) UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "(stack) UPDATE_COMPLETE",
	}
	if d := cmp.Diff(want, s.eventsSince(id, want[0])); d != "" {
		t.Errorf("events of the replacement (-want +got):\n%s", d)
	}
	if got := h.request("Delete A").PhysicalID; got != made.Name {
		t.Errorf("deleted %q, want the first topic %q", got, made.Name)
	}

	s.call("DeleteStack", "StackName", "one", "ClientRequestToken", "tok")
	s.settled(id, "DELETE_COMPLETE")
	want = []string{
		"(stack) DELETE_IN_PROGRESS User Initiated", "B DELETE_IN_PROGRESS", "B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE",
		"(stack) DELETE_COMPLETE",
	}
	if d := cmp.Diff(want, s.eventsSince(id, want[0])); d != "" {
		t.Errorf("events of the deletion (-want +got):\n%s", d)
	}
	if got := s.call("DescribeStackEvents", "StackName", id).text("StackEvents", "member", "ClientRequestToken"); got != "tok" {
		t.Errorf("client request token of the last event is %q", got)
	}
	s.refused("ValidationError", "Stack with id one does not exist", "DescribeStacks", "StackName", "one")
	s.refused("ValidationError", "Stack [one] does not exist", "DescribeStackEvents", "StackName", "one")
}

func TestCreationRollsBack(t *testing.T) {
	f := &faults{left: map[string]int{"CREATE B": 1}}
	h := &recorder{}
	s := serve(t, cfn.Options{Fail: f.fail, Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	body := doc("Resources", obj{"A": topic(obj{}), "B": topic(obj{}, "DependsOn", "A"), "C": topic(obj{}, "DependsOn", []any{"B"})})
	id := s.deploy("CREATE", "one", body, "ROLLBACK_COMPLETE")
	want := []string{
		"B CREATE_FAILED CREATE of B was scripted to fail",
		"(stack) ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [B]. Rollback requested by user.",
		"B DELETE_COMPLETE", "A DELETE_IN_PROGRESS", "A DELETE_COMPLETE", "(stack) ROLLBACK_COMPLETE",
	}
	got := s.eventsSince(id, want[0])
	slices.Sort(got[2:5]) // B was never there, so nothing orders its line
	slices.Sort(want[2:5])
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if slices.Contains(h.seen(), "Create C") {
		t.Error("C was created although what it depends on failed")
	}
	s.refused("ValidationError", "is in ROLLBACK_COMPLETE state and can not be updated", "UpdateStack", "StackName", "one", "TemplateBody", body)
	s.refused("ValidationError", "already exists and cannot be created again", "CreateChangeSet",
		"StackName", "one", "ChangeSetName", "x", "ChangeSetType", "CREATE", "TemplateBody", body)
	failed := s.call("DescribeEvents", "OperationId", s.stack("one").get("LastOperations").Children[1].text("OperationId"), "Filters.FailedEvents", "true")
	if got := failed.text("OperationEvents", "member", "LogicalResourceId"); got != "B" {
		t.Errorf("the failed event of the creation is %q's, want B's", got)
	}
	if n := len(s.call("DescribeEvents", "StackName", "one", "Filters.FailedEvents", "true").get("OperationEvents").Children); n != 0 {
		t.Errorf("the rollback has %d failed events, want none", n)
	}
}

func TestSiblingsAreCancelled(t *testing.T) {
	f := &faults{left: map[string]int{"CREATE Bad": 1}}
	h := &recorder{}
	s := serve(t, cfn.Options{Fail: f.fail, Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}, Duration: bySpeed})
	id := s.deploy("CREATE", "one", doc("Resources", obj{"Bad": topic(obj{}), "Slow": obj{"Type": "AWS::Logs::LogGroup"}}), "ROLLBACK_COMPLETE")
	events := s.events(id)
	for _, want := range []string{
		"Slow CREATE_FAILED Resource creation cancelled",
		"(stack) ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [Bad, Slow]. Rollback requested by user.",
	} {
		if !slices.Contains(events, want) {
			t.Errorf("no event %q in\n%s", want, strings.Join(events, "\n"))
		}
	}
}

func TestWhatFollowsAFailedCreation(t *testing.T) {
	body := doc("Resources", obj{"A": topic(obj{}), "B": topic(obj{}, "DependsOn", "A")})
	for name, c := range map[string]struct {
		args   []string
		status string
		reason string
	}{
		"disable rollback": {[]string{"DisableRollback", "true"}, "CREATE_FAILED", "The following resource(s) failed to create: [B]. "},
		"do nothing":       {[]string{"OnFailure", "DO_NOTHING"}, "CREATE_FAILED", "The following resource(s) failed to create: [B]. "},
		"roll back":        {[]string{"OnFailure", "ROLLBACK"}, "ROLLBACK_COMPLETE", ""},
		"delete":           {[]string{"OnFailure", "DELETE"}, "DELETE_COMPLETE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{left: map[string]int{"CREATE B": 1}}
			s := serve(t, cfn.Options{Fail: f.fail})
			id := s.call("CreateStack", append([]string{"StackName", "one", "TemplateBody", body}, c.args...)...).text("StackId")
			if got := s.settled(id, c.status).text("StackStatusReason"); got != c.reason {
				t.Errorf("reason is %q, want %q", got, c.reason)
			}
			if c.status != "CREATE_FAILED" {
				return
			}
			s.call("RollbackStack", "StackName", "one")
			s.settled(id, "ROLLBACK_COMPLETE")
		})
	}
}

func TestRetainedResources(t *testing.T) {
	h := &recorder{}
	s := serve(t, cfn.Options{Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	keep := func(name string) obj {
		return topic(obj{"TopicName": name}, "DeletionPolicy", "Retain", "UpdateReplacePolicy", "Retain")
	}
	s.deploy("CREATE", "one", doc("Resources", obj{"Keep": keep("a"), "Other": topic(obj{})}), "CREATE_COMPLETE")
	id := s.deploy("UPDATE", "one", doc("Resources", obj{"Keep": keep("b"), "Other": topic(obj{})}), "UPDATE_COMPLETE")
	if got := s.eventsSince(id, "(stack) UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"); !slices.Contains(got, "Keep DELETE_SKIPPED") {
		t.Errorf("replaced resource was not skipped: %v", got)
	}
	s.deploy("UPDATE", "one", doc("Resources", obj{"Other": topic(obj{})}), "UPDATE_COMPLETE")
	s.call("DeleteStack", "StackName", "one")
	s.settled(id, "DELETE_COMPLETE")
	if got := h.seen(); slices.Contains(got, "Delete Keep") || !slices.Contains(got, "Delete Other") {
		t.Errorf("calls: %v", got)
	}
}

func TestTerminationProtection(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := doc("Resources", obj{"A": topic(obj{})})
	id := s.deploy("CREATE", "one", body, "CREATE_COMPLETE")
	s.call("UpdateTerminationProtection", "StackName", "one", "EnableTerminationProtection", "true")
	s.refused("ValidationError", "Stack [one] cannot be deleted while TerminationProtection is enabled", "DeleteStack", "StackName", "one")
	if got := s.stack("one").text("EnableTerminationProtection"); got != "true" {
		t.Errorf("EnableTerminationProtection is %q", got)
	}
	s.call("UpdateTerminationProtection", "StackName", "one", "EnableTerminationProtection", "false")
	s.call("DeleteStack", "StackName", "one")
	if gone := s.settled(id, "DELETE_COMPLETE"); gone.has("EnableTerminationProtection") {
		t.Error("a deleted stack still tells of termination protection")
	}
	s.call("DeleteStack", "StackName", "one")
	s.call("DeleteStack", "StackName", "never-was")
}

func TestRetainExceptOnCreate(t *testing.T) {
	body := func(policy string) string {
		return doc("Resources", obj{"Keep": topic(obj{}, "DeletionPolicy", policy), "Bad": topic(obj{}, "DependsOn", "Keep")})
	}
	for name, c := range map[string]struct {
		policy string
		args   []string
		want   string
	}{
		"retain":                  {"Retain", nil, "Keep DELETE_SKIPPED"},
		"retain except on create": {"RetainExceptOnCreate", nil, "Keep DELETE_COMPLETE"},
		"asked for":               {"Retain", []string{"RetainExceptOnCreate", "true"}, "Keep DELETE_COMPLETE"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{left: map[string]int{"CREATE Bad": 1}}
			s := serve(t, cfn.Options{Fail: f.fail})
			id := s.call("CreateStack", append([]string{"StackName", "one", "TemplateBody", body(c.policy)}, c.args...)...).text("StackId")
			s.settled(id, "ROLLBACK_COMPLETE")
			if got := s.events(id); !slices.Contains(got, c.want) {
				t.Errorf("no event %q in\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestPolicyOnlyUpdateCallsNoHandler(t *testing.T) {
	h := &recorder{}
	s := serve(t, cfn.Options{Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	body := func(display, policy string) string {
		return doc("Resources", obj{"A": topic(obj{"DisplayName": display}, "DeletionPolicy", policy)})
	}
	s.deploy("CREATE", "one", body("x", "Delete"), "CREATE_COMPLETE")
	s.deploy("UPDATE", "one", body("x", "Retain"), "UPDATE_COMPLETE")
	if d := cmp.Diff([]string{"Create A"}, h.seen()); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	s.deploy("UPDATE", "one", body("y", "Retain"), "UPDATE_COMPLETE")
	if got := h.request("Update A").Previous["DisplayName"]; got != "x" {
		t.Errorf("previous display name is %v, want x", got)
	}
	id := s.stack("one").text("StackId")
	s.call("DeleteStack", "StackName", "one")
	s.settled(id, "DELETE_COMPLETE")
	if slices.Contains(h.seen(), "Delete A") {
		t.Error("the new deletion policy was not kept")
	}
}
