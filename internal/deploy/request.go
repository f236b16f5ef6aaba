package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// MaxTemplateBody is the number of bytes of a template that CreateChangeSet takes inline.
const MaxTemplateBody = 51200

// Request is what a stack should become. Whether that creates or updates it, the engine finds out.
type Request struct {
	StackName    string
	Template     []byte            // at most 51,200 bytes, unless TemplateURL is set; then only for comparison
	TemplateURL  string            // https URL of the same template in S3
	Tags         map[string]string // replace the stack's; the owner's are added
	Capabilities []string          // as CAPABILITY_IAM
	Description  string            // of the change set, for whoever reviews it
	RoleARN      string            // role that CloudFormation assumes; empty keeps the stack's, else the caller's credentials
	RevertDrift  bool              // bring back what was changed outside CloudFormation
	Adopt        bool              // also update a stack that lacks the owner's tags
	Name         func() string     // of the change set; nil for a unique one
}

func (r Request) check() error {
	switch {
	case r.StackName == "":
		return errors.New("create change set: no stack name")
	case len(r.Template) == 0 && r.TemplateURL == "":
		return fmt.Errorf("create change set for stack %q: no template", r.StackName)
	case r.TemplateURL == "" && len(r.Template) > MaxTemplateBody:
		return fmt.Errorf("create change set for stack %q: its template has %d bytes and a request carries %d; give a URL of it",
			r.StackName, len(r.Template), MaxTemplateBody)
	}
	return nil
}

func (e *Engine) input(r Request, kind types.ChangeSetType) *cloudformation.CreateChangeSetInput {
	name := e.unique()
	if r.Name != nil {
		name = r.Name()
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, e.opts.Owner)
	in := &cloudformation.CreateChangeSetInput{
		StackName:     &r.StackName,
		ChangeSetName: &name,
		ChangeSetType: kind,
		ClientToken:   aws.String(e.unique()),
		Tags:          sdkTags(tags),
		Description:   optional(r.Description),
		RoleARN:       optional(r.RoleARN),
		TemplateURL:   optional(r.TemplateURL),
	}
	if r.TemplateURL == "" {
		in.TemplateBody = aws.String(string(r.Template))
	}
	for _, c := range r.Capabilities {
		in.Capabilities = append(in.Capabilities, types.Capability(c))
	}
	if r.RevertDrift {
		in.DeploymentMode = types.DeploymentModeRevertDrift
	}
	return in
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// prepare finds the stack, nil when there is none, and refuses a status in which no change set can be made.
func (e *Engine) prepare(ctx context.Context, r Request) (*Stack, error) {
	stack, err := e.Stack(ctx, r.StackName)
	switch {
	case errors.Is(err, ErrStackNotFound):
		return nil, nil //nolint:nilnil // no stack is an answer here, and its caller is next door
	case err != nil:
		return nil, err
	}
	return stack, e.checkUpdate(ctx, stack, r.Adopt)
}

// CheckUpdate says, without doing anything, whether CreateChangeSet would refuse the stack; the errors are the same.
func (e *Engine) CheckUpdate(ctx context.Context, stack *Stack) error {
	return e.checkUpdate(ctx, stack, false)
}

func (e *Engine) checkUpdate(ctx context.Context, stack *Stack, adopt bool) error {
	switch {
	case stack.Status.Gone(): // only by ARN
		return fmt.Errorf("stack %q %w any more", stack.Name, ErrStackNotFound)
	case stack.Status.InReview():
		return e.inReview(ctx, stack)
	case !adopt && !e.owns(stack.Tags):
		return &ForeignError{StackName: stack.Name}
	case !stack.Status.CanUpdate():
		return e.refusal(ctx, stack)
	}
	return nil
}

// refusal says why nothing can be done with the stack as it is, with what its events tell about it.
func (e *Engine) refusal(ctx context.Context, stack *Stack) error {
	last, err := e.last(ctx, stack)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if stack.Status.InProgress() {
		busy := &BusyError{StackName: stack.Name, StackID: stack.ID, Status: stack.Status, Since: latest(stack)}
		if err == nil {
			busy.Since, busy.Token = last.since, last.Token
		}
		return busy
	}
	state := &StateError{
		StackName: stack.Name, StackID: stack.ID, Status: stack.Status, StatusReason: stack.StatusReason, Way: stack.Status.way(),
	}
	if err == nil {
		state.Cause, state.Stuck = rootCause(last.events), stuck(last.events)
	}
	return state
}

// inReview refuses a shell that holds change sets of somebody else. Failed ones can never be executed, so they
// are nobody's plan.
func (e *Engine) inReview(ctx context.Context, stack *Stack) error {
	sets, err := e.changeSets(ctx, stack.ID)
	if err != nil {
		return err
	}
	state := &StateError{StackName: stack.Name, StackID: stack.ID, Status: stack.Status, Way: WayReview}
	for _, set := range sets {
		if set.Status != types.ChangeSetStatusFailed {
			state.ChangeSets = append(state.ChangeSets, aws.ToString(set.ChangeSetId))
		}
	}
	if len(state.ChangeSets) > 0 {
		return state
	}
	return nil
}

// changeSets lists the change sets of a stack; none when the stack is gone.
func (e *Engine) changeSets(ctx context.Context, stackID string) ([]types.ChangeSetSummary, error) {
	var sets []types.ChangeSetSummary
	pages := cloudformation.NewListChangeSetsPaginator(e.client, &cloudformation.ListChangeSetsInput{StackName: &stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, e.retry)
		if awserr.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list change sets of stack %q: %w", stackID, err)
		}
		sets = append(sets, page.Summaries...)
	}
	return slices.DeleteFunc(sets, func(s types.ChangeSetSummary) bool {
		return strings.HasPrefix(string(s.Status), "DELETE_") && s.Status != types.ChangeSetStatusDeleteFailed
	}), nil
}
