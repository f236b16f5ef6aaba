package deploy

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
)

// running is an operation that carries the token "mine".
func running(e *Engine, kind Kind) *Execution {
	x := e.newExecution("fleet", testStackARN, kind)
	x.Token = "mine"
	return x
}

// follow reads all events as lines, and the error that ended them.
func follow(ctx context.Context, x *Execution) (lines []string, err error) {
	for event, failure := range x.Events(ctx) {
		if failure != nil {
			return lines, failure
		}
		lines = append(lines, strings.TrimSpace(event.LogicalID+" "+event.Status))
	}
	return lines, nil
}

// The history of an update that is rolled back, one event after another.
func history() []object {
	rollback := anEvent(6, "A", "UPDATE_COMPLETE", "", "")
	end := anEvent(7, "fleet", "UPDATE_ROLLBACK_COMPLETE", "", "")
	rollback["OperationId"], end["OperationId"] = "rollback", "rollback"
	return []object{
		anEvent(1, "fleet", "CREATE_COMPLETE", "", "earlier"),
		anEvent(2, "fleet", "UPDATE_IN_PROGRESS", "User Initiated", "mine"),
		anEvent(3, "A", "UPDATE_IN_PROGRESS", "", "mine"),
		anEvent(4, "A", "UPDATE_FAILED", "No such image", "mine"),
		anEvent(5, "fleet", "UPDATE_ROLLBACK_IN_PROGRESS", "The following resource(s) failed to update: [A].", "mine"),
		rollback,
		end,
	}
}

func TestEvents(t *testing.T) {
	h := history()
	whole := []string{
		"fleet UPDATE_IN_PROGRESS", "A UPDATE_IN_PROGRESS", "A UPDATE_FAILED", "fleet UPDATE_ROLLBACK_IN_PROGRESS", "A UPDATE_COMPLETE",
		"fleet UPDATE_ROLLBACK_COMPLETE",
	}
	throttled := failure{400, "Throttling", "Rate exceeded"}
	broken := failure{503, "ServiceUnavailable", "try later"}
	for name, answers := range map[string][]answer{
		"all at once":      {events(h...)},
		"one by one":       {events(h[:1]...), events(h[:2]...), events(h[:2]...), events(h[:3]...), events(h[:4]...), events(h[:5]...), events(h[:6]...), events(h...)},
		"AWS in trouble":   {throttled, events(h[:2]...), throttled, broken, broken, throttled, events(h[:4]...), broken, events(h...)},
		"credentials late": {events(h[:2]...), failure{403, "ExpiredToken", "x"}, failure{403, "ExpiredToken", "x"}, events(h...)},
	} {
		t.Run(name, func(t *testing.T) {
			_, e := newScript(t, map[string][]answer{"DescribeStackEvents": answers, "DescribeStacks": {aStack("UPDATE_ROLLBACK_COMPLETE")}})
			x := running(e, KindDeploy)
			got, err := follow(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(whole, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			again, err := follow(t.Context(), x)
			if d := cmp.Diff(whole, again); d != "" || err != nil {
				t.Errorf("a second reading: %v (-want +got):\n%s", err, d)
			}
			_, err = x.Result(t.Context())
			failed := as[*StackError](t, err)
			if failed.Status != "UPDATE_ROLLBACK_COMPLETE" || failed.Cause == nil || failed.Cause.StatusReason != "No such image" || len(failed.Failed) != 0 {
				t.Errorf("got %+v", failed)
			}
		})
	}
}

func TestEventsOverPages(t *testing.T) {
	h := history()
	page := func(next string, list ...object) object {
		p := events(list...)
		p["NextToken"] = next
		return p
	}
	s, e := newScript(t, map[string][]answer{
		"DescribeStackEvents": {
			page("2", h[4:]...), page("3", h[3], h[4]), page("", h[:3]...), // the second page shifted by one event
		},
		"DescribeStacks": {aStack("UPDATE_ROLLBACK_COMPLETE")},
	})
	got, err := follow(t.Context(), running(e, KindDeploy))
	if err != nil || len(got) != 6 || got[0] != "fleet UPDATE_IN_PROGRESS" {
		t.Errorf("got %v, %v", got, err)
	}
	if n := s.called("DescribeStackEvents"); n != 3 {
		t.Errorf("read %d pages, want 3", n)
	}
}

func TestTroubleIsTold(t *testing.T) {
	_, e := newScript(t, map[string][]answer{
		"DescribeStackEvents": {failure{500, "InternalFailure", "oops"}, events(history()...)},
		"DescribeStacks":      {failure{400, "Throttling", "Rate exceeded"}, aStack("UPDATE_ROLLBACK_COMPLETE")},
	})
	var told []string
	e.opts.Trouble = func(err error) { told = append(told, awserr.Code(err)) }
	if _, err := follow(t.Context(), running(e, KindDeploy)); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]string{"InternalFailure", "Throttling"}, told); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAnotherOperationFollows(t *testing.T) {
	h := []object{
		anEvent(2, "fleet", "UPDATE_IN_PROGRESS", "User Initiated", "mine"),
		anEvent(3, "fleet", "UPDATE_COMPLETE", "", "mine"),
		anEvent(4, "fleet", "DELETE_IN_PROGRESS", "User Initiated", "theirs"),
		anEvent(5, "A", "DELETE_FAILED", "In use", "theirs"),
	}
	_, e := newScript(t, map[string][]answer{"DescribeStackEvents": {events(h...)}, "DescribeStacks": {aStack("DELETE_IN_PROGRESS")}})
	x := running(e, KindDeploy)
	got, err := follow(t.Context(), x)
	if d := cmp.Diff([]string{"fleet UPDATE_IN_PROGRESS", "fleet UPDATE_COMPLETE"}, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	r, err := x.Result(t.Context())
	if err != nil || r.Status != "UPDATE_COMPLETE" || len(r.Failed) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
}

func TestWatchEnds(t *testing.T) {
	for name, tc := range map[string]struct {
		answers map[string][]answer
		check   func(error) bool
	}{
		"expired credentials": {
			map[string][]answer{"DescribeStackEvents": {events(history()[:3]...), failure{403, "ExpiredToken", "expired"}}},
			awserr.IsExpired,
		},
		"neither events nor stack may be read": {
			map[string][]answer{"DescribeStackEvents": {failure{403, "AccessDenied", "no"}}, "DescribeStacks": {failure{403, "AccessDenied", "no"}}},
			awserr.IsAccessDenied,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, e := newScript(t, tc.answers)
			_, err := running(e, KindDeploy).Result(t.Context())
			if watch := as[*WatchError](t, err); watch.StackID != testStackARN || !tc.check(err) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("interrupt, and on again", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		s, e := newScript(t, map[string][]answer{"DescribeStackEvents": {events(history()[:3]...)}, "DescribeStacks": {aStack("UPDATE_IN_PROGRESS")}})
		x := running(e, KindDeploy)
		got, err := follow(ctx, x)
		isOf[*WatchError](t, err)
		is(t, err, context.DeadlineExceeded)
		if len(got) != 2 {
			t.Errorf("got %v", got)
		}
		s.mu.Lock()
		s.answers["DescribeStackEvents"] = []answer{events(history()...)}
		s.answers["DescribeStacks"] = []answer{aStack("UPDATE_ROLLBACK_COMPLETE")}
		s.mu.Unlock()
		if got, err = follow(t.Context(), x); err != nil || len(got) != 6 {
			t.Errorf("then %v, %v", got, err)
		}
	})
}

func TestEventsDenied(t *testing.T) {
	_, e := newScript(t, map[string][]answer{
		"DescribeStackEvents": {failure{403, "AccessDenied", "not you"}},
		"DescribeStacks":      {aStack("CREATE_COMPLETE"), aStack("UPDATE_IN_PROGRESS"), aStack("UPDATE_COMPLETE")},
		"DescribeChangeSet":   {made("CREATE_COMPLETE", object{"ExecutionStatus": "EXECUTE_IN_PROGRESS"})},
	})
	x := running(e, KindDeploy)
	x.changeSet = testSetARN
	r, err := x.Result(t.Context())
	if err != nil || r.Status != "UPDATE_COMPLETE" {
		t.Fatalf("got %+v, %v", r, err)
	}
	if d := cmp.Diff([]string{"the stack's events could not be read: not you"}, r.Warnings); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestOperationWithoutEvents(t *testing.T) {
	t.Run("the change set says it failed", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{
			"DescribeStackEvents": {events()},
			"DescribeStacks":      {aStack("CREATE_COMPLETE")},
			"DescribeChangeSet":   {made("CREATE_COMPLETE", object{"ExecutionStatus": "EXECUTE_FAILED", "StatusReason": "denied by policy"})},
		})
		x := running(e, KindDeploy)
		x.changeSet = testSetARN
		_, err := x.Result(t.Context())
		says(t, err, "its change set is EXECUTE_FAILED denied by policy")
	})
	t.Run("stale reads, then the change set is done", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{
			"DescribeStackEvents": {events()},
			"DescribeStacks":      {aStack("REVIEW_IN_PROGRESS"), aStack("REVIEW_IN_PROGRESS"), aStack("CREATE_COMPLETE")},
			"DescribeChangeSet": {
				made("CREATE_COMPLETE", object{"ExecutionStatus": "EXECUTE_IN_PROGRESS"}), made("CREATE_COMPLETE", object{"ExecutionStatus": "EXECUTE_COMPLETE"}),
			},
		})
		x := running(e, KindDeploy)
		x.changeSet = testSetARN
		r, err := x.Result(t.Context())
		if err != nil || r.Stack.ID != testStackARN {
			t.Errorf("got %+v, %v", r, err)
		}
	})
	t.Run("a deletion after which nothing can be read", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{"DescribeStackEvents": {noStack("fleet")}, "DescribeStacks": {noStack("fleet")}})
		r, err := running(e, KindDelete).Result(t.Context())
		if err != nil || !r.Status.Gone() {
			t.Errorf("got %+v, %v", r, err)
		}
	})
}

func TestResultOfDelete(t *testing.T) {
	h := []object{
		anEvent(1, "fleet", "DELETE_IN_PROGRESS", "User Initiated", "mine"),
		anEvent(2, "Kept", "DELETE_SKIPPED", "", "mine"),
		anEvent(3, "Late", "DELETE_FAILED", "In use", "mine"),
		anEvent(4, "Stuck", "DELETE_FAILED", "Not empty", "mine"),
		anEvent(5, "Late", "DELETE_COMPLETE", "", "mine"),
	}
	failed := append(h, anEvent(6, "fleet", "DELETE_FAILED", "The following resource(s) failed to delete: [Stuck].", "mine"))
	done := append(h[:3:3], h[4], anEvent(6, "fleet", "DELETE_COMPLETE", "", "mine"))

	_, e := newScript(t, map[string][]answer{"DescribeStackEvents": {events(failed...)}, "DescribeStacks": {aStack("DELETE_FAILED")}})
	_, err := running(e, KindDelete).Result(t.Context())
	failure := as[*StackError](t, err)
	if len(failure.Failed) != 1 || failure.Failed[0].LogicalID != "Stuck" || failure.Cause.LogicalID != "Stuck" {
		t.Errorf("failed %+v, cause %+v", failure.Failed, failure.Cause)
	}

	_, e = newScript(t, map[string][]answer{"DescribeStackEvents": {events(done...)}, "DescribeStacks": {aStack("DELETE_COMPLETE")}})
	r, err := running(e, KindDelete).Result(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Retained) != 1 || r.Retained[0].LogicalID != "Kept" || len(r.Failed) != 0 || r.Duration != 5*time.Second {
		t.Errorf("got %+v", r)
	}
}

func TestAttach(t *testing.T) {
	h := history()
	t.Run("to a running rollback, from the update's start", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{
			"DescribeStackEvents": {events(h[:5]...), events(h...)},
			"DescribeStacks":      {aStack("UPDATE_ROLLBACK_IN_PROGRESS"), aStack("UPDATE_ROLLBACK_COMPLETE")},
		})
		x, err := e.Attach(t.Context(), "fleet")
		if err != nil {
			t.Fatal(err)
		}
		got, err := follow(t.Context(), x)
		if err != nil || len(got) != 6 || x.Token != "mine" || x.Kind != KindDeploy {
			t.Errorf("got %v, %v, %+v", got, err, x)
		}
	})
	t.Run("before its first event", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{
			"DescribeStackEvents": {events(h[:1]...), events(h...)},
			"DescribeStacks":      {aStack("UPDATE_IN_PROGRESS"), aStack("UPDATE_ROLLBACK_COMPLETE")},
		})
		x, err := e.Attach(t.Context(), "fleet")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := follow(t.Context(), x); err != nil || len(got) != 6 {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("idle", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{"DescribeStacks": {aStack("UPDATE_COMPLETE")}})
		_, err := e.Attach(t.Context(), "fleet")
		is(t, err, ErrIdle)
	})
	t.Run("missing", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{"DescribeStacks": {noStack("fleet")}})
		_, err := e.Attach(t.Context(), "fleet")
		is(t, err, ErrStackNotFound)
	})
	t.Run("the last one, when it is over", func(t *testing.T) {
		_, e := newScript(t, map[string][]answer{"DescribeStackEvents": {events(h...)}, "DescribeStacks": {aStack("UPDATE_ROLLBACK_COMPLETE")}})
		x, err := e.Last(t.Context(), "fleet")
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.Result(t.Context())
		if failure := as[*StackError](t, err); len(failure.Events) != 6 || failure.Cause.LogicalID != "A" {
			t.Errorf("got %+v", failure)
		}
	})
	t.Run("a rollback that somebody asked for", func(t *testing.T) {
		log := events(
			anEvent(1, "fleet", "UPDATE_ROLLBACK_FAILED", "", "before"),
			anEvent(2, "fleet", "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated", "other"),
			anEvent(3, "fleet", "UPDATE_ROLLBACK_COMPLETE", "", "other"),
		)
		_, e := newScript(t, map[string][]answer{"DescribeStackEvents": {log}, "DescribeStacks": {aStack("UPDATE_ROLLBACK_COMPLETE")}})
		x, err := e.Last(t.Context(), "fleet")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := x.Result(t.Context()); err != nil || x.Kind != KindRollback {
			t.Errorf("got %+v, %v, kind %s", r, err, x.Kind)
		}
	})
}
