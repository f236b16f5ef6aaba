package cfn

import (
	"context"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// onFailure says what follows a failed creation or update.
type onFailure int

const (
	rollBack onFailure = iota
	doNothing
	deleteStack
)

// follow continues an operation as one of another kind, with an ID of its own, as AWS does for rollbacks. It is not cancelled with the
// first. The caller holds the lock.
func (e *Engine) follow(s *stack, op *operation, kind string) *operation {
	ctx, cancel := context.WithCancel(e.ctx)
	next := &operation{id: wire.RequestID(), kind: kind, token: op.token, ctx: ctx, cancel: cancel, done: op.done}
	s.operations = append(s.operations, next)
	return next
}

func (d *deployment) walk() []string {
	return walk(d.op.ctx, sortedKeys(d.p.resources), func(id string) []string { return d.p.resources[id].deps }, true, d.start)
}

// createStack runs a whole creation. Its first event is logged by the caller.
func (d *deployment) createStack(then onFailure) {
	failed := d.walk()
	d.e.mu.Lock()
	if d.e.ctx.Err() != nil || d.op.cancelled {
		d.e.mu.Unlock()
		return
	}
	reason := d.settle(failed)
	if reason == "" {
		d.e.setStatus(d.s, d.op, "CREATE_COMPLETE", "")
		d.e.mu.Unlock()
		return
	}
	d.op.failed = true
	if then == doNothing {
		d.e.setStatus(d.s, d.op, "CREATE_FAILED", reason)
		d.e.mu.Unlock()
		return
	}
	if then == deleteStack {
		op := d.e.follow(d.s, d.op, "DELETE_STACK")
		d.e.setStatus(d.s, op, "DELETE_IN_PROGRESS", reason+"Delete requested by user.")
		d.e.mu.Unlock()
		d.e.deleteAll(d.s, op, nil, false)
		return
	}
	op := d.e.follow(d.s, d.op, "ROLLBACK")
	d.e.setStatus(d.s, op, "ROLLBACK_IN_PROGRESS", reason+"Rollback requested by user.")
	d.e.mu.Unlock()
	d.e.rollBackCreation(d.s, op)
}

// settle ends the work on resources: with outputs, or with the reason why there are none. The caller holds the lock.
func (d *deployment) settle(failed []string) string {
	if len(failed) > 0 {
		return d.failures(failed)
	}
	outputs, err := d.outputs()
	if err != nil {
		return reasonOf(err) + ". "
	}
	d.s.outputs = outputs
	return ""
}

// failures names the resources that failed, by what was tried on them.
func (d *deployment) failures(failed []string) string {
	var out strings.Builder
	for _, verb := range []string{"create", "update"} {
		var ids []string
		for _, id := range failed {
			if strings.EqualFold(d.s.resources[id].status, verb+"_failed") {
				ids = append(ids, id)
			}
		}
		if len(ids) > 0 {
			out.WriteString("The following resource(s) failed to " + verb + ": " + bracketed(ids) + ". ")
		}
	}
	return out.String()
}

func (d *deployment) outputs() ([]output, error) {
	sc := d.e.scopeFor(d.s, d.p.t, d.p.params, d.p.conds)
	sc.att = d.s.lookUp
	sc.ref = func(id string) (any, error) { return d.s.lookUp(id, "") }
	var out []output
	for _, key := range d.p.outputs {
		decl := d.p.t.outputs[key]
		value, err := sc.eval(decl.value)
		if err != nil {
			return nil, err
		}
		if !isScalar(value) {
			return nil, invalid("Template format error: The Value field of every Outputs member must evaluate to a String.")
		}
		export, err := sc.eval(decl.export)
		if err != nil {
			return nil, err
		}
		o := output{key: key, value: text(value), description: text(decl.description), export: text(export)}
		if by := d.e.exporter(o.export); o.export != "" && by != nil && by != d.s {
			return nil, invalid("Export with name %s is already exported by stack %s. Rollback requested by user", o.export, by.name)
		}
		out = append(out, o)
	}
	return out, d.e.checkExports(d.s, out)
}

// checkExports refuses to take an export away, or to change it, while another stack uses it.
func (e *Engine) checkExports(s *stack, next []output) error {
	for _, old := range s.outputs {
		at := slices.IndexFunc(next, func(o output) bool { return o.export == old.export })
		verb := "updated"
		if at < 0 {
			verb = "deleted"
		} else if next[at].value == old.value {
			continue
		}
		if by := e.importer(s, old.export); old.export != "" && by != nil {
			return invalid("Export %s cannot be %s as it is in use by %s", old.export, verb, by.name)
		}
	}
	return nil
}

func (e *Engine) exporter(name string) *stack {
	for _, s := range e.stacks {
		if s.active() && slices.ContainsFunc(s.outputs, func(o output) bool { return o.export == name }) {
			return s
		}
	}
	return nil
}

// rollBackCreation removes what a failed creation made.
func (e *Engine) rollBackCreation(s *stack, op *operation) {
	e.locked(func() { s.deleted, s.changeSetID = e.opt.Clock.Now(), "" })
	failed := e.remove(s, op, e.everything(s), removing{creation: true})
	e.locked(func() {
		switch {
		case e.ctx.Err() != nil:
		case len(failed) > 0:
			op.failed = true
			e.setStatus(s, op, "ROLLBACK_FAILED", "The following resource(s) failed to delete: "+bracketed(failed)+". ")
		default:
			e.setStatus(s, op, "ROLLBACK_COMPLETE", "")
		}
	})
}

// deleteAll removes everything a stack has, but for what is to be retained.
func (e *Engine) deleteAll(s *stack, op *operation, retain []string, force bool) {
	e.locked(func() { s.deleted, s.changeSetID = e.opt.Clock.Now(), "" })
	failed := e.remove(s, op, e.everything(s), removing{retain: retain, force: force})
	e.locked(func() {
		if e.ctx.Err() != nil {
			return
		}
		if len(failed) > 0 {
			op.failed = true
			e.setStatus(s, op, "DELETE_FAILED", "The following resource(s) failed to delete: "+bracketed(failed)+". ")
			return
		}
		e.setStatus(s, op, "DELETE_COMPLETE", "")
		s.deleted = e.opt.Clock.Now()
	})
}

// updateStack runs a whole update. Its first event is logged by the caller, who has also taken the snapshot.
func (d *deployment) updateStack(then onFailure) {
	failed := d.walk()
	d.e.mu.Lock()
	if d.e.ctx.Err() != nil {
		d.e.mu.Unlock()
		return
	}
	reason := ""
	if d.op.ctx.Err() == nil {
		reason = d.settle(failed)
	}
	switch {
	case d.op.ctx.Err() != nil: // by CancelUpdateStack
		reason = "User Initiated"
	case reason == "":
		d.e.setStatus(d.s, d.op, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "")
		d.e.mu.Unlock()
		d.cleanUp()
		return
	case then == doNothing:
		d.op.failed = true
		d.e.setStatus(d.s, d.op, "UPDATE_FAILED", reason)
		d.e.mu.Unlock()
		return
	}
	d.op.failed = true
	op := d.e.follow(d.s, d.op, "ROLLBACK")
	d.e.setStatus(d.s, op, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
	d.e.mu.Unlock()
	d.e.rollBackUpdate(d.s, op, nil)
}

// cleanUp removes what the update replaced or dropped. Its failures do not fail the update.
func (d *deployment) cleanUp() {
	var goners []goner
	d.e.locked(func() {
		for id, was := range d.s.rollback.live {
			now := d.s.liveOf(id)
			switch {
			case d.p.resources[id] == nil:
				goners = append(goners, goner{id, was.planned.decl.typ, was, was.planned.policy("DeletionPolicy")})
			case now.physical != was.physical:
				goners = append(goners, goner{id, was.planned.decl.typ, was, now.planned.policy("UpdateReplacePolicy")})
			}
		}
		for _, x := range d.s.strays {
			goners = append(goners, x.goner())
		}
		for id, r := range d.s.resources {
			if d.p.resources[id] != nil {
				continue
			}
			if r.live != nil && (d.s.rollback.live[id] == nil || d.s.rollback.live[id].physical != r.live.physical) {
				goners = append(goners, stray{id, r.live}.goner()) // made by an update that failed and was not rolled back
			}
			delete(d.s.resources, id)
		}
	})
	failed := d.e.remove(d.s, d.op, goners, removing{cleanup: true})
	d.e.locked(func() {
		if d.e.ctx.Err() != nil {
			return
		}
		d.s.rollback, d.s.strays = nil, nil
		reason := ""
		if len(failed) > 0 {
			reason = "Update successful. One or more resources could not be deleted."
		}
		d.e.setStatus(d.s, d.op, "UPDATE_COMPLETE", reason)
	})
}
