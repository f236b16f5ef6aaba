package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/google/go-cmp/cmp"
)

// journey creates a stack, looks at a change, makes it, and deletes the stack; it returns what each step came to.
func journey(t *testing.T, e *Engine) (steps []string, err error) {
	t.Helper()
	r, err := deploy(t, e, topics("1", "A a one", "B b one"))
	if err != nil {
		return steps, err
	}
	steps = append(steps, string(r.Status))
	cs, err := e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: topics("1", "A a two", "B bb one")})
	if err != nil {
		return steps, err
	}
	for _, c := range cs.Changes {
		steps = append(steps, fmt.Sprintf("%s %s %s %v", c.Action, c.LogicalID, c.Replacement, c.Properties))
	}
	if err := e.Discard(t.Context(), cs); err != nil {
		return steps, err
	}
	if r, err = deploy(t, e, topics("1", "A a two", "B bb one")); err != nil {
		return steps, err
	}
	steps = append(steps, string(r.Status))
	stack, err := e.Stack(t.Context(), "fleet")
	if err != nil {
		return steps, err
	}
	x, err := e.Delete(t.Context(), stack, DeleteOptions{})
	if err != nil {
		return steps, err
	}
	if r, err = x.Result(t.Context()); err != nil {
		return steps, err
	}
	return append(steps, string(r.Status)), nil
}

// operations are the stack's own beginnings and ends: one that is done twice shows twice.
func operations(t *testing.T, l *local) []string {
	t.Helper()
	e := newTestEngine(t, l.url)
	var own []string
	stacks, err := e.client.ListStacks(t.Context(), &cloudformation.ListStacksInput{}) // deleted ones, too
	if err != nil {
		t.Fatal(err)
	}
	for _, stack := range stacks.StackSummaries {
		err := e.eventPages(t.Context(), *stack.StackId, e.retry, func(page []Event) bool {
			for _, event := range page {
				if event.OfStack() {
					own = append(own, event.Status)
				}
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(own)
	return own
}

// TestFaultAtEveryCall makes the journey again and again, with one fault at each call in turn.
func TestFaultAtEveryCall(t *testing.T) {
	plain := newLocal(t)
	want, err := journey(t, newTestEngine(t, plain.url))
	if err != nil {
		t.Fatal(err)
	}
	wantOperations := operations(t, plain)
	var injected atomic.Int64
	t.Run("", func(t *testing.T) { sweep(t, plain.seen, want, wantOperations, &injected) })
	t.Logf("%d faults injected", injected.Load())
	if injected.Load() < 100 {
		t.Errorf("only %d faults were met", injected.Load())
	}
}

func sweep(t *testing.T, calls map[string]int, want, wantOperations []string, injected *atomic.Int64) {
	t.Helper()
	for _, action := range slices.Sorted(maps.Keys(calls)) {
		for nth := 1; nth <= min(calls[action], 4); nth++ {
			for _, kind := range []fault{throttled, broken, reset, lost, denied} {
				t.Run(fmt.Sprintf("%s %d %s", action, nth, kind), func(t *testing.T) {
					t.Parallel()
					l := newLocal(t)
					l.fault, l.action, l.nth = kind, action, nth
					got, err := journey(t, newTestEngine(t, l.url))
					injected.Add(int64(l.hits))
					if kind == denied {
						checkDenied(t, l, action, err)
						return
					}
					if d := cmp.Diff(want, got); d != "" || err != nil {
						t.Fatalf("%v (-want +got):\n%s", err, d)
					}
					if d := cmp.Diff(wantOperations, operations(t, l)); d != "" {
						t.Errorf("operations (-want +got):\n%s", d)
					}
					if found := left(t, l); found != nil {
						t.Errorf("left behind: %v", found)
					}
				})
			}
		}
	}
}

// checkDenied expects the denial itself, or no error where the engine goes on with less; and nothing left behind but
// what could not be cleaned up for want of that very permission.
func checkDenied(t *testing.T, l *local, action string, err error) {
	t.Helper()
	if err != nil && !strings.Contains(err.Error(), "cloudformation:"+action) {
		t.Errorf("the error does not name what is denied: %v", err)
	}
	if err == nil && !slices.Contains([]string{"DescribeEvents", "DescribeStackEvents", "GetTemplate", "ListChangeSets"}, action) && l.hits > 0 {
		t.Errorf("a denied %s went unnoticed", action)
	}
	if found := left(t, l); found != nil && action != "DeleteChangeSet" {
		t.Errorf("left behind after %v: %v", err, found)
	}
	if watch, ok := errors.AsType[*WatchError](err); ok && watch.StackID == "" {
		t.Errorf("no way back to the operation: %v", err)
	}
}

// TestInterruptAtEveryCall cancels the making of a change set at each of its calls in turn.
func TestInterruptAtEveryCall(t *testing.T) {
	for name, before := range map[string][]byte{"new stack": nil, "update": topics("1", "A a one")} {
		calls := interrupted(t, before, "", 0)
		for _, action := range slices.Sorted(maps.Keys(calls)) {
			for nth := 1; nth <= calls[action]; nth++ {
				t.Run(fmt.Sprintf("%s, %s %d", name, action, nth), func(t *testing.T) { interrupted(t, before, action, nth) })
			}
		}
	}
}

// interrupted makes a change set for a stack that has the template before, and returns its calls.
func interrupted(t *testing.T, before []byte, action string, nth int) map[string]int {
	t.Helper()
	l := newLocal(t)
	e := newTestEngine(t, l.url)
	if before != nil {
		if _, err := deploy(t, e, before); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	l.mu.Lock()
	l.seen, l.fault, l.action, l.nth, l.cancel = map[string]int{}, interrupt, action, nth, cancel
	l.mu.Unlock()
	_, err := e.CreateChangeSet(ctx, Request{StackName: "fleet", Template: topics("1", "A a two")})
	if l.hits > 0 {
		is(t, err, context.Canceled)
		if found := left(t, l); found != nil {
			t.Errorf("left behind after %v: %v", err, found)
		}
	} else if err != nil && action == "" {
		t.Error(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.seen)
}
