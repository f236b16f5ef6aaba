package cfn_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

// bySpeed makes log groups slow and everything else quick.
func bySpeed(resourceType, _ string) time.Duration {
	if resourceType == "AWS::Logs::LogGroup" {
		return 24 * time.Hour
	}
	return time.Second
}

func pair(a, b string, more ...any) string {
	return doc(append([]any{"Resources", obj{
		"A": topic(obj{"DisplayName": a}), "B": topic(obj{"DisplayName": b}, "DependsOn", "A"),
	}}, more...)...)
}

func TestUpdateRollsBack(t *testing.T) {
	f := &faults{left: map[string]int{"UPDATE B": 1}}
	h := &recorder{}
	s := serve(t, cfn.Options{Fail: f.fail, Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	id := s.deploy("CREATE", "one", pair("a", "b", "Description", "first"), "CREATE_COMPLETE")
	added := doc("Description", "second", "Resources", obj{
		"A": topic(obj{"DisplayName": "a2"}), "B": topic(obj{"DisplayName": "b2"}, "DependsOn", []any{"A", "New"}), "New": topic(obj{}),
	})
	s.deploy("UPDATE", "one", added, "UPDATE_ROLLBACK_COMPLETE")
	want := []string{
		"B UPDATE_FAILED UPDATE of B was scripted to fail",
		"(stack) UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [B].",
		"A UPDATE_IN_PROGRESS", "A UPDATE_COMPLETE", "B UPDATE_IN_PROGRESS", "B UPDATE_COMPLETE",
		"(stack) UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "New DELETE_IN_PROGRESS", "New DELETE_COMPLETE", "(stack) UPDATE_ROLLBACK_COMPLETE",
	}
	if d := cmp.Diff(want, s.eventsSince(id, want[0])); d != "" {
		t.Errorf("events (-want +got):\n%s", d)
	}
	if got := h.request("Update A").Properties["DisplayName"]; got != "a" {
		t.Errorf("A was rolled back to %v, want a", got)
	}
	if got := s.stack("one").text("Description"); got != "first" {
		t.Errorf("the stack's template is the %s, want the first", got)
	}
	if n := len(s.call("ListStackResources", "StackName", "one").get("StackResourceSummaries").Children); n != 2 {
		t.Errorf("the stack has %d resources, want 2", n)
	}
	f.left["UPDATE B"] = 0
	s.deploy("UPDATE", "one", added, "UPDATE_COMPLETE")
}

func TestReplacementRollsBack(t *testing.T) {
	f := &faults{left: map[string]int{"UPDATE B": 1}}
	h := &recorder{}
	s := serve(t, cfn.Options{Fail: f.fail, Handlers: map[string]cfn.Handler{"AWS::SNS::Topic": h}})
	body := func(name, display string) string {
		return doc("Resources", obj{"A": topic(obj{"TopicName": name}), "B": topic(obj{"DisplayName": display}, "DependsOn", "A")})
	}
	s.deploy("CREATE", "one", body("n1", "b"), "CREATE_COMPLETE")
	first := h.request("Create A").Name
	s.deploy("UPDATE", "one", body("n2", "b2"), "UPDATE_ROLLBACK_COMPLETE")
	if got := h.request("Delete A").PhysicalID; got == first || got == "" {
		t.Errorf("deleted %q, want the replacement", got)
	}
	if got := s.call("DescribeStackResource", "StackName", "one", "LogicalResourceId", "A").text("StackResourceDetail", "PhysicalResourceId"); got != first {
		t.Errorf("A is %q, want the first %q", got, first)
	}
}

func TestStuckRollback(t *testing.T) {
	for name, c := range map[string]struct {
		left int
		args []string
	}{
		"repaired outside": {2, nil},
		"skipped":          {3, []string{"ResourcesToSkip.member.1", "B"}},
		"forced":           {3, []string{"ForceRollback", "true"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{left: map[string]int{"UPDATE B": c.left}}
			s := serve(t, cfn.Options{Fail: f.fail})
			s.deploy("CREATE", "one", pair("a", "b"), "CREATE_COMPLETE")
			id := s.deploy("UPDATE", "one", pair("a2", "b2"), "UPDATE_ROLLBACK_FAILED")
			if got := s.stack(id).text("StackStatusReason"); got != "The following resource(s) failed to update: [B]. " {
				t.Errorf("reason is %q", got)
			}
			s.refused("ValidationError", "is in UPDATE_ROLLBACK_FAILED state and can not be updated", "UpdateStack", "StackName", "one", "TemplateBody", pair("x", "y"))
			s.refused("ValidationError", "can not be skipped", "ContinueUpdateRollback", "StackName", "one", "ResourcesToSkip.member.1", "A")
			s.call("ContinueUpdateRollback", append([]string{"StackName", "one"}, c.args...)...)
			s.settled(id, "UPDATE_ROLLBACK_COMPLETE")
			f.left["UPDATE B"] = 0
			s.deploy("UPDATE", "one", pair("a3", "b3"), "UPDATE_COMPLETE")
		})
	}
}

func TestUpdateFailedAndKept(t *testing.T) {
	for name, next := range map[string]func(s *service, id string){
		"rolled back": func(s *service, id string) {
			s.call("RollbackStack", "StackName", "one")
			s.settled(id, "UPDATE_ROLLBACK_COMPLETE")
		},
		"tried again": func(s *service, id string) {
			s.call("UpdateStack", "StackName", "one", "TemplateBody", pair("a2", "b2"), "DisableRollback", "true")
			s.settled(id, "UPDATE_COMPLETE")
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{left: map[string]int{"UPDATE B": 1}}
			s := serve(t, cfn.Options{Fail: f.fail})
			id := s.deploy("CREATE", "one", pair("a", "b"), "CREATE_COMPLETE")
			set, _ := s.changeSet("UPDATE", "one", pair("a2", "b2"))
			s.call("ExecuteChangeSet", "ChangeSetName", set, "DisableRollback", "true")
			s.settled(id, "UPDATE_FAILED")
			next(s, id)
		})
	}
}

func TestStuckDeletion(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		left int
		want string
	}{
		"tried again": {nil, 0, "A DELETE_COMPLETE"},
		"retained":    {[]string{"RetainResources.member.1", "A"}, -1, "A DELETE_SKIPPED"},
		"forced":      {[]string{"DeletionMode", "FORCE_DELETE_STACK"}, -1, "A DELETE_SKIPPED DELETE of A was scripted to fail"},
	} {
		t.Run(name, func(t *testing.T) {
			f := &faults{left: map[string]int{"DELETE A": 1}}
			s := serve(t, cfn.Options{Fail: f.fail})
			id := s.deploy("CREATE", "one", pair("a", "b"), "CREATE_COMPLETE")
			s.refused("ValidationError", "only when the stack is in the DELETE_FAILED state", "DeleteStack", "StackName", "one", "RetainResources.member.1", "A")
			s.call("DeleteStack", "StackName", "one")
			if got := s.settled(id, "DELETE_FAILED").text("StackStatusReason"); got != "The following resource(s) failed to delete: [A]. " {
				t.Errorf("reason is %q", got)
			}
			f.left["DELETE A"] = c.left
			s.call("DeleteStack", append([]string{"StackName", "one"}, c.args...)...)
			s.settled(id, "DELETE_COMPLETE")
			if got := s.events(id); !slices.Contains(got, c.want) {
				t.Errorf("no event %q in\n%s", c.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestStuckRollbackOfACreation(t *testing.T) {
	f := &faults{left: map[string]int{"CREATE B": 1, "DELETE A": 1}}
	s := serve(t, cfn.Options{Fail: f.fail})
	id := s.deploy("CREATE", "one", pair("a", "b"), "ROLLBACK_FAILED")
	s.call("DeleteStack", "StackName", "one")
	s.settled(id, "DELETE_COMPLETE")
}

func TestFailedCleanUpDoesNotFailTheUpdate(t *testing.T) {
	f := &faults{left: map[string]int{"DELETE B": 1}}
	s := serve(t, cfn.Options{Fail: f.fail})
	s.deploy("CREATE", "one", pair("a", "b"), "CREATE_COMPLETE")
	id := s.deploy("UPDATE", "one", doc("Resources", obj{"A": topic(obj{"DisplayName": "a"})}), "UPDATE_COMPLETE")
	if got := s.stack(id).text("StackStatusReason"); !strings.Contains(got, "could not be deleted") {
		t.Errorf("reason is %q", got)
	}
}

func TestCancelledUpdate(t *testing.T) {
	s := serve(t, cfn.Options{Duration: bySpeed})
	group := func(days string) string {
		return doc("Resources", obj{"A": topic(obj{"DisplayName": days}), "Slow": obj{"Type": "AWS::Logs::LogGroup", "Properties": obj{"RetentionInDays": days}, "Condition": "Have"}},
			"Conditions", obj{"Have": obj{"Fn::Not": []any{obj{"Fn::Equals": []any{days, "1"}}}}})
	}
	id := s.deploy("CREATE", "one", group("1"), "CREATE_COMPLETE")
	s.refused("ValidationError", "CancelUpdateStack cannot be called from current stack status", "CancelUpdateStack", "StackName", "one")
	s.call("UpdateStack", "StackName", "one", "TemplateBody", group("3"))
	s.eventually("start of the slow resource", func() bool { return slices.Contains(s.events(id), "Slow CREATE_IN_PROGRESS") })
	s.refused("ValidationError", "is in UPDATE_IN_PROGRESS state and can not be updated", "UpdateStack", "StackName", "one", "TemplateBody", group("5"))
	s.refused("ValidationError", "cannot be deleted while in status UPDATE_IN_PROGRESS", "DeleteStack", "StackName", "one")
	s.call("CancelUpdateStack", "StackName", "one")
	s.settled(id, "UPDATE_ROLLBACK_COMPLETE")
	if got := s.events(id); !slices.Contains(got, "Slow CREATE_FAILED Resource creation cancelled") {
		t.Errorf("the slow resource was not cancelled:\n%s", strings.Join(got, "\n"))
	}
}

func TestDeletedWhileBeingCreated(t *testing.T) {
	s := serve(t, cfn.Options{Duration: bySpeed})
	id := s.call("CreateStack", "StackName", "one", "TemplateBody", doc("Resources", obj{"A": topic(obj{}), "Slow": obj{"Type": "AWS::Logs::LogGroup"}})).text("StackId")
	s.eventually("creation of A", func() bool { return slices.Contains(s.events(id), "A CREATE_COMPLETE") })
	s.call("DeleteStack", "StackName", "one")
	s.settled(id, "DELETE_COMPLETE")
	if got := s.events(id); !slices.Contains(got, "A DELETE_COMPLETE") {
		t.Errorf("A was left behind:\n%s", strings.Join(got, "\n"))
	}
}

func TestCustomNameStandsInTheWay(t *testing.T) {
	s := serve(t, cfn.Options{})
	body := func(fifo string) string {
		return doc("Resources", obj{"A": topic(obj{"TopicName": "n", "FifoTopic": fifo})})
	}
	s.deploy("CREATE", "one", body("false"), "CREATE_COMPLETE")
	id := s.deploy("UPDATE", "one", body("true"), "UPDATE_ROLLBACK_COMPLETE")
	want := "A UPDATE_FAILED CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename n and update the stack again."
	if got := s.events(id); !slices.Contains(got, want) {
		t.Errorf("no event %q in\n%s", want, strings.Join(got, "\n"))
	}
}
