package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Attach finds the operation that runs on a stack, by name or ARN, whoever started it. When none runs it is ErrIdle.
func (e *Engine) Attach(ctx context.Context, nameOrARN string) (*Execution, error) {
	stack, err := e.Stack(ctx, nameOrARN)
	if err != nil {
		return nil, err
	}
	if !stack.Status.InProgress() {
		return nil, fmt.Errorf("watch stack %q: %w", stack.Name, ErrIdle)
	}
	return e.last(ctx, stack)
}

// Last is the latest operation of a stack, by name or ARN: the one that runs, or the one that brought it to its
// present status. Its events are those that CloudFormation still keeps.
func (e *Engine) Last(ctx context.Context, nameOrARN string) (*Execution, error) {
	stack, err := e.Stack(ctx, nameOrARN)
	if err != nil {
		return nil, err
	}
	return e.last(ctx, stack)
}

// last reads the events back to the end of the operation before.
func (e *Engine) last(ctx context.Context, stack *Stack) (*Execution, error) {
	var newest []Event
	seen := map[string]bool{}
	ended := stack.Status.InProgress() // whether the newest rest of the stack belongs to the operation before
	err := e.eventPages(ctx, stack.ID, e.retry, func(page []Event) bool {
		more := true
		for _, event := range page {
			seen[event.ID] = true
			if rest(event) {
				more = more && !ended && !begun(newest)
				ended = true
			}
			if more {
				newest = append(newest, event)
			}
		}
		return more
	})
	if err != nil {
		return nil, err
	}
	slices.Reverse(newest)
	return e.resume(stack, newest, seen), nil
}

// rest reports whether the event says that the stack itself came to rest.
func rest(e Event) bool {
	return e.OfStack() && (!e.InProgress() || Status(e.Status).InReview())
}

// begun reports whether the events, newest first, hold the stack's own beginning of an operation.
func begun(newest []Event) bool {
	return slices.ContainsFunc(newest, func(e Event) bool { return e.OfStack() && e.InProgress() })
}

// resume makes an Execution of the events of an operation, oldest first.
func (e *Engine) resume(stack *Stack, events []Event, seen map[string]bool) *Execution {
	first := slices.IndexFunc(events, Event.OfStack)
	x := e.newExecution(stack.Name, stack.ID, KindDeploy)
	x.Token, x.seen, x.started = "", seen, true
	if first < 0 {
		x.since = latest(stack)
		return x
	}
	x.Token, x.since = events[first].Token, events[first].Time
	switch status := events[first].Status; {
	case strings.HasPrefix(status, "DELETE_"):
		x.Kind = KindDelete
	case strings.HasSuffix(status, "ROLLBACK_IN_PROGRESS"):
		x.Kind = KindRollback
	}
	for _, event := range events[first:] {
		x.take(event)
	}
	return x
}
