package cfn

import (
	"net/url"
	"slices"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type stackShape struct {
	StackID                     string `wire:"StackId"`
	StackName                   string
	ChangeSetID                 string           `wire:"ChangeSetId,omitempty"`
	Description                 string           `wire:",omitempty"`
	Parameters                  []parameterShape `wire:",omitempty"`
	CreationTime                time.Time
	DeletionTime                time.Time `wire:",omitempty"`
	LastUpdatedTime             time.Time `wire:",omitempty"`
	RollbackConfiguration       *struct{}
	StackStatus                 string
	StackStatusReason           string `wire:",omitempty"`
	DisableRollback             bool
	NotificationARNs            []string
	Capabilities                []string      `wire:",omitempty"`
	Outputs                     []outputShape `wire:",omitempty"`
	RoleARN                     string        `wire:",omitempty"`
	Tags                        []wire.Pair
	EnableTerminationProtection *bool
	DriftInformation            driftShape
	RetainExceptOnCreate        bool             `wire:",omitempty"`
	DeletionMode                string           `wire:",omitempty"`
	LastOperations              []operationShape `wire:",omitempty"`
}

type driftShape struct{ StackDriftStatus string }

type outputShape struct {
	OutputKey, OutputValue string
	Description            string `wire:",omitempty"`
	ExportName             string `wire:",omitempty"`
}

type operationShape struct {
	OperationType string
	OperationID   string `wire:"OperationId"`
}

func (e *Engine) describeStacks(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := form.Get("StackName")
	out := []stackShape{}
	if name != "" {
		s := e.find(name)
		if s == nil {
			return nil, invalid("Stack with id %s does not exist", name)
		}
		out = append(out, s.shape())
	} else {
		for _, s := range slices.Backward(e.stacks) {
			if s.active() {
				out = append(out, s.shape())
			}
		}
	}
	items, next, err := page(out, form.Get("NextToken"), pageSize)
	return struct {
		Stacks    []stackShape
		NextToken *string
	}{items, next}, err
}

func (s *stack) shape() stackShape {
	out := stackShape{
		StackID: s.id, StackName: s.name, ChangeSetID: s.changeSetID, Parameters: parameterShapes(s.plan), CreationTime: s.created,
		DeletionTime: s.deleted, LastUpdatedTime: s.updated, RollbackConfiguration: &struct{}{}, StackStatus: s.status, StackStatusReason: s.reason,
		DisableRollback: s.disableRollback, NotificationARNs: orNone(s.notificationARNs),
		Capabilities: s.capabilities, RoleARN: s.roleARN, Tags: s.tags(), DriftInformation: driftShape{"NOT_CHECKED"},
		RetainExceptOnCreate: s.retainExceptOnCreate, DeletionMode: s.deletionMode,
	}
	if s.status == "REVIEW_IN_PROGRESS" {
		out.StackStatusReason = "User Initiated"
	}
	if out.Tags == nil {
		out.Tags = []wire.Pair{}
	}
	if s.plan != nil {
		out.Description = s.plan.t.description
	}
	if s.active() {
		out.EnableTerminationProtection = &s.protected
		for _, o := range s.outputs {
			out.Outputs = append(out.Outputs, outputShape{o.key, o.value, o.description, o.export})
		}
	}
	for _, op := range slices.Backward(s.operations) {
		if op.changeSet == nil {
			out.LastOperations = append(out.LastOperations, operationShape{op.kind, op.id})
		}
		if op.kind != "ROLLBACK" && op.kind != "CREATE_CHANGESET" {
			break
		}
	}
	return out
}

type stackSummaryShape struct {
	StackID             string `wire:"StackId"`
	StackName           string
	TemplateDescription string `wire:",omitempty"`
	CreationTime        time.Time
	LastUpdatedTime     time.Time `wire:",omitempty"`
	DeletionTime        time.Time `wire:",omitempty"`
	StackStatus         string
	StackStatusReason   string `wire:",omitempty"`
	DriftInformation    driftShape
}

func (e *Engine) listStacks(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	wanted := wire.Strings(form, "StackStatusFilter.member")
	out := []stackSummaryShape{}
	for _, s := range slices.Backward(e.stacks) {
		if len(wanted) > 0 && !slices.Contains(wanted, s.status) {
			continue
		}
		full := s.shape()
		out = append(out, stackSummaryShape{
			StackID: s.id, StackName: s.name, TemplateDescription: full.Description, CreationTime: s.created, LastUpdatedTime: s.updated,
			DeletionTime: s.deleted, StackStatus: s.status, StackStatusReason: full.StackStatusReason, DriftInformation: full.DriftInformation,
		})
	}
	items, next, err := page(out, form.Get("NextToken"), pageSize)
	return struct {
		StackSummaries []stackSummaryShape
		NextToken      *string
	}{items, next}, err
}

type exportShape struct{ ExportingStackId, Name, Value string }

func (e *Engine) listExports(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := []exportShape{}
	for _, s := range e.stacks {
		for _, o := range s.outputs {
			if s.active() && o.export != "" {
				out = append(out, exportShape{s.id, o.export, o.value})
			}
		}
	}
	items, next, err := page(out, form.Get("NextToken"), pageSize)
	return struct {
		Exports   []exportShape
		NextToken *string
	}{items, next}, err
}

func (e *Engine) listHookResults(form url.Values) (any, error) {
	return struct {
		TargetType, TargetId string
		HookResults          []struct{}
	}{form.Get("TargetType"), form.Get("TargetId"), []struct{}{}}, nil
}
