package deploy

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// ExecuteOptions say what happens when the operation fails.
type ExecuteOptions struct {
	DisableRollback      bool // leave everything as the failure left it
	RetainExceptOnCreate bool // a rollback also deletes new resources that a policy would retain
}

// Execute starts what the change set proposes, all of it and nothing else. An interrupt does not tear the call
// in two: it is either refused before it is sent, or carried through. A set that can no longer be executed is a *StaleError;
// a lost answer is looked into, and is no error when the set runs.
func (e *Engine) Execute(ctx context.Context, cs *ChangeSet, opts ExecuteOptions) (*Execution, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	call, cancel := finishing(ctx)
	defer cancel()
	x := e.newExecution(cs.StackName, cs.StackID, KindDeploy)
	x.changeSet = cs.ID
	x.skipPast(call)
	in := &cloudformation.ExecuteChangeSetInput{
		ChangeSetName:      &cs.ID,
		ClientRequestToken: &x.Token,
		// Exclusive with CreateChangeSet's OnStackFailure, which is never set; its own default differs by kind of stack.
		DisableRollback: &opts.DisableRollback,
	}
	if opts.RetainExceptOnCreate {
		in.RetainExceptOnCreate = aws.Bool(true)
	}
	if _, err := e.client.ExecuteChangeSet(call, in, e.retry); err != nil {
		if err := x.unclear(ctx, cs, err); err != nil {
			return nil, err
		}
	}
	return x, nil
}

// skipPast marks the events that are there before the operation begins. Where they cannot be read, the token
// alone tells the operation's events from earlier ones.
func (x *Execution) skipPast(ctx context.Context) {
	_ = x.engine.eventPages(ctx, x.StackID, x.engine.retry, func(page []Event) bool {
		for _, event := range page {
			x.seen[event.ID] = true
		}
		return false
	})
}

// unclear decides what a failed ExecuteChangeSet means: nil when the set runs for us all the same.
func (x *Execution) unclear(ctx context.Context, cs *ChangeSet, failure error) error {
	code := awserr.Code(failure)
	refused := code == "InvalidChangeSetStatus" || awserr.IsNotFound(failure)
	if !refused && !uncertain(failure) && code != "TokenAlreadyExistsException" {
		return fmt.Errorf("execute change set %q of stack %q: %w", cs.Name, cs.StackName, failure)
	}
	ctx, cancel := aside(ctx)
	defer cancel()
	out, err := x.engine.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &cs.ID}, x.engine.retry)
	gone := awserr.IsNotFound(err)
	if err != nil && !gone {
		return fmt.Errorf("execute change set %q of stack %q: %w", cs.Name, cs.StackName, failure)
	}
	if gone || executed(out.ExecutionStatus) {
		ours, err := x.ours(ctx)
		if ours || err != nil {
			return err
		}
	}
	switch {
	case gone:
		return &StaleError{StackName: cs.StackName, ID: cs.ID, Reason: "it does not exist any more; executing another change set deletes it"}
	case executed(out.ExecutionStatus):
		return &StaleError{StackName: cs.StackName, ID: cs.ID, Reason: "somebody else executed it"}
	case refused:
		return &StaleError{StackName: cs.StackName, ID: cs.ID, Reason: staleReason(out, failure)}
	}
	return fmt.Errorf("execute change set %q of stack %q: %w", cs.Name, cs.StackName, failure)
}

func executed(s types.ExecutionStatus) bool {
	return s == types.ExecutionStatusExecuteInProgress || s == types.ExecutionStatusExecuteComplete || s == types.ExecutionStatusExecuteFailed
}

func staleReason(out *cloudformation.DescribeChangeSetOutput, failure error) string {
	switch {
	case out.ExecutionStatus == types.ExecutionStatusObsolete:
		return "the stack was changed after the change set was made"
	case str(out.StatusReason) != "":
		return *out.StatusReason
	}
	return awserr.Message(failure)
}

// begunAnyway reports whether the operation began although its call failed: the answer was lost.
func (x *Execution) begunAnyway(ctx context.Context, failure error) bool {
	if !uncertain(failure) && awserr.Code(failure) != "TokenAlreadyExistsException" {
		return false
	}
	ctx, cancel := aside(ctx)
	defer cancel()
	ours, err := x.ours(ctx)
	return ours && err == nil
}

// ours reports whether the operation that runs or ran is this one: whether an event carries its token. The first
// event may be a moment late.
func (x *Execution) ours(ctx context.Context) (bool, error) {
	pace := x.engine.quickPace()
	for range quietRounds {
		found, foreign := false, false
		err := x.engine.eventPages(ctx, x.StackID, x.engine.retry, func(page []Event) bool {
			for _, event := range page {
				found = found || event.Token == x.Token
				foreign = foreign || (!x.seen[event.ID] && event.Token != x.Token && event.OfStack())
			}
			return false
		})
		if err != nil || found || foreign {
			return found, err
		}
		if err := pace.wait(ctx); err != nil {
			return false, err
		}
		pace.quiet()
	}
	return false, nil
}
