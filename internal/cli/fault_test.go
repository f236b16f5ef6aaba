package cli_test

import (
	"flag"
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

// flow is one command of the sweep.
type flow struct {
	ground ground
	args   []string
}

// ground is what the AWS holds when a flow begins, beside the bootstrap bucket and the token.
type ground int

const (
	empty ground = iota
	fleet        // a whole one; it is used again, since what is done to it can be done again
	small        // a stack of the fleet's name
)

// point is one call of a flow: the nth of an operation.
type point struct {
	service, operation string
	nth                int
}

// ending is how a flow ended.
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

// sweepCalls is 2 in the ordinary tests, because polls repeat themselves and the race detector is slow; make sweep
// takes every call there is.
var sweepCalls = flag.Int("calls", 2, "how many calls of each operation the fault sweep takes")

// TestFaultAtEveryCall runs deploy, diff and destroy again and again, with one fault at each call to AWS in turn.
func TestFaultAtEveryCall(t *testing.T) {
	lanes := newLanes(t, 4)
	var all []injection
	for name, f := range map[string]flow{
		"create":       {empty, []string{"deploy", "--yes"}},
		"update":       {fleet, []string{"deploy", "--yes"}},
		"diff, new":    {empty, []string{"diff"}},
		"diff, update": {fleet, []string{"diff"}},
		"destroy":      {small, []string{"destroy", "--yes"}},
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
	if len(all) < 200 || injected.Load() < int64(len(all))*3/4 {
		t.Errorf("only %d faults in %d cases", injected.Load(), len(all))
	}
}

// injections runs a flow without faults, and plans a case for each of its calls and each kind of fault. Where a call is
// repeated, the kinds that are like those of the first one are left out of the ordinary tests.
func injections(t *testing.T, l *lane, name string, f flow) []injection {
	t.Helper()
	l.renew(t)
	args, done := prepare(t, l, f)
	before := len(l.current.Load().Calls())
	code, text := l.run(t, args...)
	if code != 0 {
		t.Fatalf("%s: exit code %d\n%s", name, code, text)
	}
	counts := map[point]int{}
	for _, call := range l.current.Load().Calls()[before:] {
		if call.Service != "events" { // the schedule's, of its own accord
			counts[point{call.Service, call.Operation, 0}]++
		}
	}
	clean := ending{code, l.operations(t, "ci")[done:]}
	var planned []injection
	for _, p := range slices.SortedFunc(maps.Keys(counts), func(a, b point) int { return strings.Compare(a.service+a.operation, b.service+b.operation) }) {
		for nth := 1; nth <= min(counts[p], *sweepCalls); nth++ {
			for kind, rule := range kinds(nth) {
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

func kinds(nth int) map[string]fault.Call {
	all := map[string]fault.Call{"lost reply": {Kind: fault.LostReply, Count: 1}, "access denied": {Kind: fault.Denied}}
	if nth == 1 || *sweepCalls > 2 {
		all["throttled twice"] = fault.Call{Kind: fault.Throttle, Count: 2}
		all["503"] = fault.Call{Kind: fault.HTML, Status: 503, Count: 1}
		all["reset"] = fault.Call{Kind: fault.Reset, Count: 1}
	}
	return all
}

// prepare makes the flow's world. It returns the flow's arguments there, which always find something to do, and the
// number of beginnings and ends of operations so far.
func prepare(t *testing.T, l *lane, f flow) (args []string, done int) {
	t.Helper()
	if f.ground != fleet || !l.deployed {
		l.renew(t)
	}
	switch {
	case f.ground == small:
		l.small(t)
	case f.ground == fleet && !l.deployed:
		l.mustRun(t, "deploy", "--yes")
		l.deployed = true
	}
	l.size++
	args = f.args
	if f.ground == fleet {
		args = append(slices.Clone(args), "--set", fmt.Sprintf("SEMAPHORE_AGENT_ASG_MAX_SIZE=%d", l.size+1))
	}
	return args, len(l.operations(t, "ci"))
}

// inject runs a flow with its fault and judges the end. It returns how many faults were met (0 or 1) and whether the
// command did all the same what it was to do.
func inject(t *testing.T, l *lane, i injection) (met, lived int64) {
	t.Helper()
	args, done := prepare(t, l, i.flow)
	server := l.current.Load()
	before := len(server.Calls())
	server.Faults().Add(fault.Set{Calls: []fault.Call{i.rule}})
	code, text := l.run(t, args...)
	server.Faults().Clear()
	for _, call := range server.Calls()[before:] {
		if call.Fault != "" {
			met = 1
		}
	}
	if strings.Contains(text, "panic") || strings.Contains(text, "context canceled") {
		t.Errorf("it says:\n%s", text)
	}
	got := ending{code, l.operations(t, "ci")[done:]}
	if code == i.clean.Code {
		lived = 1
	}
	if i.rule.Kind == fault.Denied {
		judgeDenied(t, i, got, text)
	} else if d := cmp.Diff(i.clean, got); d != "" {
		t.Errorf("(-clean +got):\n%s%s", d, text)
	}
	if found := l.left(t); found != nil && (i.rule.Kind != fault.Denied || !cleansUp(i.operation)) {
		t.Errorf("left behind: %v\n%s", found, text)
	}
	if t.Failed() || l.left(t) != nil {
		l.deployed = false
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
