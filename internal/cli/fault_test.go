package cli_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/fault"
)

// flow is one command of the sweep, in a world that holds the bootstrap stack and the token.
type flow struct {
	deployed bool // there is a fleet already
	args     []string
}

// point is one call of a flow: the nth of an operation.
type point struct {
	service, operation string
	nth                int
}

// outcome is how a flow ended.
type ending struct {
	Code       int
	Operations []string // of the stack, by its own events
}

// injection is one fault at one call of a flow.
type injection struct {
	point
	name string
	rule fault.Call
	flow
	clean ending
}

const maxNth = 3 // polls repeat themselves: their first calls stand for the rest

// TestFaultAtEveryCall runs deploy, diff and destroy again and again, with one fault at each call to AWS in turn.
func TestFaultAtEveryCall(t *testing.T) {
	lanes := newLanes(t, 3)
	var all []injection
	for name, f := range map[string]flow{
		"create":       {false, []string{"deploy", "--yes"}},
		"update":       {true, []string{"deploy", "--yes", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small"}},
		"diff, new":    {false, []string{"diff"}},
		"diff, update": {true, []string{"diff", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small"}},
		"destroy":      {true, []string{"destroy", "--yes"}},
	} {
		all = append(all, injections(t, lanes[0], name, f)...)
	}
	var injected, survived atomic.Int64
	queue := make(chan injection)
	var wait sync.WaitGroup
	for _, l := range lanes {
		wait.Go(func() {
			for i := range queue {
				t.Run(i.name, func(t *testing.T) {
					met, lived := inject(t, l, i)
					injected.Add(met)
					survived.Add(lived)
				})
			}
		})
	}
	for _, i := range all {
		queue <- i
	}
	close(queue)
	wait.Wait()
	for _, l := range lanes {
		l.current.Load().Close()
	}
	t.Logf("%d cases: %d faults met, %d commands did all the same what they were to do", len(all), injected.Load(), survived.Load())
	if len(all) < 300 || injected.Load() < int64(len(all))*9/10 {
		t.Errorf("only %d faults in %d cases", injected.Load(), len(all))
	}
}

// injections runs a flow without faults, and plans one case for each of its calls and each kind of fault.
func injections(t *testing.T, l *lane, name string, f flow) []injection {
	t.Helper()
	before := prepare(t, l, f)
	code, text := l.run(t, f.args...)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", name, code, text)
	}
	counts := map[point]int{}
	for _, call := range l.current.Load().Calls()[before:] {
		counts[point{call.Service, call.Operation, 0}]++
	}
	clean := ending{code, l.operations(t, "ci")}
	var planned []injection
	for _, p := range slices.SortedFunc(maps.Keys(counts), func(a, b point) int { return strings.Compare(a.service+a.operation, b.service+b.operation) }) {
		for nth := 1; nth <= min(counts[p], maxNth); nth++ {
			for kind, rule := range map[string]fault.Call{
				"throttled twice": {Kind: fault.Throttle, Count: 2}, "503": {Kind: fault.HTML, Status: 503, Count: 1}, "reset": {Kind: fault.Reset, Count: 1},
				"lost reply": {Kind: fault.LostReply, Count: 1}, "access denied": {Kind: fault.Denied},
			} {
				rule.Service, rule.Operation, rule.Skip = p.service, p.operation, nth-1
				planned = append(planned, injection{
					point: point{p.service, p.operation, nth}, name: fmt.Sprintf("%s/%s:%s %d %s", name, p.service, p.operation, nth, kind),
					rule: rule, flow: f, clean: clean,
				})
			}
		}
	}
	return planned
}

// prepare makes the flow's world and returns the number of calls that took.
func prepare(t *testing.T, l *lane, f flow) int {
	t.Helper()
	l.renew(t)
	if f.deployed {
		l.mustRun(t, "deploy", "--yes")
	}
	return len(l.current.Load().Calls())
}

// inject runs a flow with its fault and judges the end. It returns how many faults were met (0 or 1) and whether the
// command did all the same what it was to do.
func inject(t *testing.T, l *lane, i injection) (met, lived int64) {
	t.Helper()
	before := prepare(t, l, i.flow)
	server := l.current.Load()
	server.Faults().Add(fault.Set{Calls: []fault.Call{i.rule}})
	code, text := l.run(t, i.args...)
	server.Faults().Clear()
	for _, call := range server.Calls()[before:] {
		if call.Fault != "" {
			met = 1
		}
	}
	if strings.Contains(text, "panic") || strings.Contains(text, "context canceled") {
		t.Errorf("it says:\n%s", text)
	}
	got := ending{code, l.operations(t, "ci")}
	if code == i.clean.Code {
		lived = 1
	}
	if i.rule.Kind == fault.Denied {
		judgeDenied(t, i, got, text)
	} else if d := cmp.Diff(i.clean, got); d != "" {
		t.Errorf("(-clean +got):\n%s%s", d, text)
	}
	if found := l.left(t); found != nil && !(i.rule.Kind == fault.Denied && cleansUp(i.operation)) {
		t.Errorf("left behind: %v\n%s", found, text)
	}
	return met, lived
}

// judgeDenied expects the denial itself with its exit code, or a command that goes on with less; and nothing that was
// done but what a clean run does.
func judgeDenied(t *testing.T, i injection, got ending, text string) {
	t.Helper()
	if got.Code != i.clean.Code && got.Code != 4 {
		t.Errorf("exit code %d\n%s", got.Code, text)
	}
	if got.Code == i.clean.Code && !cmp.Equal(got, i.clean) {
		t.Errorf("(-clean +got):\n%s", cmp.Diff(i.clean, got))
	}
	if got.Code == 4 && i.service != "s3" && !strings.Contains(text, i.service+":"+i.operation) {
		t.Errorf("the error does not name what is denied:\n%s", text)
	}
	for _, status := range got.Operations {
		if !slices.Contains(append(i.clean.Operations, "DELETE_IN_PROGRESS", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"), status) {
			t.Errorf("the stack was in %s\n%s", status, text)
		}
	}
}

// cleansUp reports whether a change set or its stack cannot be taken away without the operation.
func cleansUp(operation string) bool {
	return slices.Contains([]string{"DeleteChangeSet", "DeleteStack", "ListChangeSets", "DescribeStacks"}, operation)
}
