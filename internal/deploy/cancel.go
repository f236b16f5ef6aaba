package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

// cancel stops the update that runs on the stack. The rollback that follows belongs to the update's operation, and
// is watched as one that was asked for.
func (e *Engine) cancel(ctx context.Context, stack *Stack) (*Execution, error) {
	x, err := e.last(ctx, stack)
	if err != nil {
		return nil, err
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	x.Kind = KindRollback
	call, done := finishing(ctx)
	defer done()
	token := e.unique()
	_, err = e.client.CancelUpdateStack(call, &cloudformation.CancelUpdateStackInput{StackName: &stack.ID, ClientRequestToken: &token}, e.retry)
	if err == nil {
		return x, nil
	}
	// A repeated call, after a lost answer, is refused because the rollback runs already.
	now, lookErr := e.Stack(call, stack.ID)
	if lookErr == nil && strings.HasPrefix(string(now.Status), "UPDATE_ROLLBACK_") {
		return x, nil
	}
	return nil, fmt.Errorf("cancel the update of stack %q: %w", stack.Name, err)
}
