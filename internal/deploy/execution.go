package deploy

import (
	"context"
	"errors"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

const (
	// quietRounds is the number of looks without news after which the stack itself is asked: its last event may
	// be late.
	quietRounds = 4
	// unstartedRounds is the number of such looks after which an operation of which there is no sign is taken
	// to be over.
	unstartedRounds = 30
	// expiredRounds is the number of looks that expired credentials may fail: a provider may renew them meanwhile.
	expiredRounds = 3
)

// Kind is what an operation was asked to do.
type Kind string

// The kinds of operations.
const (
	KindDeploy   Kind = "deploy"
	KindDelete   Kind = "delete"
	KindRollback Kind = "rollback"
)

// Execution is an operation on a stack: running, or over. It is not safe for concurrent use.
type Execution struct {
	StackName string
	StackID   string // ARN: a deleted stack stays readable by it
	Token     string // ClientRequestToken of the operation; empty when it has none
	Kind      Kind

	engine    *Engine
	changeSet string // ARN of the set it executes; empty when it executes none or none is known
	since     time.Time

	seen    map[string]bool // by event ID; also the events of earlier operations
	events  []Event         // of this operation, oldest first
	started bool
	last    Status // the stack's own terminal status, once its event arrived
	next    bool   // another operation began after this one
	ended   bool
	stack   *Stack // at the end
	reason  string // why the operation never began, once ended

	pace     *pace
	looked   bool // the first look needs no wait
	quiet    int
	rested   int // looks that found the stack at rest and its last event missing
	expired  int
	blindErr error // the events cannot be read at all; the stack alone is watched
}

func (e *Engine) newExecution(stackName, stackID string, kind Kind) *Execution {
	return &Execution{
		StackName: stackName, StackID: stackID, Kind: kind, Token: e.unique(),
		engine: e, seen: map[string]bool{}, pace: e.pace(),
	}
}

// Events yields the operation's events from its start, oldest first, each once, until the stack comes to rest.
// A rollback that follows is part of it. Throttling and other trouble of AWS only slow it down. It ends early
// with a *WatchError when ctx ends, the credentials expire, or the stack may not be read; the operation itself goes on,
// and Events can be called again.
func (x *Execution) Events(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		for i := 0; ; {
			for ; i < len(x.events); i++ {
				if !yield(x.events[i], nil) {
					return
				}
			}
			if x.ended {
				return
			}
			if err := x.advance(ctx); err != nil {
				yield(Event{}, err)
				return
			}
		}
	}
}

// advance looks once, after the wait that is due.
func (x *Execution) advance(ctx context.Context) error {
	if x.looked {
		if err := x.pace.wait(ctx); err != nil {
			return x.lost(err)
		}
	}
	x.looked = true
	err := x.look(ctx)
	switch {
	case err == nil:
		x.expired = 0
		return nil
	case ctx.Err() != nil:
		return x.lost(ctx.Err())
	case awserr.IsExpired(err):
		if x.expired++; x.expired >= expiredRounds {
			return x.lost(err)
		}
	case !trouble(err):
		return x.lost(err)
	}
	x.pace.trouble()
	if x.engine.opts.Trouble != nil {
		x.engine.opts.Trouble(err)
	}
	return nil
}

func (x *Execution) lost(err error) error {
	return &WatchError{StackName: x.StackName, StackID: x.StackID, Err: err}
}

// look reads what is new, and asks the stack whether it is at rest when its events say so or say nothing.
func (x *Execution) look(ctx context.Context) error {
	before := len(x.events)
	if x.blindErr == nil {
		fresh, err := x.engine.unseen(ctx, x.StackID, x.seen)
		if awserr.IsAccessDenied(err) {
			x.blindErr, err = err, nil
		}
		if err != nil && !errors.Is(err, ErrStackNotFound) && !awserr.IsNotFound(err) {
			return err
		}
		for _, event := range fresh {
			x.take(event)
		}
	}
	if len(x.events) > before {
		x.quiet = 0
		x.pace.busy()
	} else {
		x.quiet++
		x.pace.quiet()
	}
	if x.last == "" && x.quiet < quietRounds && x.blindErr == nil {
		return nil
	}
	return x.confirm(ctx)
}

// take adds an event if it is of this operation. A stack runs one operation at a time, so that everything from
// the first event with our token belongs to it until another operation begins, whatever token its rollback has.
func (x *Execution) take(event Event) {
	switch {
	case x.next:
		return
	case !x.started && event.Token != x.Token:
		return
	case x.last != "" && event.OfStack() && event.InProgress() && !x.continues(event):
		x.next = true
		return
	}
	if x.since.IsZero() {
		x.since = event.Time
	}
	x.started = true
	x.events = append(x.events, event)
	if status := Status(event.Status); event.OfStack() {
		x.last = ""
		if !status.InProgress() && !status.InReview() {
			x.last = status
		}
	}
}

// continues reports whether the stack's own event goes on with an operation that seemed over: CREATE_FAILED may
// be followed by a rollback or a deletion that belongs to it.
func (x *Execution) continues(event Event) bool {
	if event.Token != "" || x.Token != "" {
		return event.Token == x.Token
	}
	return event.OperationID != "" && len(x.events) > 0 && event.OperationID == x.events[0].OperationID
}

// confirm ends the operation if the stack is at rest.
func (x *Execution) confirm(ctx context.Context) error {
	if x.next {
		return x.end(ctx)
	}
	stack, err := x.engine.stack(ctx, x.StackID, x.engine.once)
	if errors.Is(err, ErrStackNotFound) {
		stack, err = &Stack{Name: x.StackName, ID: x.StackID, Status: "DELETE_COMPLETE"}, nil
	}
	if err != nil {
		return err
	}
	switch {
	case stack.Status.InProgress():
		x.started, x.rested = x.started || x.blindErr != nil, 0
		return nil
	case x.started && x.last != stack.Status && x.rested < quietRounds && x.blindErr == nil:
		x.rested++ // one of the two is behind the other
		return nil
	case !x.started:
		over, err := x.overUnseen(ctx, stack)
		if err != nil || !over {
			return err
		}
	}
	x.stack, x.ended = stack, true
	return nil
}

// end is for an operation after which another one began before it was seen to end: the stack tells of that one now.
func (x *Execution) end(ctx context.Context) error {
	stack, err := x.engine.stack(ctx, x.StackID, x.engine.once)
	if err != nil && !errors.Is(err, ErrStackNotFound) {
		return err
	}
	if stack == nil {
		stack = &Stack{Name: x.StackName, ID: x.StackID}
	}
	stack.Status, stack.StatusReason = x.last, ""
	x.stack, x.ended = stack, true
	return nil
}

// overUnseen decides about an operation that left no event while the stack is at rest: it may not have begun yet,
// and a few stale reads are normal, or it is over and its events cannot be read.
func (x *Execution) overUnseen(ctx context.Context, stack *Stack) (bool, error) {
	if x.changeSet == "" {
		return (x.Kind == KindDelete && stack.Status.Gone()) || x.quiet >= unstartedRounds, nil
	}
	out, err := x.engine.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &x.changeSet}, x.engine.once)
	if awserr.IsNotFound(err) {
		return x.quiet >= unstartedRounds, nil
	}
	if err != nil {
		return false, err
	}
	switch out.ExecutionStatus {
	case types.ExecutionStatusExecuteComplete:
		return !stack.Status.InReview(), nil // else what was read of the stack is older than that
	case types.ExecutionStatusExecuteFailed, types.ExecutionStatusObsolete:
		x.reason = "its change set is " + strings.TrimSpace(string(out.ExecutionStatus)+" "+str(out.StatusReason))
		return true, nil
	default:
		return false, nil
	}
}
