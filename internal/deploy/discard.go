package deploy

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/semagent/semagent/internal/awserr"
)

// Discard deletes a change set, and with it the stack that nothing but this set brought into being: one that is
// still in review and has no other change set. A set that is gone already is no error.
func (e *Engine) Discard(ctx context.Context, cs *ChangeSet) error {
	in := &cloudformation.DeleteChangeSetInput{ChangeSetName: &cs.ID}
	if cs.ID == "" { // its creation's answer was lost
		in.ChangeSetName, in.StackName = &cs.Name, &cs.StackName
	}
	if _, err := e.client.DeleteChangeSet(ctx, in, e.retry); err != nil && !awserr.IsNotFound(err) {
		return fmt.Errorf("delete change set %q of stack %q: %w", cs.Name, cs.StackName, err)
	}
	if !cs.NewStack {
		return nil
	}
	return e.discardShell(ctx, cs)
}

// Withdraw discards a change set that cause makes useless, whatever became of ctx, and returns cause: ctx's own end
// where it ended. What could not be discarded is a *LeftoverError; cause may be nil.
func (e *Engine) Withdraw(ctx context.Context, cs *ChangeSet, cause error) error {
	if ctx.Err() != nil {
		cause = ctx.Err()
	}
	ctx, cancel := aside(ctx)
	defer cancel()
	if err := e.Discard(ctx, cs); err != nil {
		return &LeftoverError{StackName: cs.StackName, ID: cs.ID, Cause: cause, Err: err}
	}
	return cause
}

func (e *Engine) discardShell(ctx context.Context, cs *ChangeSet) error {
	name := cs.StackID
	if name == "" {
		name = cs.StackName
	}
	stack, err := e.Stack(ctx, name)
	if errors.Is(err, ErrStackNotFound) {
		return nil
	}
	if err != nil || !stack.Status.InReview() {
		return err
	}
	others, err := e.changeSets(ctx, stack.ID)
	if err != nil {
		return err
	}
	for _, other := range others {
		if aws.ToString(other.ChangeSetId) != cs.ID && aws.ToString(other.ChangeSetName) != cs.Name {
			return nil
		}
	}
	return e.deleteShell(ctx, stack)
}

// deleteShell deletes a stack in review and waits until it is gone, so that its name is free for the next command.
func (e *Engine) deleteShell(ctx context.Context, stack *Stack) error {
	_, err := e.client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: &stack.ID}, e.retry)
	if err != nil && !awserr.IsNotFound(err) {
		return fmt.Errorf("delete stack %q: %w", stack.Name, err)
	}
	pace := e.quickPace()
	for {
		now, err := e.Stack(ctx, stack.ID)
		switch {
		case errors.Is(err, ErrStackNotFound) || (err == nil && now.Status.Gone()):
			return nil
		case err != nil:
			return err
		case now.Status == "DELETE_FAILED":
			return fmt.Errorf("delete stack %q: %s", stack.Name, orUnknown(now.StatusReason))
		}
		if err := pace.wait(ctx); err != nil {
			return fmt.Errorf("delete stack %q: %w", stack.Name, err)
		}
		pace.quiet()
	}
}
