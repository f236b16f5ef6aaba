package cfn

import "context"

// Handler gives a resource type an effect outside CloudFormation: a parameter that can be read, a group that
// launches instances. A type without one is only checked against its schema and remembered. Each method runs
// in a goroutine of its own and may wait on the engine's clock; it returns early when ctx ends. An error becomes the
// resource's status reason, verbatim.
type Handler interface {
	Create(ctx context.Context, r Request) (Result, error)
	Update(ctx context.Context, r Request) (Result, error)
	Delete(ctx context.Context, r Request) error
}

// Request is one resource as CloudFormation hands it to a handler: everything resolved and checked.
type Request struct {
	Partition, Account, Region string
	StackID, StackName         string
	LogicalID, Type            string
	PhysicalID                 string         // empty on Create
	Name                       string         // <stack>-<logicalID>-<12 random>: for types whose name property is absent
	Properties                 map[string]any // template numbers and booleans as they were written
	Previous                   map[string]any // on Update, the properties before
	Attributes                 map[string]any // on Update and Delete, what Create or the last Update returned
	UpdatePolicy               map[string]any // nil when the template has none
	CreationPolicy             map[string]any
	Tags                       map[string]string       // stack tags and aws:cloudformation:{stack-name,stack-id,logical-id}
	Started                    func(physicalID string) // call once the physical ID is known and the work goes on: "Resource creation Initiated"
}

// Result is what a handler made.
type Result struct {
	PhysicalID string         // what Ref returns, unless Ref is set
	Ref        string         // only where Ref differs from the physical ID
	Attributes map[string]any // what Fn::GetAtt returns; dotted names as they are written in templates
}
