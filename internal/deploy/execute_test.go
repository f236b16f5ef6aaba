package deploy

import (
	"context"
	"slices"
	"testing"
)

func testSet() *ChangeSet {
	return &ChangeSet{ID: testSetARN, Name: "set", StackID: testStackARN, StackName: "fleet"}
}

func TestExecute(t *testing.T) {
	refused := failure{400, "InvalidChangeSetStatus", "ChangeSet [set] cannot be executed in its current execution status of [OBSOLETE]"}
	lost := failure{503, "ServiceUnavailable", "who knows"}
	state := func(execution string) answer { return made("CREATE_COMPLETE", object{"ExecutionStatus": execution}) }
	for name, tc := range map[string]struct {
		execute  []answer
		describe answer
		events   answer
		stale    string // part of the reason; empty when it is none
		fails    string
	}{
		"plainly": {execute: []answer{object{}}},
		"a lost answer, repeated": {
			execute: []answer{lost, refused}, describe: state("EXECUTE_IN_PROGRESS"), events: tokenOf("ExecuteChangeSet"),
		},
		"a lost answer, and over already": {
			execute: []answer{lost, refused}, describe: state("EXECUTE_COMPLETE"), events: tokenOf("ExecuteChangeSet"),
		},
		"all answers lost": {execute: []answer{lost}, describe: state("EXECUTE_IN_PROGRESS"), events: tokenOf("ExecuteChangeSet")},
		"all answers lost, and nothing done": {
			execute: []answer{lost}, describe: state("AVAILABLE"), fails: "who knows",
		},
		"somebody else was faster": {
			execute: []answer{refused}, describe: state("EXECUTE_IN_PROGRESS"), events: events(anEvent(9, "fleet", "UPDATE_IN_PROGRESS", "", "theirs")),
			stale: "somebody else executed it",
		},
		"the stack was changed": {
			execute: []answer{refused}, describe: state("OBSOLETE"), stale: "the stack was changed after the change set was made",
		},
		"another set was executed": {
			execute:  []answer{failure{404, "ChangeSetNotFound", "ChangeSet [set] does not exist"}},
			describe: failure{404, "ChangeSetNotFound", "ChangeSet [set] does not exist"}, stale: "does not exist any more",
		},
		"a failed set": {
			execute:  []answer{refused},
			describe: made("FAILED", object{"ExecutionStatus": "UNAVAILABLE", "StatusReason": "Template error"}), stale: "Template error",
		},
		"denied": {execute: []answer{failure{403, "AccessDenied", "not you"}}, fails: "not you"},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newScript(t, map[string][]answer{
				"ExecuteChangeSet": tc.execute, "DescribeChangeSet": {tc.describe}, "DescribeStackEvents": {events(), tc.events},
			})
			x, err := e.Execute(t.Context(), testSet(), ExecuteOptions{})
			switch {
			case tc.stale != "":
				isOf[*StaleError](t, err)
				says(t, err, tc.stale)
			case tc.fails != "":
				says(t, err, tc.fails)
			case err != nil || x.Token != s.form("ExecuteChangeSet").Get("ClientRequestToken"):
				t.Errorf("got %+v, %v", x, err)
			}
			if got := s.form("ExecuteChangeSet").Get("DisableRollback"); got != "false" {
				t.Errorf("DisableRollback is %q, want it said", got)
			}
		})
	}
	t.Run("interrupted before", func(t *testing.T) {
		_, e := newScript(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := e.Execute(ctx, testSet(), ExecuteOptions{})
		is(t, err, context.Canceled)
	})
}

func TestDelete(t *testing.T) {
	for name, tc := range map[string]struct {
		stacks  []answer
		sets    answer
		opts    DeleteOptions
		check   func(error) bool  // nil: it is deleted
		form    map[string]string // of DeleteStack
		attach  bool
		without bool // protection is taken off first
	}{
		"plainly":              {stacks: []answer{aStack("UPDATE_COMPLETE")}},
		"after a failed birth": {stacks: []answer{aStack("ROLLBACK_COMPLETE")}},
		"gone": {
			stacks: []answer{aStack("DELETE_COMPLETE")}, check: isA(ErrStackNotFound),
		},
		"missing":             {stacks: []answer{noStack("fleet")}, check: isA(ErrStackNotFound)},
		"busy":                {stacks: []answer{aStack("UPDATE_IN_PROGRESS")}, check: hasA[*BusyError]},
		"deleted by somebody": {stacks: []answer{aStack("DELETE_IN_PROGRESS")}, attach: true},
		"protected": {
			stacks: []answer{aStack("UPDATE_COMPLETE", object{"EnableTerminationProtection": true})},
			check:  hasA[*ProtectedError],
		},
		"protected no longer": {
			stacks: []answer{aStack("UPDATE_COMPLETE", object{"EnableTerminationProtection": true})}, opts: DeleteOptions{DisableProtection: true}, without: true,
		},
		"retaining what is stuck": {
			stacks: []answer{aStack("DELETE_FAILED")}, opts: DeleteOptions{Retain: []string{"Bucket"}},
			form: map[string]string{"RetainResources.member.1": "Bucket", "DeletionMode": ""},
		},
		"by force": {
			stacks: []answer{aStack("DELETE_FAILED")}, opts: DeleteOptions{Force: true}, form: map[string]string{"DeletionMode": "FORCE_DELETE_STACK"},
		},
		"by force too soon": {
			stacks: []answer{aStack("UPDATE_COMPLETE")}, opts: DeleteOptions{Force: true}, check: mentions("only after it failed"),
		},
		"a shell with a reviewed set": {
			stacks: []answer{aStack("REVIEW_IN_PROGRESS")}, sets: object{"Summaries": array{object{"ChangeSetId": "arn:x", "Status": "CREATE_COMPLETE"}}},
			check: hasA[*StateError],
		},
		"an empty shell": {stacks: []answer{aStack("REVIEW_IN_PROGRESS", object{"Tags": nil})}, sets: object{}},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newScript(t, map[string][]answer{
				"DescribeStacks": tc.stacks, "ListChangeSets": {tc.sets}, "DeleteStack": {object{}}, "UpdateTerminationProtection": {object{}},
				"DescribeStackEvents": {events(anEvent(1, "fleet", "DELETE_IN_PROGRESS", "", "theirs"))},
			})
			x, err := e.Delete(t.Context(), &Stack{ID: testStackARN}, tc.opts)
			if tc.check != nil {
				if !tc.check(err) {
					t.Errorf("got error %v", err)
				}
			} else if err != nil || x.Kind != KindDelete || x.StackID != testStackARN {
				t.Fatalf("got %+v, %v", x, err)
			}
			if got, want := s.called("DeleteStack") == 1, tc.check == nil && !tc.attach; got != want {
				t.Errorf("deleted: %t, want %t", got, want)
			}
			if got := s.called("UpdateTerminationProtection") == 1; got != tc.without {
				t.Errorf("unprotected: %t, want %t", got, tc.without)
			}
			for key, want := range tc.form {
				if got := s.form("DeleteStack").Get(key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestRollback(t *testing.T) {
	for name, tc := range map[string]struct {
		status string
		opts   RollbackOptions
		call   string // empty: refused
		form   map[string]string
	}{
		"a stuck rollback": {status: "UPDATE_ROLLBACK_FAILED", call: "ContinueUpdateRollback"},
		"skipping what is stuck": {
			status: "UPDATE_ROLLBACK_FAILED", opts: RollbackOptions{Skip: []string{"A"}}, call: "ContinueUpdateRollback",
			form: map[string]string{"ResourcesToSkip.member.1": "A", "ForceRollback": ""},
		},
		"by force": {
			status: "UPDATE_ROLLBACK_FAILED", opts: RollbackOptions{Force: true}, call: "ContinueUpdateRollback", form: map[string]string{"ForceRollback": "true"},
		},
		"an update half way":     {status: "UPDATE_FAILED", call: "RollbackStack"},
		"a creation half way":    {status: "CREATE_FAILED", call: "RollbackStack"},
		"skipping of the latter": {status: "UPDATE_FAILED", opts: RollbackOptions{Force: true}},
		"nothing to roll back":   {status: "UPDATE_COMPLETE"},
		"busy":                   {status: "UPDATE_ROLLBACK_IN_PROGRESS"},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newScript(t, map[string][]answer{
				"DescribeStacks": {aStack(tc.status)}, "DescribeStackEvents": {events()}, "ContinueUpdateRollback": {object{}}, "RollbackStack": {object{}},
			})
			x, err := e.Rollback(t.Context(), &Stack{ID: testStackARN}, tc.opts)
			if tc.call == "" {
				if err == nil || slices.Contains(s.calls, "RollbackStack") || slices.Contains(s.calls, "ContinueUpdateRollback") {
					t.Errorf("got %+v, %v after %v", x, err, s.calls)
				}
				return
			}
			if err != nil || s.called(tc.call) != 1 || s.form(tc.call).Get("ClientRequestToken") != x.Token || x.Kind != KindRollback {
				t.Errorf("got %+v, %v", x, err)
			}
			for key, want := range tc.form {
				if got := s.form(tc.call).Get(key); got != want {
					t.Errorf("%s is %q, want %q", key, got, want)
				}
			}
		})
	}
}

func TestDiscard(t *testing.T) {
	for name, tc := range map[string]struct {
		set    *ChangeSet
		delete answer
		stacks []answer
		want   []string
	}{
		"of an update":                         {set: testSet(), want: []string{"DeleteChangeSet"}},
		"gone already":                         {set: testSet(), delete: failure{404, "ChangeSetNotFound", "does not exist"}, want: []string{"DeleteChangeSet"}},
		"of a new stack":                       {set: newSet(), stacks: []answer{aStack("REVIEW_IN_PROGRESS"), aStack("DELETE_COMPLETE")}, want: []string{"DeleteChangeSet", "DescribeStacks", "ListChangeSets", "DeleteStack", "DescribeStacks"}},
		"of a stack that is no shell any more": {set: newSet(), stacks: []answer{aStack("CREATE_IN_PROGRESS")}, want: []string{"DeleteChangeSet", "DescribeStacks"}},
		"of a stack that is gone":              {set: newSet(), stacks: []answer{noStack("fleet")}, want: []string{"DeleteChangeSet", "DescribeStacks"}},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.delete == nil {
				tc.delete = object{}
			}
			s, e := newScript(t, map[string][]answer{
				"DeleteChangeSet": {tc.delete}, "DescribeStacks": tc.stacks, "DeleteStack": {object{}},
				"ListChangeSets": {object{"Summaries": array{object{"ChangeSetId": testSetARN, "Status": "CREATE_COMPLETE"}}}},
			})
			if err := e.Discard(t.Context(), tc.set); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.calls, tc.want) {
				t.Errorf("calls %v, want %v", s.calls, tc.want)
			}
		})
	}
	t.Run("the shell cannot be deleted", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{
			"DeleteChangeSet": {object{}}, "DescribeStacks": {aStack("REVIEW_IN_PROGRESS"), aStack("DELETE_FAILED", object{"StackStatusReason": "stuck"})},
			"ListChangeSets": {object{}}, "DeleteStack": {object{}},
		})
		says(t, e.Discard(t.Context(), newSet()), "stuck")
	})
}

func newSet() *ChangeSet {
	cs := testSet()
	cs.NewStack = true
	return cs
}
