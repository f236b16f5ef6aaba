package cfn

import (
	"context"
	"errors"
	"maps"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/schema"
)

// deployment is an operation that brings a stack to a plan.
type deployment struct {
	e  *Engine
	s  *stack
	op *operation
	p  *plan
}

// resolve evaluates a resource of the plan with what exists now. The caller holds the lock.
func (d *deployment) resolve(id string) (*incarnation, error) {
	r := d.p.resources[id]
	sc := d.e.scopeFor(d.s, d.p.t, d.p.params, d.p.conds)
	sc.att = d.s.lookUp
	sc.ref = func(id string) (any, error) { return d.s.lookUp(id, "") }
	inc := &incarnation{planned: r, properties: map[string]any{}, others: map[string]any{}}
	for path, expr := range r.decl.expressions() {
		v, err := sc.eval(expr)
		if err != nil {
			return nil, err
		}
		if _, gone := v.(noValue); gone {
			continue
		}
		if name, ok := strings.CutPrefix(path, "Properties/"); ok {
			inc.properties[name] = v
		} else {
			inc.others[path] = v
		}
	}
	inc.tags = d.s.tagsFor(id)
	if t := d.e.schemas.Type(r.decl.typ); t == nil || t.Taggable {
		inc.tags = withStackTags(d.p.tags, inc.tags)
	}
	return inc, nil
}

func (s *stack) lookUp(id, attribute string) (any, error) {
	inc := s.liveOf(id)
	if inc == nil {
		return nil, invalid("Template error: resource %s does not exist yet", id)
	}
	if v, ok := inc.value(attribute); ok {
		return v, nil
	}
	return nil, errors.New("Attribute '" + attribute + "' does not exist")
}

// reasonOf is an error's text as a status reason: without the code of an API error.
func reasonOf(err error) string {
	if code, message, ok := strings.Cut(err.Error(), ": "); ok && code == "ValidationError" {
		return message
	}
	return err.Error()
}

// start decides what the plan asks of one resource and logs its first event. It is called by walk and takes the lock.
func (d *deployment) start(id string) func(context.Context) error {
	d.e.mu.Lock()
	defer d.e.mu.Unlock()
	r := d.s.resources[id]
	if r == nil {
		r = &resource{id: id}
		d.s.resources[id] = r
	}
	next, err := d.resolve(id)
	if r.live == nil {
		r.typ = d.p.resources[id].decl.typ
		return d.startCreate(r, next, err)
	}
	if err != nil {
		return d.failed(r, "UPDATE", r.live.physical, nil, err)
	}
	return d.startUpdate(r, next)
}

func (d *deployment) startCreate(r *resource, next *incarnation, err error) func(context.Context) error {
	if err != nil {
		return d.failed(r, "CREATE", "", nil, err)
	}
	d.e.setResource(d.s, d.op, r, progress{status: "CREATE_IN_PROGRESS", properties: next.properties})
	return func(ctx context.Context) error { return d.create(ctx, r, next, "CREATE") }
}

// failed logs a failure that came before any work and hands it to walk.
func (d *deployment) failed(r *resource, op, physical string, properties map[string]any, err error) func(context.Context) error {
	d.e.setResource(d.s, d.op, r, progress{status: op + "_FAILED", reason: reasonOf(err), physical: physical, properties: properties})
	return func(context.Context) error { return err }
}

func (d *deployment) startUpdate(r *resource, next *incarnation) func(context.Context) error {
	was := r.live
	next.physical, next.ref, next.attributes = was.physical, was.ref, was.attributes
	same := canonical(next.properties) == canonical(was.properties) && maps.Equal(next.tags, was.tags)
	if same && !r.dirty {
		r.live = keepState(was, next)
		if canonical(next.others) == canonical(was.others) {
			return nil
		}
	}
	recreation, named := d.recreation(was, next)
	if recreation && named != "" {
		err := invalid("CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename %s and update the stack again.", named)
		return d.failed(r, "UPDATE", was.physical, next.properties, err)
	}
	p := progress{status: "UPDATE_IN_PROGRESS", physical: was.physical, properties: next.properties}
	if recreation {
		p.reason = "Requested update requires the creation of a new physical resource; hence creating one."
	}
	d.e.setResource(d.s, d.op, r, p)
	if same && !r.dirty {
		return func(context.Context) error {
			d.e.locked(func() {
				d.e.setResource(d.s, d.op, r, progress{status: "UPDATE_COMPLETE", physical: was.physical, properties: next.properties})
			})
			return nil
		}
	}
	r.dirty = true
	if recreation {
		return func(ctx context.Context) error { return d.create(ctx, r, next, "UPDATE") }
	}
	return func(ctx context.Context) error { return d.update(ctx, r, was, next) }
}

// keepState is next with all that the handler made of was: the template changed, the resource did not.
func keepState(was, next *incarnation) *incarnation {
	kept := *next
	kept.given, kept.tags = was.given, was.tags
	return &kept
}

// recreation says whether the difference between two incarnations makes a new resource, and the custom name that stands in its way.
func (d *deployment) recreation(was, next *incarnation) (bool, string) {
	t := d.e.schemas.Type(next.planned.decl.typ)
	if t == nil {
		return false, ""
	}
	recreate := false
	for _, l := range mapLeaves(was.properties, next.properties, "") {
		recreate = recreate || t.Recreation(l.path) == "Always"
	}
	for _, name := range t.CreateOnly {
		name = strings.TrimPrefix(name, "/properties/")
		if !isNameOf(t, name) {
			continue
		}
		before, had := was.properties[name]
		after, has := next.properties[name]
		if recreate && had && has && canonical(before) == canonical(after) {
			return true, text(after)
		}
	}
	return recreate, ""
}

// isNameOf says whether a property is a custom name, and not a reference to another resource that happens to identify this one.
func isNameOf(t *schema.Type, property string) bool {
	kind := t.Name[strings.LastIndex(t.Name, ":")+1:]
	return property == "Name" || property == kind+"Name" || property == "GroupName" && kind == "SecurityGroup"
}

// prepare checks what the schema and the fault script say, and resolves dynamic references.
func (d *deployment) prepare(id string, next *incarnation, op string) error {
	typ := next.planned.decl.typ
	given, err := d.e.withSecrets(next.properties)
	if err != nil {
		return err
	}
	next.given = object(given)
	if t := d.e.schemas.Type(typ); t != nil {
		if found := t.Check(next.given); len(found) > 0 {
			return errors.New("Properties validation failed for resource " + id + " with message:\n" + strings.Join(found, "\n"))
		}
	}
	return d.e.scripted(d.s.name, id, typ, op)
}

func (e *Engine) scripted(stackName, id, typ, op string) error {
	if e.opt.Fail == nil {
		return nil
	}
	return e.opt.Fail(stackName, id, typ, op)
}

// create makes a new physical resource; op is UPDATE for the replacement of another.
func (d *deployment) create(ctx context.Context, r *resource, next *incarnation, op string) error {
	c := &creation{deployment: d, r: r, next: next, verb: op}
	if err := d.prepare(r.id, next, op); err != nil {
		return c.fail(err)
	}
	pause := d.e.opt.Duration(r.typ, "CREATE") / 2
	if err := d.e.opt.Clock.Sleep(ctx, pause); err != nil {
		return c.fail(errCancelled)
	}
	h := d.e.handler(r.typ)
	made, err := h.Create(ctx, d.request(r.id, next, nil, c.started))
	if ctx.Err() != nil && err != nil {
		err = errCancelled
	}
	if made.PhysicalID != "" {
		c.started(made.PhysicalID)
	}
	if err != nil {
		return c.fail(err)
	}
	return c.finish(ctx, made, pause)
}

// creation is a create step under way.
type creation struct {
	*deployment
	r        *resource
	next     *incarnation
	verb     string // CREATE, or UPDATE for the replacement of another
	physical string
}

func (c *creation) started(physical string) {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	if c.physical != "" {
		return
	}
	c.physical = physical
	c.next.physical, c.next.ref = physical, physical
	if c.verb == "CREATE" {
		c.r.live = c.next
	}
	c.e.setResource(c.s, c.op, c.r, progress{
		status: c.verb + "_IN_PROGRESS", reason: "Resource creation Initiated", physical: physical, properties: c.next.properties,
	})
}

func (c *creation) finish(ctx context.Context, made Result, pause time.Duration) error {
	if err := c.e.opt.Clock.Sleep(ctx, pause); err != nil {
		return c.fail(errCancelled)
	}
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	done := *c.next
	done.physical, done.ref, done.attributes = made.PhysicalID, made.PhysicalID, made.Attributes
	if made.Ref != "" {
		done.ref = made.Ref
	}
	if back := c.s.rollback; c.verb == "UPDATE" && back != nil && (back.live[c.r.id] == nil || back.live[c.r.id].physical != c.r.live.physical) {
		c.s.strays = append(c.s.strays, stray{c.r.id, c.r.live}) // made by an earlier update that failed
	}
	c.r.live, c.r.dirty = &done, false
	c.e.setResource(c.s, c.op, c.r, progress{status: c.verb + "_COMPLETE", physical: done.physical, properties: done.properties})
	return nil
}

func (c *creation) fail(err error) error {
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	reason := reasonOf(err)
	if errors.Is(err, errCancelled) {
		reason = map[string]string{"CREATE": "Resource creation cancelled", "UPDATE": "Resource update cancelled"}[c.verb]
	}
	physical := c.physical
	if c.verb == "UPDATE" && c.physical != "" {
		c.s.strays = append(c.s.strays, stray{c.r.id, c.next})
	} else if c.verb == "UPDATE" {
		physical = c.r.live.physical
	}
	c.e.setResource(c.s, c.op, c.r, progress{status: c.verb + "_FAILED", reason: reason, physical: physical, properties: c.next.properties})
	return err
}

// update changes a resource in place.
func (d *deployment) update(ctx context.Context, r *resource, was, next *incarnation) error {
	err := d.prepare(r.id, next, "UPDATE")
	var made Result
	if err == nil {
		if err = d.e.opt.Clock.Sleep(ctx, d.e.opt.Duration(r.typ, "UPDATE")); err == nil {
			made, err = d.e.handler(r.typ).Update(ctx, d.request(r.id, next, was, nil))
		}
		if err != nil && ctx.Err() != nil {
			err = errCancelled
		}
	}
	d.e.mu.Lock()
	defer d.e.mu.Unlock()
	p := progress{status: "UPDATE_COMPLETE", physical: was.physical, properties: next.properties}
	if err != nil {
		p.status, p.reason = "UPDATE_FAILED", reasonOf(err)
		if errors.Is(err, errCancelled) {
			p.reason = "Resource update cancelled"
		}
		d.e.setResource(d.s, d.op, r, p)
		return err
	}
	done := *next
	if made.PhysicalID != "" {
		done.physical, done.ref = made.PhysicalID, made.PhysicalID
	}
	if made.Ref != "" {
		done.ref = made.Ref
	}
	if made.Attributes != nil {
		done.attributes = made.Attributes
	}
	p.physical = done.physical
	r.live, r.dirty = &done, false
	d.e.setResource(d.s, d.op, r, p)
	return nil
}

func (d *deployment) request(id string, next, was *incarnation, started func(string)) Request {
	q := Request{
		Partition: d.e.opt.Partition, Account: d.e.opt.Account, Region: d.e.opt.Region,
		StackID: d.s.id, StackName: d.s.name, LogicalID: id, Type: next.planned.decl.typ,
		PhysicalID: next.physical, Name: d.s.name + "-" + id + "-" + random(12),
		Properties: next.given, Tags: next.tags, Attributes: next.attributes, Started: started,
		UpdatePolicy: object(next.others["UpdatePolicy"]), CreationPolicy: object(next.others["CreationPolicy"]),
	}
	if was == nil {
		q.PhysicalID, q.Attributes = "", nil
	} else {
		q.Previous = was.given
	}
	if started == nil {
		q.Started = func(string) {}
	}
	return q
}
