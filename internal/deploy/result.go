package deploy

import (
	"context"
	"slices"
	"time"

	"github.com/semagent/semagent/internal/awserr"
)

// Result is how an operation ended that did what it was asked to.
type Result struct {
	Stack    *Stack // at the end; a deleted one too
	Status   Status
	Duration time.Duration // from the first event to the last, by CloudFormation's clock
	Retained []Event       // resources that a deletion or replacement left in place, by policy or by request
	Failed   []Event       // resources that ended in a failed status all the same: left behind by a clean-up
	Warnings []string      // what could not be watched; sentences for people
}

// Result waits for the end of the operation. One that failed, or was rolled back without having been asked to, is
// a *StackError; one that cannot be watched any longer is a *WatchError, as in Events.
func (x *Execution) Result(ctx context.Context) (*Result, error) {
	for !x.ended {
		if err := x.advance(ctx); err != nil {
			return nil, err
		}
	}
	r := &Result{
		Stack:    x.stack,
		Status:   x.stack.Status,
		Retained: lastOf(x.events, func(e Event) bool { return e.Status == "DELETE_SKIPPED" }),
		Failed:   lastOf(x.events, Event.Failed),
	}
	if n := len(x.events); n > 0 {
		r.Duration = x.events[n-1].Time.Sub(x.events[0].Time)
	}
	if x.blindErr != nil {
		r.Warnings = append(r.Warnings, "the stack's events could not be read: "+awserr.Message(x.blindErr))
	}
	if x.reason == "" && x.succeeded(r.Status) {
		return r, nil
	}
	return nil, x.stackError(r)
}

func (x *Execution) succeeded(status Status) bool {
	return slices.Contains(map[Kind][]Status{
		KindDeploy:   {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"},
		KindDelete:   {"DELETE_COMPLETE"},
		KindRollback: {"ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"},
	}[x.Kind], status)
}

func (x *Execution) stackError(r *Result) *StackError {
	failure := &StackError{
		StackName:    x.StackName,
		StackID:      x.StackID,
		Status:       r.Status,
		StatusReason: r.Stack.StatusReason,
		Cause:        rootCause(x.events),
		Failed:       r.Failed,
		Stuck:        stuck(x.events),
		Events:       slices.Clone(x.events),
	}
	if x.reason != "" {
		failure.StatusReason = x.reason
	}
	if r.Status == "ROLLBACK_FAILED" || r.Status == "UPDATE_ROLLBACK_FAILED" {
		failure.RollbackCause = rollbackCause(x.events, failure.Cause)
	}
	return failure
}

// lastOf gives the last event of every physical resource for which want is true of that event, in time order.
func lastOf(events []Event, want func(Event) bool) []Event {
	var found []Event
	seen := map[[2]string]bool{}
	for _, e := range slices.Backward(events) {
		id := [2]string{e.LogicalID, e.PhysicalID}
		if e.OfStack() || seen[id] {
			continue
		}
		seen[id] = true
		if want(e) {
			found = append(found, e)
		}
	}
	slices.Reverse(found)
	return found
}
