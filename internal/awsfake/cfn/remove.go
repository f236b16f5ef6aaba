package cfn

import (
	"context"
	"slices"
	"strconv"
)

// goner is something to delete, and the policy that says whether to.
type goner struct {
	id     string
	typ    string
	inc    *incarnation // nil for a resource whose creation failed before anything existed
	policy string
}

func (x stray) goner() goner { return goner{x.id, x.inc.planned.decl.typ, x.inc, "Delete"} }

// removing says in which frame resources are removed.
type removing struct {
	cleanup  bool     // of what an update left over: the logical ID may live on
	creation bool     // undoing a creation: RetainExceptOnCreate means delete
	retain   []string // logical IDs to leave alone
	force    bool     // what cannot be deleted is left alone
}

// everything is all that a stack has, with its deletion policies.
func (e *Engine) everything(s *stack) []goner {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []goner
	for _, id := range sortedKeys(s.resources) {
		r := s.resources[id]
		if r.live == nil && r.status == "DELETE_COMPLETE" {
			continue
		}
		policy := "Delete"
		if r.live != nil {
			policy = r.live.planned.policy("DeletionPolicy")
		}
		if s.retainExceptOnCreate && policy == "Retain" {
			policy = "RetainExceptOnCreate"
		}
		out = append(out, goner{id, r.typ, r.live, policy})
	}
	for _, x := range s.strays {
		out = append(out, x.goner())
	}
	return out
}

// remover deletes in the reverse of the order in which things were made.
type remover struct {
	removing
	e      *Engine
	s      *stack
	op     *operation
	goners map[string]goner
}

// remove deletes what it is given, and returns the logical IDs that failed.
func (e *Engine) remove(s *stack, op *operation, goners []goner, how removing) []string {
	m := &remover{removing: how, e: e, s: s, op: op, goners: map[string]goner{}}
	users := map[string][]string{} // keys of goners that need the logical ID
	for i, g := range goners {
		key := g.id + " " + strconv.Itoa(i)
		m.goners[key] = g
		if g.inc == nil {
			continue
		}
		for _, d := range g.inc.planned.deps {
			users[d] = append(users[d], key)
		}
	}
	failed := walk(op.ctx, sortedKeys(m.goners), func(key string) []string { return users[m.goners[key].id] }, false, m.start)
	ids := make([]string, 0, len(failed))
	for _, key := range failed {
		ids = append(ids, m.goners[key].id)
	}
	return ids
}

func (m *remover) skips(g goner) bool {
	switch g.policy {
	case "Retain":
		return true
	case "RetainExceptOnCreate":
		return !m.creation
	default:
		return slices.Contains(m.retain, g.id)
	}
}

func (m *remover) start(key string) func(context.Context) error {
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	g := m.goners[key]
	if g.inc == nil {
		m.log(g, "DELETE_COMPLETE", "")
		return nil
	}
	if m.skips(g) {
		m.log(g, "DELETE_SKIPPED", "")
		m.forget(g)
		return nil
	}
	m.log(g, "DELETE_IN_PROGRESS", "")
	return func(ctx context.Context) error { return m.work(ctx, g) }
}

func (m *remover) work(ctx context.Context, g goner) error {
	typ := g.inc.planned.decl.typ
	err := m.e.scripted(m.s.name, g.id, typ, "DELETE")
	if err == nil {
		err = m.e.opt.Clock.Sleep(ctx, m.e.opt.Duration(typ, "DELETE"))
	}
	if err == nil {
		d := &deployment{e: m.e, s: m.s, op: m.op}
		q := d.request(g.id, g.inc, g.inc, nil)
		q.Previous = nil
		err = m.e.handler(typ).Delete(ctx, q)
	}
	m.e.mu.Lock()
	defer m.e.mu.Unlock()
	if err != nil && m.force {
		m.log(g, "DELETE_SKIPPED", reasonOf(err))
		m.forget(g)
		return nil
	}
	if err != nil {
		m.log(g, "DELETE_FAILED", reasonOf(err))
		return err
	}
	m.log(g, "DELETE_COMPLETE", "")
	m.forget(g)
	return nil
}

// forget takes a deleted resource out of the stack. The caller holds the lock.
func (m *remover) forget(g goner) {
	if r := m.s.resources[g.id]; r != nil && r.live == g.inc {
		r.live = nil
	}
	m.s.strays = slices.DeleteFunc(m.s.strays, func(x stray) bool { return x.inc == g.inc })
}

func (m *remover) log(g goner, status, reason string) {
	r := m.s.resources[g.id]
	p := progress{status: status, reason: reason, cleanup: m.cleanup}
	if g.inc != nil {
		p.physical, p.properties = g.inc.physical, g.inc.properties
	}
	if m.cleanup || r == nil {
		r = &resource{id: g.id, typ: g.typ}
	}
	m.e.setResource(m.s, m.op, r, p)
}
