package cfn

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

const stackType = "AWS::CloudFormation::Stack"

// stack is one stack, also after its deletion. The engine's lock guards it.
type stack struct {
	id, name, status, reason   string
	created, updated, deleted  time.Time
	changeSetID, roleARN       string
	deletionMode               string
	capabilities               []string
	notificationARNs           []string
	disableRollback, protected bool
	retainExceptOnCreate       bool
	policy                     string
	plan                       *plan // of the last deployment; nil before the first
	resources                  map[string]*resource
	outputs                    []output
	events                     []event
	operations                 []*operation
	changeSets                 []*changeSet
	rollback                   *snapshot // what a rollback of the current or failed update restores
	strays                     []stray   // made by an update, to be removed when it is rolled back
	createToken                string
}

// resource is one logical ID of a stack.
type resource struct {
	id, typ, status, reason string
	updated                 time.Time
	live                    *incarnation // nil until something exists
	dirty                   bool         // an update began and did not end well
}

// incarnation is a physical resource as it was last made or updated. It is never changed, only replaced.
type incarnation struct {
	planned       *planned
	physical, ref string
	properties    map[string]any // resolved, dynamic references left
	given         map[string]any // as the handler got them
	attributes    map[string]any
	tags          map[string]string
	others        map[string]any // resolved Metadata and policies, by name
}

type stray struct {
	id  string
	inc *incarnation
}

// snapshot is a stack's deployment at a time when it was whole.
type snapshot struct {
	plan         *plan
	live         map[string]*incarnation
	outputs      []output
	capabilities []string
	changeSetID  string
}

type output struct{ key, value, description, export string }

type event struct {
	id, logicalID, physicalID, typ, status, reason string
	properties                                     *string
	token                                          string
	op                                             *operation
	at                                             time.Time
}

// operation is one run of CloudFormation over a stack.
type operation struct {
	id, kind, token string
	ctx             context.Context // an operation outlives the request that began it
	cancel          context.CancelFunc
	done            chan struct{}
	cancelled       bool // by CancelUpdateStack or DeleteStack
	changeSet       *changeSet
	events          []event // of change sets, which log no stack events
	failed          bool
}

type changeSet struct {
	id, name, kind, clientToken    string
	stack                          *stack
	status, execution, reason      string
	description                    string
	created                        time.Time
	plan                           *plan
	capabilities, notificationARNs []string
	onStackFailure, roleARN        string
	importExisting                 *bool
	includeNested                  bool
	withValues, withoutValues      []change
	warning                        string // why the changes with values are incomplete
}

func (s *stack) active() bool { return s.status != "DELETE_COMPLETE" }

func (s *stack) busy() bool {
	return strings.HasSuffix(s.status, "_IN_PROGRESS") && s.status != "REVIEW_IN_PROGRESS"
}

func (s *stack) liveOf(id string) *incarnation {
	if r := s.resources[id]; r != nil {
		return r.live
	}
	return nil
}

func (s *stack) liveAll() map[string]*incarnation {
	out := map[string]*incarnation{}
	for id, r := range s.resources {
		if r.live != nil {
			out[id] = r.live
		}
	}
	return out
}

func (s *stack) tags() []wire.Pair {
	if s.plan == nil {
		return nil
	}
	return s.plan.tags
}

func (s *stack) takeSnapshot() *snapshot {
	return &snapshot{
		plan: s.plan, live: s.liveAll(), outputs: slices.Clone(s.outputs),
		capabilities: s.capabilities, changeSetID: s.changeSetID,
	}
}

// value gives Ref (an empty attribute) or an attribute of what exists.
func (inc *incarnation) value(attribute string) (any, bool) {
	if attribute == "" {
		return inc.ref, true
	}
	if v, ok := inc.attributes[attribute]; ok {
		return v, true
	}
	var v any = inc.properties
	for step := range strings.SplitSeq(attribute, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil, false
		}
		if v, ok = m[step]; !ok {
			return nil, false
		}
	}
	return v, true
}

func (s *stack) tagsFor(id string) map[string]string {
	out := map[string]string{
		"aws:cloudformation:stack-name": s.name, "aws:cloudformation:stack-id": s.id, "aws:cloudformation:logical-id": id,
	}
	return out
}

func withStackTags(tags []wire.Pair, own map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, own)
	for _, t := range tags {
		out[t.Key] = t.Value
	}
	return out
}
