package cfn

import (
	"context"
	"maps"
	"slices"
)

// restoration brings a stack back to its snapshot.
type restoration struct {
	e    *Engine
	s    *stack
	op   *operation
	skip []string
}

// rollBackUpdate undoes an update that failed, but for the resources to skip, which stay as they are and count as undone.
func (e *Engine) rollBackUpdate(s *stack, op *operation, skip []string) {
	r := &restoration{e: e, s: s, op: op, skip: skip}
	var live map[string]*incarnation
	e.locked(func() { live = maps.Clone(s.rollback.live) })
	failed := walk(op.ctx, sortedKeys(live), func(id string) []string { return live[id].planned.deps }, false, r.start)
	e.mu.Lock()
	if e.ctx.Err() != nil {
		e.mu.Unlock()
		return
	}
	if len(failed) > 0 {
		op.failed = true
		e.setStatus(s, op, "UPDATE_ROLLBACK_FAILED", "The following resource(s) failed to update: "+bracketed(failed)+". ")
		e.mu.Unlock()
		return
	}
	e.setStatus(s, op, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", "")
	goners := r.leftovers()
	e.mu.Unlock()
	e.remove(s, op, goners, removing{cleanup: true, creation: true})
	e.locked(r.finish)
}

// start undoes one resource, where there is something to undo.
func (r *restoration) start(id string) func(context.Context) error {
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	res, was := r.s.resources[id], r.s.rollback.live[id]
	now := res.live
	if now == was && !res.dirty {
		return nil
	}
	same := now.physical == was.physical && canonical(now.properties) == canonical(was.properties) && maps.Equal(now.tags, was.tags)
	if same && !res.dirty {
		res.live = was
		return nil
	}
	log := func(status string) {
		r.e.setResource(r.s, r.op, res, progress{status: status, physical: was.physical, properties: was.properties})
	}
	if slices.Contains(r.skip, id) {
		res.live, res.dirty = was, false
		log("UPDATE_COMPLETE")
		return nil
	}
	log("UPDATE_IN_PROGRESS")
	if now.physical != was.physical {
		r.s.strays = append(r.s.strays, stray{id, now})
		res.live, res.dirty = was, false
		log("UPDATE_COMPLETE")
		return nil
	}
	return func(ctx context.Context) error { return r.undo(ctx, res, now, was) }
}

func (r *restoration) undo(ctx context.Context, res *resource, now, was *incarnation) error {
	err := r.e.scripted(r.s.name, res.id, res.typ, "UPDATE")
	if err == nil {
		err = r.e.opt.Clock.Sleep(ctx, r.e.opt.Duration(res.typ, "UPDATE"))
	}
	var made Result
	if err == nil {
		d := &deployment{e: r.e, s: r.s, op: r.op}
		before := *now
		if before.given == nil {
			before.given = was.given
		}
		made, err = r.e.handler(res.typ).Update(ctx, d.request(res.id, was, &before, nil))
	}
	r.e.mu.Lock()
	defer r.e.mu.Unlock()
	p := progress{status: "UPDATE_COMPLETE", physical: was.physical, properties: was.properties}
	if err != nil {
		res.dirty = true
		p.status, p.reason = "UPDATE_FAILED", reasonOf(err)
		r.e.setResource(r.s, r.op, res, p)
		return err
	}
	restored := *was
	if made.Attributes != nil {
		restored.attributes = made.Attributes
	}
	res.live, res.dirty = &restored, false
	r.e.setResource(r.s, r.op, res, p)
	return nil
}

// leftovers are what the update made and nobody needs now. The caller holds the lock.
func (r *restoration) leftovers() []goner {
	var out []goner
	for _, id := range sortedKeys(r.s.resources) {
		if _, kept := r.s.rollback.live[id]; kept {
			continue
		}
		res := r.s.resources[id]
		policy := "Delete"
		if res.live != nil {
			policy = res.live.planned.policy("DeletionPolicy")
		}
		out = append(out, goner{id, res.typ, res.live, policy})
		delete(r.s.resources, id)
	}
	for _, x := range r.s.strays {
		out = append(out, x.goner())
	}
	return out
}

func (r *restoration) finish() {
	if r.e.ctx.Err() != nil {
		return
	}
	back := r.s.rollback
	r.s.plan, r.s.outputs, r.s.capabilities, r.s.changeSetID = back.plan, back.outputs, back.capabilities, back.changeSetID
	r.s.rollback, r.s.strays = nil, nil
	r.e.setStatus(r.s, r.op, "UPDATE_ROLLBACK_COMPLETE", "")
}
