package cfn

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

const noChanges = "The submitted information didn't contain changes. Submit different information to create a change set."

type createdChangeSet struct {
	ID      string `wire:"Id"`
	StackID string `wire:"StackId"`
}

func (e *Engine) createChangeSet(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name, stackName, kind := form.Get("ChangeSetName"), form.Get("StackName"), form.Get("ChangeSetType")
	if kind == "" {
		kind = "UPDATE"
	}
	if err := checkName("stackName", stackName, stackNamePattern); err != nil {
		return nil, err
	}
	if err := checkName("changeSetName", name, `[a-zA-Z][-a-zA-Z0-9]*`); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"CREATE", "UPDATE"}, kind) {
		return nil, invalid("1 validation error detected: Value '%s' at 'changeSetType' failed to satisfy constraint: Member must satisfy enum value set: [IMPORT, UPDATE, CREATE]", kind)
	}
	s := e.find(stackName)
	if s != nil {
		if old := s.changeSet(name); old != nil && old.clientToken != "" && old.clientToken == form.Get("ClientToken") {
			return createdChangeSet{old.id, s.id}, nil
		}
	}
	if err := admitsChangeSet(s, stackName, name, kind); err != nil {
		return nil, err
	}
	candidate := s
	if candidate == nil {
		candidate = &stack{name: stackName, id: e.arn("stack/" + stackName + "/" + wire.RequestID())}
	}
	p, err := e.request(candidate, form)
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = e.newStack(stackName)
		e.setStatus(s, nil, "REVIEW_IN_PROGRESS", "User Initiated")
		if p, err = e.request(s, form); err != nil {
			return nil, err
		}
	}
	c := e.newChangeSet(s, p, name, kind, form)
	return createdChangeSet{c.id, s.id}, nil
}

// admitsChangeSet says why a stack, nil when there is none, cannot have a change set of that kind.
func admitsChangeSet(s *stack, stackName, name, kind string) error {
	if kind == "CREATE" {
		if strings.HasPrefix(stackName, "arn:") && (s == nil || !s.active()) || s != nil && s.status != "REVIEW_IN_PROGRESS" {
			return invalid("Stack [%s] already exists and cannot be created again with the changeSet [%s].", stackName, name)
		}
	} else if s == nil {
		return invalid("Stack [%s] does not exist", stackName)
	} else if err := s.admitsUpdate(); err != nil {
		return err
	}
	if s != nil && s.changeSet(name) != nil {
		return wire.Errorf("AlreadyExistsException", "ChangeSet %s cannot be created due to a mismatch with existing attribute Template", name)
	}
	return nil
}

// admitsUpdate says why a stack cannot be updated in its state.
func (s *stack) admitsUpdate() error {
	switch s.status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "CREATE_FAILED", "UPDATE_FAILED":
		return nil
	default:
		return invalid("Stack:%s is in %s state and can not be updated.", s.id, s.status)
	}
}

// changeSet looks a change set up by name, or ARN. Those that became obsolete keep their ARN and lose their name.
func (s *stack) changeSet(nameOrARN string) *changeSet {
	for _, c := range s.changeSets {
		if c.id == nameOrARN || c.name == nameOrARN && c.execution != "OBSOLETE" && c.execution != "EXECUTE_COMPLETE" {
			return c
		}
	}
	return nil
}

func (e *Engine) newChangeSet(s *stack, p *plan, name, kind string, form url.Values) *changeSet {
	c := &changeSet{
		id: e.arn("changeSet/" + name + "/" + wire.RequestID()), name: name, kind: kind, stack: s, plan: p,
		status: "CREATE_PENDING", execution: "UNAVAILABLE", created: e.opt.Clock.Now(),
		description: form.Get("Description"), clientToken: form.Get("ClientToken"), onStackFailure: form.Get("OnStackFailure"),
		capabilities: wire.Strings(form, "Capabilities.member"), notificationARNs: wire.Strings(form, "NotificationARNs.member"),
		includeNested: flag(form, "IncludeNestedStacks"), roleARN: form.Get("RoleARN"),
	}
	if form.Has("ImportExistingResources") {
		v := flag(form, "ImportExistingResources")
		c.importExisting = &v
	}
	s.changeSets = append(s.changeSets, c)
	op := e.begin(s, "CREATE_CHANGESET", form.Get("ClientToken"), func(op *operation) { e.prepareChangeSet(op, c) })
	op.changeSet = c
	return c
}

// prepareChangeSet compares in the background, as AWS does.
func (e *Engine) prepareChangeSet(op *operation, c *changeSet) {
	pause := e.opt.Duration("AWS::CloudFormation::ChangeSet", "CREATE") / 2
	for _, step := range []func(){
		func() { c.status = "CREATE_IN_PROGRESS"; e.logChangeSet(op, c, "IN_PROGRESS") },
		func() { e.compare(c); e.logChangeSet(op, c, "") },
	} {
		if e.opt.Clock.Sleep(op.ctx, pause) != nil {
			return
		}
		e.locked(step)
	}
}

func (e *Engine) compare(c *changeSet) {
	fail := func(reason string) { c.status, c.reason = "FAILED", reason }
	if changed := c.stack.changedTypes(c.plan); len(changed) > 0 {
		fail("Update of resource type is not permitted. The new template modifies resource type of the following resources: " + bracketed(changed))
		return
	}
	var err error
	if c.withoutValues, _, err = e.diff(c.stack, c.plan, false); err == nil {
		c.withValues, c.warning, err = e.diff(c.stack, c.plan, true)
	}
	if err != nil {
		fail(reasonOf(err))
		return
	}
	if len(c.withoutValues) == 0 && len(c.withValues) == 0 && !e.changesElse(c.stack, c.plan) {
		fail(noChanges)
		return
	}
	c.status, c.execution = "CREATE_COMPLETE", "AVAILABLE"
}

func (s *stack) changedTypes(p *plan) []string {
	var out []string
	for id, inc := range s.liveAll() {
		if r := p.resources[id]; r != nil && r.decl.typ != inc.planned.decl.typ {
			out = append(out, id)
		}
	}
	return out
}

// changesElse says whether a plan changes a stack without changing a resource: its outputs or tags.
func (e *Engine) changesElse(s *stack, p *plan) bool {
	if s.plan == nil {
		return true
	}
	return !slices.Equal(s.plan.tags, p.tags) || e.outputsText(s, s.plan) != e.outputsText(s, p)
}

func (e *Engine) outputsText(s *stack, p *plan) string {
	sc := e.scopeFor(s, p.t, p.params, p.conds)
	sc.ref = func(id string) (any, error) { return unknown{id}, nil }
	sc.att = func(id, attribute string) (any, error) { return unknown{id + "." + attribute}, nil }
	all := []any{}
	for _, key := range p.outputs {
		o := p.t.outputs[key]
		value, _ := sc.eval(o.value) // planning has evaluated both without an error
		export, _ := sc.eval(o.export)
		all = append(all, key, value, text(o.description), text(export))
	}
	return canonical(all)
}

// lookUpChangeSet finds what ChangeSetName, and StackName where it is no ARN, stand for.
func (e *Engine) lookUpChangeSet(form url.Values) (*changeSet, error) {
	name, stackName := form.Get("ChangeSetName"), form.Get("StackName")
	if err := checkName("changeSetName", name, changeSetNamePattern); err != nil {
		return nil, err
	}
	missing := &wire.Error{Code: "ChangeSetNotFound", Message: "ChangeSet [" + name + "] does not exist", Status: http.StatusNotFound}
	if strings.HasPrefix(name, "arn:") {
		for _, s := range e.stacks {
			for _, c := range s.changeSets {
				if c.id == name {
					return c, nil
				}
			}
		}
		return nil, missing
	}
	if stackName == "" {
		return nil, invalid("StackName must be specified if ChangeSetName is not specified as an ARN.")
	}
	s := e.find(stackName)
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", stackName)
	}
	if c := s.changeSet(name); c != nil {
		return c, nil
	}
	return nil, missing
}

func (e *Engine) deleteChangeSet(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookUpChangeSet(form)
	if err != nil {
		if wire.AsError(err).Code == "ChangeSetNotFound" {
			return nil, nil // DeleteChangeSet is idempotent
		}
		return nil, err
	}
	if c.execution == "EXECUTE_IN_PROGRESS" {
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be deleted in its current execution status of [%s]", c.id, c.execution)
	}
	c.stack.changeSets = slices.DeleteFunc(c.stack.changeSets, func(x *changeSet) bool { return x == c })
	for _, op := range c.stack.operations {
		if op.changeSet == c && op.kind == "CREATE_CHANGESET" {
			op.cancel()
		}
	}
	return nil, nil
}

func (e *Engine) executeChangeSet(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c, err := e.lookUpChangeSet(form)
	if err != nil {
		return nil, err
	}
	if form.Get("DisableRollback") != "" && c.onStackFailure != "" {
		return nil, invalid("OnStackFailure is already specified in the change set; DisableRollback cannot be specified")
	}
	switch {
	case c.status != "CREATE_COMPLETE":
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current status of [%s]", c.id, c.status)
	case c.execution != "AVAILABLE":
		return nil, wire.Errorf("InvalidChangeSetStatus", "ChangeSet [%s] cannot be executed in its current execution status of [%s]", c.id, c.execution)
	}
	e.executePlan(c, form)
	return nil, nil
}

func (e *Engine) executePlan(c *changeSet, form url.Values) {
	s := c.stack
	c.execution = "EXECUTE_IN_PROGRESS"
	s.outdate(c)
	s.changeSetID, s.updated, s.roleARN = c.id, e.opt.Clock.Now(), c.roleARN
	s.notificationARNs = c.notificationARNs
	s.disableRollback = flag(form, "DisableRollback")
	s.retainExceptOnCreate = flag(form, "RetainExceptOnCreate")
	then := failurePolicy(c.onStackFailure, s.disableRollback)
	e.deploy(s, c.plan, c.capabilities, form.Get("ClientRequestToken"), then, func(op *operation) {
		c.execution = "EXECUTE_COMPLETE"
		if op.failed {
			c.execution = "EXECUTE_FAILED"
		}
	})
}

// failurePolicy reads OnStackFailure or OnFailure, and DisableRollback.
func failurePolicy(policy string, disableRollback bool) onFailure {
	switch {
	case policy == "DELETE":
		return deleteStack
	case policy == "DO_NOTHING", disableRollback:
		return doNothing
	default:
		return rollBack
	}
}

// outdate makes all change sets obsolete but the one that is executed.
func (s *stack) outdate(executed *changeSet) {
	for _, c := range s.changeSets {
		if c != executed && c.execution != "EXECUTE_COMPLETE" && c.execution != "EXECUTE_FAILED" {
			c.execution = "OBSOLETE"
		}
	}
}

// deploy starts the creation or the update of a stack; after runs when it is over. The caller holds the lock.
func (e *Engine) deploy(s *stack, p *plan, capabilities []string, token string, then onFailure, after func(*operation)) *operation {
	creates := s.plan == nil
	kind, status := "UPDATE_STACK", "UPDATE_IN_PROGRESS"
	if creates {
		kind, status = "CREATE_STACK", "CREATE_IN_PROGRESS"
	} else if s.rollback == nil {
		s.rollback = s.takeSnapshot()
	}
	s.plan, s.capabilities = p, capabilities
	op := e.begin(s, kind, token, func(op *operation) {
		d := &deployment{e: e, s: s, op: op, p: p}
		if creates {
			d.createStack(then)
		} else {
			d.updateStack(then)
		}
		e.locked(func() { after(op) })
	})
	e.setStatus(s, op, status, "User Initiated")
	return op
}

type changeSetSummary struct {
	StackID                 string `wire:"StackId"`
	StackName               string
	ChangeSetID             string `wire:"ChangeSetId"`
	ChangeSetName           string
	ExecutionStatus, Status string
	StatusReason            string `wire:",omitempty"`
	CreationTime            time.Time
	Description             string `wire:",omitempty"`
	IncludeNestedStacks     bool
	ImportExistingResources *bool
}

func (e *Engine) listChangeSets(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	out := []changeSetSummary{}
	for _, c := range s.changeSets {
		if c.execution != "OBSOLETE" && c.execution != "EXECUTE_COMPLETE" {
			out = append(out, changeSetSummary{
				StackID: s.id, StackName: s.name, ChangeSetID: c.id, ChangeSetName: c.name, ExecutionStatus: c.execution, Status: c.status,
				StatusReason: c.reason, CreationTime: c.created, Description: c.description,
				IncludeNestedStacks: c.includeNested, ImportExistingResources: c.importExisting,
			})
		}
	}
	items, next, err := page(out, form.Get("NextToken"), pageSize)
	return struct {
		Summaries []changeSetSummary
		NextToken *string
	}{items, next}, err
}
