package cfn

import (
	"net/url"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type describedChangeSet struct {
	ChangeSetName           string
	ChangeSetID             string `wire:"ChangeSetId"`
	StackID                 string `wire:"StackId"`
	StackName               string
	Description             string           `wire:",omitempty"`
	Parameters              []parameterShape `wire:",omitempty"`
	CreationTime            time.Time
	ExecutionStatus, Status string
	StatusReason            string `wire:",omitempty"`
	NotificationARNs        []string
	RollbackConfiguration   *struct{}
	Capabilities            []string
	Tags                    []wire.Pair `wire:",omitempty"`
	Changes                 []changeShape
	NextToken               *string
	IncludeNestedStacks     bool
	OnStackFailure          string `wire:",omitempty"`
	ImportExistingResources *bool
}

type parameterShape struct {
	ParameterKey, ParameterValue string
	ResolvedValue                string `wire:",omitempty"`
}

type changeShape struct {
	Type           string
	ResourceChange resourceChangeShape
}

type resourceChangeShape struct {
	PolicyAction       string `wire:",omitempty"`
	Action             string
	LogicalResourceID  string `wire:"LogicalResourceId"`
	PhysicalResourceID string `wire:"PhysicalResourceId,omitempty"`
	ResourceType       string
	Replacement        string `wire:",omitempty"`
	Scope              []string
	Details            []detailShape
	BeforeContext      *string
	AfterContext       *string
}

type detailShape struct {
	Target        targetShape
	Evaluation    string
	ChangeSource  string
	CausingEntity string `wire:",omitempty"`
}

type targetShape struct {
	Attribute           string
	Name                string `wire:",omitempty"`
	RequiresRecreation  string
	Path                string `wire:",omitempty"`
	BeforeValue         *string
	AfterValue          *string
	AttributeChangeType string `wire:",omitempty"`
}

func (e *Engine) describeChangeSet(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookUpChangeSet(form)
	if err != nil {
		return nil, err
	}
	d := describedChangeSet{
		ChangeSetName: c.name, ChangeSetID: c.id, StackID: c.stack.id, StackName: c.stack.name, Description: c.description,
		Parameters: parameterShapes(c.plan), CreationTime: c.created, ExecutionStatus: c.execution, Status: c.status, StatusReason: c.reason,
		NotificationARNs: orNone(c.notificationARNs), RollbackConfiguration: &struct{}{}, Capabilities: orNone(c.capabilities),
		Tags: c.plan.tags, IncludeNestedStacks: c.includeNested, OnStackFailure: c.onStackFailure, ImportExistingResources: c.importExisting,
	}
	changes := c.withoutValues
	if flag(form, "IncludePropertyValues") {
		changes = c.withValues
		if c.warning != "" && c.reason == "" {
			d.StatusReason = "[WARN] --include-property-values option can return incomplete ChangeSet data because: " + c.warning
		}
	}
	changes, d.NextToken, err = page(changes, form.Get("NextToken"), pageSize)
	if err != nil {
		return nil, err
	}
	d.Changes = make([]changeShape, len(changes))
	for i, x := range changes {
		d.Changes[i] = changeShape{"Resource", c.plan.shape(x)}
	}
	return d, nil
}

func (p *plan) shape(c change) resourceChangeShape {
	out := resourceChangeShape{
		PolicyAction: c.policy, Action: c.action, LogicalResourceID: c.id, PhysicalResourceID: c.physical, ResourceType: c.typ,
		Replacement: c.replacement, Scope: orNone(c.scope), Details: make([]detailShape, len(c.details)),
		BeforeContext: p.context(c.before), AfterContext: p.context(c.after),
	}
	for i, d := range c.details {
		out.Details[i] = p.detail(d)
	}
	return out
}

func (p *plan) context(m map[string]any) *string {
	if m == nil {
		return nil
	}
	s := p.mask(compact(m))
	return &s
}

func (p *plan) detail(d detail) detailShape {
	out := detailShape{Evaluation: "Static", ChangeSource: d.source, CausingEntity: d.cause}
	if d.dynamic {
		out.Evaluation = "Dynamic"
	}
	out.Target = targetShape{Attribute: d.attribute, Name: d.name, RequiresRecreation: d.recreation}
	if l := d.leaf; l != nil {
		out.Target.Path, out.Target.AttributeChangeType = l.path, l.kind
		out.Target.BeforeValue, out.Target.AfterValue = p.masked(l.before), p.masked(l.after)
	}
	return out
}

func (p *plan) masked(s *string) *string {
	if s == nil {
		return nil
	}
	m := p.mask(*s)
	return &m
}

func parameterShapes(p *plan) []parameterShape {
	if p == nil {
		return nil
	}
	var out []parameterShape
	for _, key := range sortedKeys(p.params) {
		q := p.params[key]
		shape := parameterShape{ParameterKey: key, ParameterValue: q.shown()}
		if q.viaSSM && !q.noEcho {
			shape.ResolvedValue = q.resolved
		}
		out = append(out, shape)
	}
	return out
}

// orNone is a list that is there even when it is empty.
func orNone(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}
