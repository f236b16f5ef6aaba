// Package deploy drives CloudFormation: change sets, events, diagnosis, deletion, for any template and any
// stack. It refuses to know what is in a template, where a setting came from, or how anything is shown.
package deploy

import "time"

// Action is what CloudFormation will do with a resource.
type Action string

// The actions of a change, in CloudFormation's words.
const (
	Add     Action = "Add"
	Modify  Action = "Modify"
	Remove  Action = "Remove"
	Import  Action = "Import"
	Dynamic Action = "Dynamic"        // known only when the change set runs
	Sync    Action = "SyncWithActual" // only CloudFormation's record changes: the resource already is so
)

// Replacement says whether a change makes a new physical resource.
type Replacement string

// The degrees of replacement.
const (
	ReplaceNever Replacement = "Never" // updated in place
	ReplaceMay   Replacement = "May"   // CloudFormation decides while it runs
	ReplaceWill  Replacement = "Will"  // certain
)

// ChangeSet is a proposed update of one stack. It is identified by its ARN; the name is for people.
type ChangeSet struct {
	ID        string // ARN
	Name      string
	StackID   string // ARN
	StackName string
	NewStack  bool // executing it creates the stack
	Created   time.Time
	// Executable is AVAILABLE when it can be executed; else why not: UNAVAILABLE, OBSOLETE, EXECUTE_COMPLETE, ...
	Executable  string
	Description string
	Drift       string           // of the stack; only in a set that reverts drift: DRIFTED, IN_SYNC, UNKNOWN
	Changes     []Change         // sorted by LogicalID
	Outputs     []PropertyChange // changes of the Outputs section, where the previous template could be read
	Tags        []PropertyChange // changes of the stack's tags
	Warnings    []string         // incomplete data, early-validation findings; sentences for people
}

// Change is one resource of a change set.
type Change struct {
	Action       Action
	LogicalID    string
	PhysicalID   string // empty when the resource does not exist yet
	Type         string
	Replacement  Replacement
	PolicyAction string         // Delete, Retain, Snapshot, ReplaceAndDelete, ReplaceAndRetain, ...; empty where none
	Before       map[string]any // resolved resource before: keys Properties, Metadata, ...; nil when not reported
	After        map[string]any // the same after
	Properties   []PropertyChange
	Incomplete   bool   // CloudFormation gave no property values for it
	Drift        string // only in a set that reverts drift: IN_SYNC, MODIFIED, DELETED, UNKNOWN, UNSUPPORTED
}

// PropertyChange is one property of a Change.
type PropertyChange struct {
	Path        string // as /Properties/Tags/0/Value; the attribute's name (Tags, Metadata) where it has no path
	Action      Action // Add, Modify, Remove
	Before      string // empty when added or not reported
	After       string // empty when removed or not reported; {{changeSet:KNOWN_AFTER_APPLY}} when only running tells
	Replacement Replacement
	Dynamic     bool   // the value is known only when the change set runs
	Cause       string // what made it change when it was not edited itself, as Topic.Arn; empty otherwise
}

// Event is a stack event: one step of one resource.
type Event struct {
	ID           string
	Time         time.Time
	StackID      string
	LogicalID    string
	PhysicalID   string
	Type         string
	Status       string // as CREATE_IN_PROGRESS
	StatusReason string
	Token        string // ClientRequestToken of the operation
	OperationID  string
}

// OfStack reports whether the event is the stack's own: its physical ID is the stack's ARN. Comparing logical
// IDs with the stack's name would take a resource of that name for the stack.
func (e Event) OfStack() bool { return e.PhysicalID == e.StackID }
