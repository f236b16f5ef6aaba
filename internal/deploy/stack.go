package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// Stack is a stack as CloudFormation describes it at one moment.
type Stack struct {
	Name                  string
	ID                    string // ARN
	Description           string
	Status                Status
	StatusReason          string
	Tags                  map[string]string // nil while in review
	Outputs               map[string]string
	TerminationProtection bool
	Created               time.Time
	Updated               time.Time // of the last operation's start; zero when there was only the creation
	Deleted               time.Time // of the deletion's start; zero unless it is being or was deleted
	DriftStatus           string    // NOT_CHECKED, IN_SYNC, DRIFTED, UNKNOWN
	ChangeSetID           string    // ARN of the change set that made it what it is; empty when none did
	RoleARN               string    // role that CloudFormation assumes for it; empty when none
}

// Resource is a resource of a stack.
type Resource struct {
	LogicalID    string
	PhysicalID   string // empty while it is not created
	Type         string
	Status       string // as CREATE_COMPLETE
	StatusReason string
	DriftStatus  string
	Updated      time.Time
}

// Stack describes a stack by name or ARN. By name a deleted stack does not exist; by ARN it does, as
// DELETE_COMPLETE. A stack that does not exist is ErrStackNotFound.
func (e *Engine) Stack(ctx context.Context, nameOrARN string) (*Stack, error) {
	return e.stack(ctx, nameOrARN, e.retry)
}

func (e *Engine) stack(ctx context.Context, nameOrARN string, retry func(*cloudformation.Options)) (*Stack, error) {
	out, err := e.client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &nameOrARN}, retry)
	if awserr.IsNotFound(err) || (err == nil && len(out.Stacks) == 0) {
		return nil, fmt.Errorf("stack %q %w", nameOrARN, ErrStackNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("describe stack %q: %w", nameOrARN, err)
	}
	return newStack(out.Stacks[0]), nil
}

// Stacks lists the account's own stacks in this region (Options.Owner), deleted ones aside, sorted by name.
// Without an owner it lists all; keep, unless nil, leaves out those it answers false for.
func (e *Engine) Stacks(ctx context.Context, keep func(*Stack) bool) ([]Stack, error) {
	var found []Stack
	pages := cloudformation.NewDescribeStacksPaginator(e.client, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, e.retry)
		if err != nil {
			return nil, fmt.Errorf("list stacks: %w", err)
		}
		for _, raw := range page.Stacks {
			if s := newStack(raw); e.owns(s.Tags) && (keep == nil || keep(s)) {
				found = append(found, *s)
			}
		}
	}
	slices.SortFunc(found, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	return found, nil
}

// Template is the template that the stack was deployed from, as it was sent. It is empty for a stack in review.
func (e *Engine) Template(ctx context.Context, stackID string) ([]byte, error) {
	return e.template(ctx, &cloudformation.GetTemplateInput{StackName: &stackID})
}

func (e *Engine) template(ctx context.Context, in *cloudformation.GetTemplateInput) ([]byte, error) {
	in.TemplateStage = types.TemplateStageOriginal
	out, err := e.client.GetTemplate(ctx, in, e.retry)
	if err != nil {
		return nil, fmt.Errorf("get template of %q: %w", aws.ToString(in.StackName)+aws.ToString(in.ChangeSetName), err)
	}
	return []byte(aws.ToString(out.TemplateBody)), nil
}

// Resources lists a stack's resources, sorted by logical ID.
func (e *Engine) Resources(ctx context.Context, stackID string) ([]Resource, error) {
	var found []Resource
	pages := cloudformation.NewListStackResourcesPaginator(e.client, &cloudformation.ListStackResourcesInput{StackName: &stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, e.retry)
		if awserr.IsNotFound(err) {
			return nil, fmt.Errorf("stack %q %w", stackID, ErrStackNotFound)
		}
		if err != nil {
			return nil, fmt.Errorf("list resources of stack %q: %w", stackID, err)
		}
		for _, r := range page.StackResourceSummaries {
			found = append(found, newResource(r))
		}
	}
	slices.SortFunc(found, func(a, b Resource) int { return strings.Compare(a.LogicalID, b.LogicalID) })
	return found, nil
}

// Wait returns the stack once no operation holds it; a deleted one too, as DELETE_COMPLETE.
func (e *Engine) Wait(ctx context.Context, stackID string) (*Stack, error) {
	pace := e.pace()
	for {
		s, err := e.stack(ctx, stackID, e.retry)
		if err != nil || !s.Status.InProgress() {
			return s, err
		}
		stackID = s.ID // by name it would be gone once deleted
		if err := pace.wait(ctx); err != nil {
			return nil, err
		}
		pace.quiet()
	}
}

func (e *Engine) owns(tags map[string]string) bool {
	for key, value := range e.opts.Owner {
		if tags[key] != value {
			return false
		}
	}
	return true
}

func newStack(s types.Stack) *Stack {
	stack := &Stack{
		Name:                  aws.ToString(s.StackName),
		ID:                    aws.ToString(s.StackId),
		Description:           aws.ToString(s.Description),
		Status:                Status(s.StackStatus),
		StatusReason:          aws.ToString(s.StackStatusReason),
		Tags:                  newTags(s.Tags),
		TerminationProtection: aws.ToBool(s.EnableTerminationProtection),
		Created:               aws.ToTime(s.CreationTime),
		Updated:               aws.ToTime(s.LastUpdatedTime),
		Deleted:               aws.ToTime(s.DeletionTime),
		ChangeSetID:           aws.ToString(s.ChangeSetId),
		RoleARN:               aws.ToString(s.RoleARN),
		Outputs:               map[string]string{},
	}
	for _, o := range s.Outputs {
		stack.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	if s.DriftInformation != nil {
		stack.DriftStatus = string(s.DriftInformation.StackDriftStatus)
	}
	return stack
}

// latest is when the stack's last operation began.
func latest(s *Stack) time.Time {
	return slices.MaxFunc([]time.Time{s.Created, s.Updated, s.Deleted}, time.Time.Compare)
}

func newResource(r types.StackResourceSummary) Resource {
	resource := Resource{
		LogicalID:    aws.ToString(r.LogicalResourceId),
		PhysicalID:   aws.ToString(r.PhysicalResourceId),
		Type:         aws.ToString(r.ResourceType),
		Status:       string(r.ResourceStatus),
		StatusReason: aws.ToString(r.ResourceStatusReason),
		Updated:      aws.ToTime(r.LastUpdatedTimestamp),
	}
	if r.DriftInformation != nil {
		resource.DriftStatus = string(r.DriftInformation.StackResourceDriftStatus)
	}
	return resource
}

func newTags(tags []types.Tag) map[string]string {
	if len(tags) == 0 {
		return nil
	}
	m := make(map[string]string, len(tags))
	for _, t := range tags {
		m[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return m
}

func sdkTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}
