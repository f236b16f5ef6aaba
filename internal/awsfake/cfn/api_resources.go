package cfn

import (
	"net/url"
	"time"
)

type resourceShape struct {
	StackID              string `wire:"StackId"`
	StackName            string
	LogicalResourceID    string `wire:"LogicalResourceId"`
	PhysicalResourceID   string `wire:"PhysicalResourceId,omitempty"`
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string `wire:",omitempty"`
	DriftInformation     resourceDriftShape
}

type resourceDriftShape struct{ StackResourceDriftStatus string }

type resourceDetailShape struct {
	StackID              string `wire:"StackId"`
	StackName            string
	LogicalResourceID    string `wire:"LogicalResourceId"`
	PhysicalResourceID   string `wire:"PhysicalResourceId,omitempty"`
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string `wire:",omitempty"`
	Metadata             string
	DriftInformation     resourceDriftShape
}

type resourceSummaryShape struct {
	LogicalResourceID    string `wire:"LogicalResourceId"`
	PhysicalResourceID   string `wire:"PhysicalResourceId,omitempty"`
	ResourceType         string
	LastUpdatedTimestamp time.Time
	ResourceStatus       string
	ResourceStatusReason string `wire:",omitempty"`
	DriftInformation     resourceDriftShape
}

func (s *stack) resourceShapes() []resourceShape {
	out := []resourceShape{}
	for _, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		x := resourceShape{
			StackID: s.id, StackName: s.name, LogicalResourceID: id, ResourceType: r.typ, Timestamp: r.updated,
			ResourceStatus: r.status, ResourceStatusReason: r.reason, DriftInformation: resourceDriftShape{"NOT_CHECKED"},
		}
		if r.live != nil {
			x.PhysicalResourceID = r.live.physical
		}
		out = append(out, x)
	}
	return out
}

func (e *Engine) existing(form url.Values) (*stack, error) {
	name := form.Get("StackName")
	if s := e.find(name); s != nil {
		return s, nil
	}
	return nil, invalid("Stack with id %s does not exist", name)
}

func (e *Engine) describeStackResource(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name, id := form.Get("StackName"), form.Get("LogicalResourceId")
	s := e.find(name)
	if s == nil {
		return nil, invalid("Stack '%s' does not exist", name)
	}
	for _, x := range s.resourceShapes() {
		if x.LogicalResourceID != id {
			continue
		}
		d := resourceDetailShape{
			x.StackID, x.StackName, id, x.PhysicalResourceID, x.ResourceType, x.Timestamp, x.ResourceStatus, x.ResourceStatusReason,
			"{}", x.DriftInformation,
		}
		if inc := s.liveOf(id); inc != nil && inc.others["Metadata"] != nil {
			d.Metadata = compact(plain(inc.others["Metadata"]))
		}
		return struct{ StackResourceDetail resourceDetailShape }{d}, nil
	}
	return nil, invalid("Resource %s does not exist for stack %s", id, s.name)
}

func (e *Engine) describeStackResources(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, wanted := e.find(form.Get("StackName")), form.Get("LogicalResourceId")
	if physical := form.Get("PhysicalResourceId"); physical != "" {
		if s = e.owner(physical); s == nil {
			return nil, invalid("Stack for %s does not exist", physical)
		}
	}
	if s == nil {
		return nil, invalid("Stack with id %s does not exist", form.Get("StackName"))
	}
	out := []resourceShape{}
	for _, x := range s.resourceShapes() {
		if wanted == "" || x.LogicalResourceID == wanted {
			out = append(out, x)
		}
	}
	return struct{ StackResources []resourceShape }{out}, nil
}

// owner is the stack that a physical resource belongs to.
func (e *Engine) owner(physical string) *stack {
	for _, s := range e.stacks {
		for _, inc := range s.liveAll() {
			if inc.physical == physical {
				return s
			}
		}
	}
	return nil
}

func (e *Engine) listStackResources(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.existing(form)
	if err != nil {
		return nil, err
	}
	out := []resourceSummaryShape{}
	for _, x := range s.resourceShapes() {
		out = append(out, resourceSummaryShape{
			x.LogicalResourceID, x.PhysicalResourceID, x.ResourceType, x.Timestamp, x.ResourceStatus, x.ResourceStatusReason, x.DriftInformation,
		})
	}
	items, next, err := page(out, form.Get("NextToken"), pageSize)
	return struct {
		StackResourceSummaries []resourceSummaryShape
		NextToken              *string
	}{items, next}, err
}
