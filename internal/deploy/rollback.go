package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// RollbackOptions say what a stuck rollback may leave undone.
type RollbackOptions struct {
	Skip  []string // logical IDs that stay as they are; only for UPDATE_ROLLBACK_FAILED
	Force bool     // leave undone whatever cannot be rolled back; only for UPDATE_ROLLBACK_FAILED, and without Skip
	// Cancel also stops an update that is running, whoever started it, and rolls it back.
	Cancel bool
}

// Rollback brings a stack that stopped half way through an update back to where it was: it starts the rollback
// of UPDATE_FAILED and CREATE_FAILED, and goes on with the one of UPDATE_ROLLBACK_FAILED. In any other status it is a
// *BusyError or *StateError. A stack without the owner's tags is a *ForeignError.
func (e *Engine) Rollback(ctx context.Context, target *Stack, opts RollbackOptions) (*Execution, error) {
	stack, err := e.Stack(ctx, target.ID)
	if err != nil {
		return nil, err
	}
	switch {
	case !e.owns(stack.Tags):
		return nil, &ForeignError{StackName: stack.Name}
	case opts.Cancel && stack.Status == "UPDATE_IN_PROGRESS":
		return e.cancel(ctx, stack)
	}
	begin, err := e.rollbackCall(ctx, stack, opts)
	if err != nil {
		return nil, err
	}
	x := e.newExecution(stack.Name, stack.ID, KindRollback)
	call, cancel := finishing(ctx)
	defer cancel()
	x.skipPast(call)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err := begin(call, x.Token); err != nil && !x.begunAnyway(ctx, err) {
		return nil, fmt.Errorf("roll back stack %q: %w", stack.Name, err)
	}
	return x, nil
}

// rollbackCall picks the call that the stack's status asks for.
func (e *Engine) rollbackCall(
	ctx context.Context, stack *Stack, opts RollbackOptions,
) (func(context.Context, string) error, error) {
	switch {
	case stack.Status == "UPDATE_ROLLBACK_FAILED":
		return func(ctx context.Context, token string) error {
			in := &cloudformation.ContinueUpdateRollbackInput{StackName: &stack.ID, ClientRequestToken: &token, ResourcesToSkip: opts.Skip}
			if opts.Force {
				in.ForceRollback = aws.Bool(true)
			}
			_, err := e.client.ContinueUpdateRollback(ctx, in, e.retry)
			return err
		}, nil
	case stack.Status != "UPDATE_FAILED" && stack.Status != "CREATE_FAILED":
		return nil, e.refusal(ctx, stack)
	case len(opts.Skip) > 0 || opts.Force:
		return nil, fmt.Errorf("roll back stack %q: its resources can be skipped only in status UPDATE_ROLLBACK_FAILED, and it is in %s",
			stack.Name, stack.Status)
	}
	return func(ctx context.Context, token string) error {
		_, err := e.client.RollbackStack(ctx, &cloudformation.RollbackStackInput{StackName: &stack.ID, ClientRequestToken: &token}, e.retry)
		return err
	}, nil
}
