package deploy

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

func TestLifecycle(t *testing.T) {
	l := newLocal(t)
	e := newTestEngine(t, l.url)
	t.Log("a creation that fails is explained and leaves ROLLBACK_COMPLETE, which needs deletion")
	l.fail(map[string]string{"B CREATE": "Quota of topics exceeded"})
	_, err := deploy(t, e, topics("1", "A a one", "B b one"))
	failure := as[*StackError](t, err)
	if failure.Status != "ROLLBACK_COMPLETE" || failure.Cause == nil || failure.Cause.LogicalID != "B" || !strings.Contains(err.Error(), "Quota of topics exceeded") {
		t.Fatalf("got %v, cause %+v", err, failure.Cause)
	}
	l.fail(nil)
	_, err = deploy(t, e, topics("1", "A a one"))
	state := as[*StateError](t, err)
	if state.Way != WayRecreate || state.Cause == nil || state.Cause.LogicalID != "B" {
		t.Fatalf("got %+v", state)
	}
	deleteStack(t, e, state.StackID)

	t.Log("a creation")
	r, err := deploy(t, e, topics("1", "A a one", "B b one"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != "CREATE_COMPLETE" || r.Stack.Outputs["Name"] != "1" || !e.owns(r.Stack.Tags) {
		t.Fatalf("got %+v", r.Stack)
	}
	if got, err := e.Template(t.Context(), r.Stack.ID); err != nil || string(got) != string(topics("1", "A a one", "B b one")) {
		t.Errorf("template %s, %v", got, err)
	}

	t.Log("nothing to do")
	_, err = deploy(t, e, topics("1", "A a one", "B b one"))
	is(t, err, ErrNoChanges)

	t.Log("a change in place, shown and discarded, then an output alone")
	cs, err := e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("1", "A a two", "B b one")})
	if err != nil {
		t.Fatal(err)
	}
	want := []PropertyChange{{Path: "/Properties/DisplayName", Action: Modify, Before: "one", After: "two", Replacement: ReplaceNever}}
	if d := cmp.Diff(want, cs.Changes[0].Properties); d != "" || cs.NeedsApproval() || cs.Tags != nil || cs.Outputs != nil {
		t.Errorf("got %+v (-want +got):\n%s", cs, d)
	}
	again, err := e.ChangeSet(t.Context(), cs.ID)
	if d := cmp.Diff(cs, again); d != "" || err != nil {
		t.Errorf("described again: %v (-first +again):\n%s", err, d)
	}
	if err := e.Discard(t.Context(), cs); err != nil {
		t.Fatal(err)
	}
	_, err = e.Execute(t.Context(), cs, ExecuteOptions{})
	isOf[*StaleError](t, err)
	cs, err = e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("2", "A a one", "B b one")})
	if err != nil {
		t.Fatal(err)
	}
	want = []PropertyChange{{Path: "/Outputs/Name/Value", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever}}
	if d := cmp.Diff(want, cs.Outputs); d != "" || len(cs.Changes) != 0 {
		t.Errorf("changes %+v, outputs (-want +got):\n%s", cs.Changes, d)
	}

	t.Log("another change makes it stale")
	if r, err = deploy(t, e, topics("1", "A a three", "B b one")); err != nil || r.Status != "UPDATE_COMPLETE" {
		t.Fatalf("got %+v, %v", r, err)
	}
	_, err = e.Execute(t.Context(), cs, ExecuteOptions{})
	isOf[*StaleError](t, err)

	t.Log("a replacement")
	cs, err = e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("1", "A a three", "B bb one")})
	if err != nil {
		t.Fatal(err)
	}
	if c := cs.Changes[0]; c.Replacement != ReplaceWill || c.Properties[0].Replacement != ReplaceWill || !cs.NeedsApproval() {
		t.Errorf("got %+v", c)
	}
	x, err := e.Execute(t.Context(), cs, ExecuteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := follow(t.Context(), x)
	if err != nil || got[0] != "fleet UPDATE_IN_PROGRESS" || got[len(got)-1] != "fleet UPDATE_COMPLETE" || !strings.Contains(strings.Join(got, ","), "B DELETE_COMPLETE") {
		t.Errorf("got %v, %v", got, err)
	}

	t.Log("an update that fails goes back")
	l.fail(map[string]string{"A UPDATE#1": "Display name is rude"})
	_, err = deploy(t, e, topics("1", "A a four", "B bb two"))
	failure = as[*StackError](t, err)
	if failure.Status != "UPDATE_ROLLBACK_COMPLETE" || failure.Cause == nil || failure.Cause.StatusReason != "Display name is rude" {
		t.Errorf("got %v, cause %+v", err, failure.Cause)
	}
	l.fail(nil)
	resources, err := e.Resources(t.Context(), failure.StackID)
	if err != nil || len(resources) != 2 {
		t.Errorf("got %+v, %v", resources, err)
	}

	t.Log("a deletion that fails, and one that gives in")
	l.fail(map[string]string{"B DELETE": "Subscribers left"})
	stack, err := e.Stack(t.Context(), "fleet")
	if err != nil {
		t.Fatal(err)
	}
	x, err = e.Delete(t.Context(), stack, DeleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = x.Result(t.Context())
	if failure := as[*StackError](t, err); failure.Status != "DELETE_FAILED" || len(failure.Failed) != 1 || failure.Cause.StatusReason != "Subscribers left" {
		t.Errorf("got %+v", failure)
	}
	_, err = deploy(t, e, topics("1", "A a one"))
	if state := as[*StateError](t, err); state.Way != WayFinishDelete || state.Cause == nil || state.Cause.LogicalID != "B" {
		t.Errorf("got %+v", state)
	}
	x, err = e.Delete(t.Context(), stack, DeleteOptions{Retain: []string{"B"}})
	if err != nil {
		t.Fatal(err)
	}
	if r, err = x.Result(t.Context()); err != nil || !r.Stack.Status.Gone() || len(r.Retained) != 1 || r.Retained[0].LogicalID != "B" {
		t.Errorf("got %+v, %v", r, err)
	}
	if found := left(t, l); found != nil {
		t.Errorf("left behind: %v", found)
	}
}

func deleteStack(t *testing.T, e *Engine, id string) *Result {
	t.Helper()
	x, err := e.Delete(t.Context(), &Stack{ID: id}, DeleteOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := x.Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestStuckRollback(t *testing.T) {
	for name, opts := range map[string]RollbackOptions{"skipping": {Skip: []string{"A"}}, "by force": {Force: true}} {
		t.Run(name, func(t *testing.T) {
			l := newLocal(t)
			e := newTestEngine(t, l.url)
			first, err := deploy(t, e, topics("1", "A a one", "B b one A"))
			if err != nil {
				t.Fatal(err)
			}
			l.fail(map[string]string{"B UPDATE#1": "Rude", "A UPDATE#2": "Stuck", "A UPDATE#3": "Stuck", "A UPDATE#4": "Stuck"})
			_, err = deploy(t, e, topics("1", "A a two", "B b two A"))
			failure := as[*StackError](t, err)
			if failure.Status != "UPDATE_ROLLBACK_FAILED" || line(failure.Cause) != "B UPDATE_FAILED Rude" || line(failure.RollbackCause) != "A UPDATE_FAILED Stuck" {
				t.Fatalf("got %+v", failure)
			}
			_, err = deploy(t, e, topics("1", "A a one"))
			if state := as[*StateError](t, err); state.Way != WayContinueRollback || state.Cause == nil {
				t.Errorf("got %+v", state)
			}
			x, err := e.Rollback(t.Context(), first.Stack, RollbackOptions{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = x.Result(t.Context())
			if failure := as[*StackError](t, err); failure.Cause == nil || failure.Cause.StatusReason != "Stuck" {
				t.Errorf("got %+v", failure)
			}
			x, err = e.Rollback(t.Context(), first.Stack, opts)
			if err != nil {
				t.Fatal(err)
			}
			if r, err := x.Result(t.Context()); err != nil || r.Status != "UPDATE_ROLLBACK_COMPLETE" {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}

func TestProtectedStack(t *testing.T) {
	l := newLocal(t)
	e := newTestEngine(t, l.url)
	r, err := deploy(t, e, topics("1", "A a one"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.client.UpdateTerminationProtection(t.Context(), &cloudformation.UpdateTerminationProtectionInput{
		StackName: &r.Stack.ID, EnableTerminationProtection: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.Delete(t.Context(), r.Stack, DeleteOptions{})
	isOf[*ProtectedError](t, err)
	x, err := e.Delete(t.Context(), r.Stack, DeleteOptions{DisableProtection: true})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := x.Result(t.Context()); err != nil || !r.Status.Gone() {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestShellIsNotLeft(t *testing.T) {
	l := newLocal(t)
	e := newTestEngine(t, l.url)
	cs, err := e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("1", "A a one")})
	if err != nil {
		t.Fatal(err)
	}
	if !cs.NewStack || len(cs.Changes) != 1 || cs.Changes[0].Action != Add {
		t.Errorf("got %+v", cs)
	}
	_, err = e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("1", "A a one")})
	if state := as[*StateError](t, err); state.Way != WayReview || len(state.ChangeSets) != 1 || state.ChangeSets[0] != cs.ID {
		t.Errorf("got %+v", state)
	}
	if err := e.Discard(t.Context(), cs); err != nil {
		t.Fatal(err)
	}
	_, err = e.Stack(t.Context(), "fleet")
	is(t, err, ErrStackNotFound)
	_, err = e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: []byte(`{"Resources":{"A":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":{"Ref":"Missing"}}}}}`)})
	if err == nil {
		t.Error("a broken template is accepted")
	}
	if found := left(t, l); found != nil {
		t.Errorf("left behind after %v: %v", err, found)
	}
}
