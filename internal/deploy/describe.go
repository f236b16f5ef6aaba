package deploy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// ChangeSet describes an existing change set by its ARN, waiting for it if it is still being made. One that is
// gone is *StaleError, one that failed *ChangeSetError or *NoChangesError, one without the owner's tags
// *ForeignError. Whether it can be executed is in its Executable.
func (e *Engine) ChangeSet(ctx context.Context, arn string) (*ChangeSet, error) {
	if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, ":changeSet/") {
		return nil, fmt.Errorf("describe change set %q: it is not the ARN of a change set", arn)
	}
	out, err := e.client.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{ChangeSetName: &arn}, e.retry)
	if awserr.IsNotFound(err) {
		return nil, &StaleError{ID: arn, StackName: "unknown", Reason: "it does not exist any more"}
	}
	if err != nil {
		return nil, fmt.Errorf("describe change set %q: %w", arn, err)
	}
	cs := &ChangeSet{
		ID: arn, Name: aws.ToString(out.ChangeSetName), StackID: aws.ToString(out.StackId), StackName: aws.ToString(out.StackName),
	}
	if !e.owns(newTags(out.Tags)) {
		return nil, &ForeignError{StackName: cs.StackName}
	}
	stack, err := e.Stack(ctx, cs.StackID)
	if err != nil {
		return nil, err
	}
	cs.NewStack = stack.Status.InReview()
	return e.describe(ctx, cs, stack, nil)
}

// describe waits until the change set is made and fills in what it says. The stack is as it was before, nil for
// none; template is the new one, nil when it has to be fetched.
func (e *Engine) describe(ctx context.Context, cs *ChangeSet, stack *Stack, template []byte) (*ChangeSet, error) {
	made, err := e.await(ctx, cs)
	if err != nil {
		return nil, err
	}
	cs.Created, cs.Description = aws.ToTime(made.CreationTime), aws.ToString(made.Description)
	cs.Executable, cs.Drift = string(made.ExecutionStatus), string(made.StackDriftStatus)
	cs.Changes = newChanges(made.Changes)
	if stack == nil {
		stack = &Stack{}
	}
	if after := newTags(made.Tags); after != nil {
		cs.Tags = diffTags(stack.Tags, after)
	}
	var wait sync.WaitGroup
	var plain *cloudformation.DescribeChangeSetOutput
	wait.Go(func() { plain, err = e.pages(ctx, cs, false) })
	context := e.context(ctx, cs, template)
	wait.Wait()
	if err != nil {
		return nil, err
	}
	following := newChanges(plain.Changes)
	settleGroups(cs.Changes, context.template)
	settleGroups(following, context.template)
	cs.complete(following, aws.ToString(made.StatusReason))
	cs.Outputs, cs.Warnings = context.outputs, append(cs.Warnings, context.warnings...)
	return cs, ctx.Err()
}

// await polls until the change set is made, and turns one that failed into its error.
func (e *Engine) await(ctx context.Context, cs *ChangeSet) (*cloudformation.DescribeChangeSetOutput, error) {
	pace := e.quickPace()
	for misses := 0; ; {
		out, err := e.pages(ctx, cs, true)
		switch {
		case awserr.Code(errors.Unwrap(err)) == "ChangeSetNotFound" && misses < 3:
			misses++ // DescribeChangeSet may not see a set yet that was just created
		case err != nil:
			return nil, err
		case out.Status == types.ChangeSetStatusCreateComplete:
			return out, nil
		case out.Status == types.ChangeSetStatusFailed:
			return nil, e.failure(ctx, cs, aws.ToString(out.StatusReason))
		case strings.HasPrefix(string(out.Status), "DELETE_"):
			return nil, &StaleError{StackName: cs.StackName, ID: cs.ID, Reason: "it was deleted meanwhile"}
		}
		if err := pace.wait(ctx); err != nil {
			return nil, err
		}
		pace.quiet()
	}
}

// pages describes the change set with all its changes.
func (e *Engine) pages(ctx context.Context, cs *ChangeSet, values bool) (*cloudformation.DescribeChangeSetOutput, error) {
	in := &cloudformation.DescribeChangeSetInput{ChangeSetName: &cs.ID, IncludePropertyValues: &values}
	var first *cloudformation.DescribeChangeSetOutput
	for {
		out, err := e.client.DescribeChangeSet(ctx, in, e.retry)
		if err != nil {
			return nil, fmt.Errorf("describe change set %q of stack %q: %w", cs.Name, cs.StackName, err)
		}
		if first == nil {
			first = out
		} else {
			first.Changes = append(first.Changes, out.Changes...)
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			return first, nil
		}
	}
}

// failure words a failed change set. An empty one is a failure for CloudFormation, told apart only by its words.
func (e *Engine) failure(ctx context.Context, cs *ChangeSet, reason string) error {
	for _, prefix := range []string{"The submitted information didn't contain changes", "No updates are to be performed"} {
		if strings.HasPrefix(reason, prefix) {
			return &NoChangesError{StackName: cs.StackName}
		}
	}
	findings, _ := e.findings(ctx, cs.ID) // the reason stands without them
	return &ChangeSetError{StackName: cs.StackName, ID: cs.ID, Reason: orUnknown(reason), Findings: findings}
}

// incompleteReason finds DescribeChangeSet's only sign that it dropped resources whose values it could not tell.
func incompleteReason(statusReason string) (string, bool) {
	_, reason, found := strings.Cut(statusReason, "[WARN] --include-property-values option can return incomplete ChangeSet data")
	reason = strings.TrimPrefix(strings.TrimSpace(reason), "because:")
	return strings.TrimSpace(reason), found
}
