package deploy

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// CreateChangeSet proposes what the request asks for and describes it. Nothing is left behind unless it succeeds:
// a failed set, and a stack that exists only for it, are deleted again, also after an interrupt. The caller
// then executes the set or discards it.
//
// Errors: *NoChangesError; *BusyError and *StateError for the stack's status; *ForeignError; *ChangeSetError when
// CloudFormation refuses the template; anything else from the API.
func (e *Engine) CreateChangeSet(ctx context.Context, r Request) (*ChangeSet, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	stack, err := e.prepare(ctx, r)
	if err != nil {
		return nil, err
	}
	kind := types.ChangeSetTypeUpdate
	if stack == nil || stack.Status.InReview() {
		kind = types.ChangeSetTypeCreate
	}
	cs, err := e.submit(ctx, e.input(r, kind))
	if err == nil {
		var described *ChangeSet
		if described, err = e.describe(ctx, cs, stack, r.Template); err == nil {
			return described, nil
		}
	}
	if cs != nil {
		err = e.Withdraw(ctx, cs, err)
	}
	return nil, err
}

// submit creates the change set. It returns the set along with an error when the set may exist nevertheless.
func (e *Engine) submit(ctx context.Context, in *cloudformation.CreateChangeSetInput) (*ChangeSet, error) {
	cs := &ChangeSet{
		Name:      aws.ToString(in.ChangeSetName),
		StackName: aws.ToString(in.StackName),
		NewStack:  in.ChangeSetType == types.ChangeSetTypeCreate,
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	call, cancel := finishing(ctx)
	defer cancel()
	out, err := e.client.CreateChangeSet(call, in, e.retry)
	switch {
	case err == nil:
		cs.ID, cs.StackID = aws.ToString(out.Id), aws.ToString(out.StackId)
		return cs, ctx.Err()
	case awserr.Code(err) == "AlreadyExistsException":
		// The name is ours alone: an earlier attempt made the set and its answer was lost.
		return cs, e.find(call, cs)
	case strings.Contains(awserr.Message(err), "state and can not be updated"):
		return nil, e.overtaken(ctx, cs.StackName, err)
	}
	err = fmt.Errorf("create change set for stack %q: %w", cs.StackName, err)
	if ctx.Err() != nil || uncertain(err) {
		return cs, err
	}
	return nil, err
}

// uncertain reports whether a call may have done its work although it failed: its last attempt had no answer or
// none that is about the request, which says nothing about the attempts before.
func uncertain(err error) bool {
	code := awserr.Code(err)
	return code == "" || (trouble(err) && code != "LimitExceededException")
}

// find looks a change set up by its name and learns its ARNs.
func (e *Engine) find(ctx context.Context, cs *ChangeSet) error {
	out, err := e.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{
		ChangeSetName: &cs.Name, StackName: &cs.StackName,
	}, e.retry)
	if err != nil {
		return fmt.Errorf("describe change set %q of stack %q: %w", cs.Name, cs.StackName, err)
	}
	cs.ID, cs.StackID = aws.ToString(out.ChangeSetId), aws.ToString(out.StackId)
	return nil
}

// overtaken words a refusal of CreateChangeSet for a stack whose status changed after it was looked at.
func (e *Engine) overtaken(ctx context.Context, stackName string, refusal error) error {
	stack, err := e.Stack(ctx, stackName)
	if err == nil && !stack.Status.CanUpdate() && !stack.Status.InReview() {
		return e.refusal(ctx, stack)
	}
	return fmt.Errorf("create change set for stack %q: %w", stackName, refusal)
}
