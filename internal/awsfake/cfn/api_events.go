package cfn

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type eventShape struct {
	StackID              string `wire:"StackId"`
	EventID              string `wire:"EventId"`
	StackName            string
	OperationID          string `wire:"OperationId,omitempty"`
	LogicalResourceID    string `wire:"LogicalResourceId"`
	PhysicalResourceID   string `wire:"PhysicalResourceId"`
	ResourceType         string
	Timestamp            time.Time
	ResourceStatus       string
	ResourceStatusReason string `wire:",omitempty"`
	ResourceProperties   *string
	ClientRequestToken   string `wire:",omitempty"`
}

func (e *Engine) describeStackEvents(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := form.Get("StackName")
	s := e.find(name)
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", name)
	}
	out := make([]eventShape, 0, len(s.events))
	for _, v := range slices.Backward(s.events) {
		x := eventShape{
			StackID: s.id, EventID: v.id, StackName: s.name, LogicalResourceID: v.logicalID, PhysicalResourceID: v.physicalID, ResourceType: v.typ,
			Timestamp: v.at, ResourceStatus: v.status, ResourceStatusReason: v.reason, ResourceProperties: v.properties, ClientRequestToken: v.token,
		}
		if v.op != nil {
			x.OperationID = v.op.id
		}
		out = append(out, x)
	}
	items, next, err := eventPage(out, form.Get("NextToken"), func(x eventShape) string { return x.EventID })
	return struct {
		StackEvents []eventShape
		NextToken   *string
	}{items, next}, err
}

// eventPage cuts a page out of events, newest first. Its tokens name the last event seen, so that new events move nothing.
func eventPage[T any](items []T, token string, id func(T) string) ([]T, *string, error) {
	if token != "" {
		at := slices.IndexFunc(items, func(x T) bool { return id(x) == token })
		if at < 0 {
			return nil, nil, invalid("Invalid NextToken: %s", token)
		}
		items = items[at+1:]
	}
	if len(items) <= pageSize {
		return items, nil, nil
	}
	next := id(items[pageSize-1])
	return items[:pageSize], &next, nil
}

type operationEventShape struct {
	EventID              string `wire:"EventId"`
	StackID              string `wire:"StackId,omitempty"`
	OperationID          string `wire:"OperationId,omitempty"`
	OperationType        string `wire:",omitempty"`
	OperationStatus      string `wire:",omitempty"`
	EventType            string
	LogicalResourceID    string `wire:"LogicalResourceId,omitempty"`
	PhysicalResourceID   string `wire:"PhysicalResourceId,omitempty"`
	ResourceType         string `wire:",omitempty"`
	Timestamp            time.Time
	StartTime            time.Time `wire:",omitempty"`
	EndTime              time.Time `wire:",omitempty"`
	ResourceStatus       string    `wire:",omitempty"`
	ResourceStatusReason string    `wire:",omitempty"`
	ResourceProperties   *string
	ClientRequestToken   string `wire:",omitempty"`
}

// logChangeSet logs an event of the operation that makes a change set; an empty status means that it is over. DescribeEvents alone shows it.
func (e *Engine) logChangeSet(op *operation, c *changeSet, status string) {
	if status == "" {
		status = "SUCCEEDED"
		if op.failed = c.status == "FAILED"; op.failed {
			status = "FAILED"
		}
	}
	op.events = append(op.events, event{
		id: wire.RequestID(), logicalID: c.stack.name, physicalID: c.stack.id, typ: stackType, status: status, reason: c.reason,
		token: op.token, op: op, at: e.opt.Clock.Now(),
	})
}

func (e *Engine) describeEvents(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	ops, err := e.operationsOf(form)
	if err != nil {
		return nil, err
	}
	out := []operationEventShape{}
	for s, op := range ops {
		for _, v := range append(slices.Clone(op.events), s.eventsOf(op)...) {
			x := v.operationShape(s)
			if !flag(form, "Filters.FailedEvents") || x.failed() {
				out = append(out, x)
			}
		}
	}
	slices.Reverse(out)
	items, next, err := eventPage(out, form.Get("NextToken"), func(x operationEventShape) string { return x.EventID })
	return struct {
		OperationEvents []operationEventShape
		NextToken       *string
	}{items, next}, err
}

// operationsOf are the operations a request asks about: one by its ID, a change set's, or the latest of a stack.
func (e *Engine) operationsOf(form url.Values) (map[*stack]*operation, error) {
	if id := form.Get("OperationId"); id != "" {
		for _, s := range e.stacks {
			for _, op := range s.operations {
				if op.id == id {
					return map[*stack]*operation{s: op}, nil
				}
			}
		}
		return nil, invalid("Operation [%s] does not exist", id)
	}
	if form.Get("ChangeSetName") != "" {
		c, err := e.lookUpChangeSet(form)
		if err != nil {
			return nil, err
		}
		for _, op := range c.stack.operations {
			if op.changeSet == c {
				return map[*stack]*operation{c.stack: op}, nil
			}
		}
	}
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	for _, op := range slices.Backward(s.operations) {
		if op.changeSet == nil {
			return map[*stack]*operation{s: op}, nil
		}
	}
	return nil, nil
}

func (s *stack) eventsOf(op *operation) []event {
	var out []event
	for _, v := range s.events {
		if v.op == op {
			out = append(out, v)
		}
	}
	return out
}

func (v event) operationShape(s *stack) operationEventShape {
	x := operationEventShape{
		EventID: v.id, StackID: s.id, OperationID: v.op.id, OperationType: v.op.kind, Timestamp: v.at, ClientRequestToken: v.token,
		LogicalResourceID: v.logicalID, PhysicalResourceID: v.physicalID, ResourceType: v.typ,
		ResourceStatusReason: v.reason, ResourceProperties: v.properties, EventType: "PROGRESS_EVENT",
	}
	if v.op.changeSet == nil {
		x.ResourceStatus = v.status
	}
	switch {
	case v.typ == stackType && v.physicalID == s.id:
		x.EventType, x.OperationStatus = "STACK_EVENT", outcome(v.status)
		x.StartTime = v.at
		if x.OperationStatus != "IN_PROGRESS" {
			x.EndTime = v.at
		}
	case strings.HasSuffix(v.status, "_FAILED"):
		x.EventType = "PROVISIONING_ERROR"
	}
	return x
}

func (x operationEventShape) failed() bool {
	return x.EventType == "PROVISIONING_ERROR" || x.OperationStatus == "FAILED"
}

func outcome(status string) string {
	switch {
	case strings.HasSuffix(status, "IN_PROGRESS"):
		return "IN_PROGRESS"
	case strings.HasSuffix(status, "FAILED"):
		return "FAILED"
	default:
		return "SUCCEEDED"
	}
}
