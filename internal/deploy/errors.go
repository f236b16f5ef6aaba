package deploy

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What can be asked of an error with errors.Is; the types below say more, with errors.As.
var (
	// ErrStackNotFound is in the chain when there is no stack of that name or ARN.
	ErrStackNotFound = errors.New("does not exist")
	// ErrNoChanges is in the chain when the stack already is as requested.
	ErrNoChanges = errors.New("no changes")
	// ErrIdle is in the chain when no operation runs on the stack.
	ErrIdle = errors.New("no operation is running")
)

// StateError is a stack in a status in which the request cannot be carried out, and the way out of it.
type StateError struct {
	StackName    string
	StackID      string
	Status       Status
	StatusReason string
	Way          Way
	ChangeSets   []string // WayReview: the ARNs of the change sets that await review
	Cause        *Event   // the failure that brought the stack there; nil when its events do not tell
	Stuck        []Event  // the last event of every resource that a deletion or rollback could not deal with
}

func (e *StateError) Error() string {
	return fmt.Sprintf("stack %q is in status %s%s", e.StackName, e.Status, because(e.Cause, e.StatusReason))
}

// BusyError is a stack that an operation of somebody else holds.
type BusyError struct {
	StackName string
	StackID   string
	Status    Status
	Since     time.Time // zero when unknown
	Token     string    // ClientRequestToken of the operation, which often names its tool; may be empty
}

func (e *BusyError) Error() string {
	var since string
	if !e.Since.IsZero() {
		since = " since " + e.Since.UTC().Format(time.RFC3339)
	}
	if e.Token != "" {
		since += fmt.Sprintf(" (operation %s)", e.Token)
	}
	return fmt.Sprintf("stack %q is in status %s%s", e.StackName, e.Status, since)
}

// ProtectedError is a stack whose termination protection forbids its deletion.
type ProtectedError struct{ StackName string }

func (e *ProtectedError) Error() string {
	return fmt.Sprintf("stack %q has termination protection", e.StackName)
}

// ForeignError is a stack or change set without the tags of Options.Owner.
type ForeignError struct{ StackName string }

func (e *ForeignError) Error() string {
	return fmt.Sprintf("stack %q belongs to somebody else: it lacks the tags of its owner", e.StackName)
}

// NoChangesError is a request that would change nothing. It is ErrNoChanges.
type NoChangesError struct{ StackName string }

func (e *NoChangesError) Error() string { return fmt.Sprintf("no changes to stack %q", e.StackName) }

// Is makes it ErrNoChanges.
func (e *NoChangesError) Is(target error) bool { return target == ErrNoChanges }

// ChangeSetError is a change set that CloudFormation could not make.
type ChangeSetError struct {
	StackName string
	ID        string   // ARN
	Reason    string   // CloudFormation's, in full
	Findings  []string // of early validation; sentences
}

func (e *ChangeSetError) Error() string {
	reasons := append([]string{e.Reason}, e.Findings...)
	return fmt.Sprintf("create change set for stack %q: %s", e.StackName, strings.Join(reasons, "; "))
}

// LeftoverError is a change set that could not be deleted after it had become useless: to no harm, but in the way of
// the next reader.
type LeftoverError struct {
	StackName string
	ID        string // ARN; empty when its creation's answer was lost
	Cause     error  // why it is useless; nil when it was only looked at
	Err       error  // why it could not be deleted
}

func (e *LeftoverError) Error() string {
	if e.Cause == nil {
		return "clean up: " + e.Err.Error()
	}
	return fmt.Sprintf("%v; then, cleaning up: %v", e.Cause, e.Err)
}

// Unwrap gives both reasons.
func (e *LeftoverError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Err}
	}
	return []error{e.Cause, e.Err}
}

// StaleError is a change set that can no longer be executed: what would run is not what was shown.
type StaleError struct {
	StackName string
	ID        string // ARN
	Reason    string
}

func (e *StaleError) Error() string {
	return fmt.Sprintf("change set %s of stack %q is stale: %s", e.ID, e.StackName, e.Reason)
}

// WatchError is an operation that can no longer be watched; it goes on without its watcher. Err says why:
// expired credentials, the caller's context, a permission that is missing.
type WatchError struct {
	StackName string
	StackID   string
	Err       error
}

func (e *WatchError) Error() string { return fmt.Sprintf("watch stack %q: %v", e.StackName, e.Err) }

// Unwrap gives the reason.
func (e *WatchError) Unwrap() error { return e.Err }

// StackError is an operation that ended without doing what it was asked to.
type StackError struct {
	StackName     string
	StackID       string
	Status        Status  // the stack's, at the end
	StatusReason  string  // the stack's own; often empty or only a list of logical IDs
	Cause         *Event  // the first real failure in time order; nil when no event tells
	RollbackCause *Event  // what stopped the rollback, where one got stuck after Cause
	Failed        []Event // the last event of every resource that ended in a failed status
	Stuck         []Event // those of them that a deletion or rollback could not deal with
	Events        []Event // of the operation, oldest first
}

func (e *StackError) Error() string {
	text := fmt.Sprintf("stack %q ended in status %s%s", e.StackName, e.Status, because(e.Cause, e.StatusReason))
	if e.RollbackCause != nil {
		text += "; the rollback stopped" + because(e.RollbackCause, "")
	}
	return text
}

// because is the part of a sentence that names the cause; reason stands in where there is none.
func because(cause *Event, reason string) string {
	switch {
	case cause != nil && cause.OfStack():
		return ": " + cause.StatusReason
	case cause != nil:
		return fmt.Sprintf(": %s (%s): %s", cause.LogicalID, cause.Type, orUnknown(cause.StatusReason))
	case reason != "":
		return ": " + reason
	}
	return ""
}

func orUnknown(reason string) string {
	if reason == "" {
		return "no reason given"
	}
	return reason
}
