package cfn

import (
	"net/url"
	"slices"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type startedOperation struct {
	StackID     string `wire:"StackId"`
	OperationID string `wire:"OperationId,omitempty"`
}

func (e *Engine) createStack(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := form.Get("StackName")
	if err := checkName("stackName", name, `[a-zA-Z][-a-zA-Z0-9]*`); err != nil {
		return nil, err
	}
	if form.Get("OnFailure") != "" && form.Get("DisableRollback") != "" {
		return nil, invalid("You must specify either DisableRollback or OnFailure, but not both.")
	}
	s := e.find(name)
	if s != nil && s.status != "REVIEW_IN_PROGRESS" {
		if token := form.Get("ClientRequestToken"); token != "" && s.createToken == token {
			return startedOperation{StackID: s.id}, nil
		}
		return nil, wire.Errorf("AlreadyExistsException", "Stack [%s] already exists", name)
	}
	candidate := s
	if s == nil {
		candidate = &stack{name: name, id: e.arn("stack/" + name + "/" + wire.RequestID())}
	}
	p, err := e.request(candidate, form)
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = e.newStack(name)
		if p, err = e.request(s, form); err != nil {
			return nil, err
		}
	}
	if err := s.takePolicy(form.Get("StackPolicyBody")); err != nil {
		return nil, err
	}
	s.outdate(nil)
	s.createToken, s.protected = form.Get("ClientRequestToken"), flag(form, "EnableTerminationProtection")
	s.disableRollback = flag(form, "DisableRollback") || form.Get("OnFailure") == "DO_NOTHING"
	s.retainExceptOnCreate = flag(form, "RetainExceptOnCreate")
	s.roleARN, s.notificationARNs = form.Get("RoleARN"), wire.Strings(form, "NotificationARNs.member")
	op := e.deploy(s, p, wire.Strings(form, "Capabilities.member"), s.createToken, failurePolicy(form.Get("OnFailure"), s.disableRollback), func(*operation) {})
	return startedOperation{s.id, op.id}, nil
}

func (e *Engine) updateStack(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := form.Get("StackName")
	s := e.find(name)
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", name)
	}
	if err := s.admitsUpdate(); err != nil {
		return nil, err
	}
	p, err := e.request(s, form)
	if err != nil {
		return nil, err
	}
	if changed := s.changedTypes(p); len(changed) > 0 {
		return nil, invalid("Update of resource type is not permitted. The new template modifies resource type of the following resources: %s", bracketed(changed))
	}
	changes, _, err := e.diff(s, p, false)
	if err != nil {
		return nil, err
	}
	if len(changes) == 0 && !e.changesElse(s, p) {
		return nil, invalid("No updates are to be performed.")
	}
	s.outdate(nil)
	s.disableRollback, s.retainExceptOnCreate = flag(form, "DisableRollback"), flag(form, "RetainExceptOnCreate")
	s.updated, s.changeSetID = e.opt.Clock.Now(), ""
	op := e.deploy(s, p, wire.Strings(form, "Capabilities.member"), form.Get("ClientRequestToken"), failurePolicy("", s.disableRollback), func(*operation) {})
	return startedOperation{s.id, op.id}, nil
}

func (e *Engine) deleteStack(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	name := form.Get("StackName")
	if err := checkName("stackName", name, stackNamePattern); err != nil {
		return nil, err
	}
	s := e.find(name)
	if s == nil || !s.active() || s.status == "DELETE_IN_PROGRESS" {
		return nil, nil // DeleteStack is idempotent
	}
	retain := wire.Strings(form, "RetainResources.member")
	force := form.Get("DeletionMode") == "FORCE_DELETE_STACK"
	if err := e.admitsDelete(s, retain, force); err != nil {
		return nil, err
	}
	var running *operation
	if s.busy() {
		running = s.operations[len(s.operations)-1]
		running.cancelled = true
		running.cancel()
	}
	s.outdate(nil)
	s.deletionMode = form.Get("DeletionMode")
	op := e.begin(s, "DELETE_STACK", form.Get("ClientRequestToken"), func(op *operation) {
		if running != nil {
			<-running.done
		}
		e.deleteAll(s, op, retain, force)
	})
	e.setStatus(s, op, "DELETE_IN_PROGRESS", "User Initiated")
	return nil, nil
}

func (e *Engine) admitsDelete(s *stack, retain []string, force bool) error {
	switch {
	case s.protected:
		return invalid("Stack [%s] cannot be deleted while TerminationProtection is enabled", s.name)
	case s.busy() && s.status != "CREATE_IN_PROGRESS":
		return invalid("Stack [%s] cannot be deleted while in status %s", s.id, s.status)
	case len(retain) > 0 && s.status != "DELETE_FAILED":
		return invalid("Invalid operation on stack [%s]. When you delete a stack, specify which resources to retain only when the stack is in the DELETE_FAILED state.", s.id)
	case force && s.status != "DELETE_FAILED":
		return invalid("Invalid operation on stack [%s]. You can only force delete a stack that is in the DELETE_FAILED state.", s.id)
	}
	for _, o := range s.outputs {
		if by := e.importer(s, o.export); o.export != "" && by != nil {
			return invalid("Export %s cannot be deleted as it is in use by %s", o.export, by.name)
		}
	}
	return nil
}

// importer is another stack that uses an export.
func (e *Engine) importer(of *stack, name string) *stack {
	for _, s := range e.stacks {
		if s != of && s.active() && s.plan != nil && slices.Contains(e.imports(s), name) {
			return s
		}
	}
	return nil
}

// imports are the exports that a stack's template uses.
func (e *Engine) imports(s *stack) []string {
	var out []string
	sc := e.scopeFor(s, s.plan.t, s.plan.params, s.plan.conds)
	sc.ref = func(id string) (any, error) { return unknown{id}, nil }
	sc.att = func(id, _ string) (any, error) { return unknown{id}, nil }
	sc.export = func(name string) (string, bool) { out = append(out, name); return "", true }
	for _, r := range s.plan.resources {
		for _, expr := range r.decl.expressions() {
			_, _ = sc.eval(expr) // planning has evaluated it without an error
		}
	}
	for _, key := range s.plan.outputs {
		_, _ = sc.eval(s.plan.t.outputs[key].value)
	}
	return out
}

func (e *Engine) cancelUpdateStack(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	if s.status != "UPDATE_IN_PROGRESS" {
		return nil, invalid("CancelUpdateStack cannot be called from current stack status")
	}
	op := s.operations[len(s.operations)-1]
	op.cancelled = true
	op.cancel()
	return nil, nil
}

func (e *Engine) continueUpdateRollback(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	if s.status != "UPDATE_ROLLBACK_FAILED" {
		return nil, invalid("Stack:%s is in %s state and can not continue rollback.", s.id, s.status)
	}
	skip := wire.Strings(form, "ResourcesToSkip.member")
	for _, id := range skip {
		if r := s.resources[id]; r == nil || r.status != "UPDATE_FAILED" {
			return nil, invalid("Resource [%s] can not be skipped: only resources in UPDATE_FAILED state because of a failed rollback can be.", id)
		}
	}
	if flag(form, "ForceRollback") {
		for id, r := range s.resources {
			if r.status == "UPDATE_FAILED" {
				skip = append(skip, id)
			}
		}
	}
	op := e.begin(s, "CONTINUE_ROLLBACK", form.Get("ClientRequestToken"), func(op *operation) { e.rollBackUpdate(s, op, skip) })
	e.setStatus(s, op, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	return nil, nil
}

func (e *Engine) rollbackStack(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	s.retainExceptOnCreate = s.retainExceptOnCreate || flag(form, "RetainExceptOnCreate")
	var op *operation
	switch s.status {
	case "CREATE_FAILED":
		op = e.begin(s, "ROLLBACK", form.Get("ClientRequestToken"), func(op *operation) { e.rollBackCreation(s, op) })
		e.setStatus(s, op, "ROLLBACK_IN_PROGRESS", "User Initiated")
	case "UPDATE_FAILED":
		op = e.begin(s, "ROLLBACK", form.Get("ClientRequestToken"), func(op *operation) { e.rollBackUpdate(s, op, nil) })
		e.setStatus(s, op, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
	default:
		return nil, invalid("Stack:%s is in %s state and can not be rolled back.", s.id, s.status)
	}
	return startedOperation{s.id, op.id}, nil
}

func (e *Engine) updateTerminationProtection(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil || !s.active() {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	if s.status == "DELETE_IN_PROGRESS" {
		return nil, invalid("Termination protection cannot be changed on a stack that is being deleted")
	}
	s.protected = flag(form, "EnableTerminationProtection")
	return startedOperation{StackID: s.id}, nil
}
