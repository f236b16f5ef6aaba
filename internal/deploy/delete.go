package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// DeleteOptions are what a deletion may do beyond the plain one.
type DeleteOptions struct {
	DisableProtection bool     // first take the termination protection off
	Retain            []string // logical IDs to leave in place; only for a stack in DELETE_FAILED
	Force             bool     // leave in place whatever cannot be deleted; only for a stack in DELETE_FAILED
	Adopt             bool     // also delete a stack that lacks the owner's tags
}

// Delete starts the deletion of a stack, or joins one that runs already. It looks at the stack once more, by its
// ARN, so that what is deleted is what the caller looked at.
//
// Errors: ErrStackNotFound when it is gone; *ProtectedError; *ForeignError; *BusyError; *StateError when change sets of a stack in
// review would be lost.
func (e *Engine) Delete(ctx context.Context, target *Stack, opts DeleteOptions) (*Execution, error) {
	stack, err := e.Stack(ctx, target.ID)
	if err != nil {
		return nil, err
	}
	if err := e.CheckDelete(ctx, stack, opts); err != nil {
		return nil, err
	}
	if stack.Status == "DELETE_IN_PROGRESS" {
		return e.last(ctx, stack)
	}
	call, cancel := finishing(ctx)
	defer cancel()
	if stack.TerminationProtection {
		if err := e.unprotect(call, stack); err != nil {
			return nil, err
		}
	}
	return e.startDelete(call, stack, opts)
}

// CheckDelete says, without doing anything, whether Delete would refuse the stack; the errors are the same.
func (e *Engine) CheckDelete(ctx context.Context, stack *Stack, opts DeleteOptions) error {
	switch {
	case stack.Status.Gone():
		return fmt.Errorf("stack %q %w any more", stack.Name, ErrStackNotFound)
	case stack.Status.InReview():
		return e.inReview(ctx, stack)
	case !opts.Adopt && !e.owns(stack.Tags):
		return &ForeignError{StackName: stack.Name}
	case stack.Status == "DELETE_IN_PROGRESS":
		return ctx.Err()
	case stack.Status.InProgress():
		return e.refusal(ctx, stack)
	case stack.TerminationProtection && !opts.DisableProtection:
		return &ProtectedError{StackName: stack.Name}
	case (opts.Force || len(opts.Retain) > 0) && stack.Status != "DELETE_FAILED":
		return fmt.Errorf("delete stack %q: resources are retained and deletion is forced only after it failed, and the stack is in status %s",
			stack.Name, stack.Status)
	}
	return ctx.Err()
}

func (e *Engine) unprotect(ctx context.Context, stack *Stack) error {
	_, err := e.client.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
		StackName: &stack.ID, EnableTerminationProtection: aws.Bool(false),
	}, e.retry)
	if err != nil {
		return fmt.Errorf("disable termination protection of stack %q: %w", stack.Name, err)
	}
	return nil
}

func (e *Engine) startDelete(ctx context.Context, stack *Stack, opts DeleteOptions) (*Execution, error) {
	x := e.newExecution(stack.Name, stack.ID, KindDelete)
	x.skipPast(ctx)
	in := &cloudformation.DeleteStackInput{StackName: &stack.ID, ClientRequestToken: &x.Token, RetainResources: opts.Retain}
	if opts.Force {
		in.DeletionMode = types.DeletionModeForceDeleteStack
	}
	if _, err := e.client.DeleteStack(ctx, in, e.retry); err != nil {
		if x.begunAnyway(ctx, err) {
			return x, nil
		}
		return nil, fmt.Errorf("delete stack %q: %w", stack.Name, err)
	}
	return x, nil
}
