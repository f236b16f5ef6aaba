package cfn

import (
	"maps"
	"slices"
	"strings"
)

// change is one resource's line of a change set.
type change struct {
	action, id, physical, typ string
	replacement, policy       string
	scope                     []string
	details                   []detail
	before, after             map[string]any // contexts; nil where AWS gives none
}

type detail struct {
	attribute, name, recreation string
	source, cause               string
	dynamic                     bool
	leaf                        *leaf // nil without property values
}

// fates are what a change set does to resources, as far as others that refer to them are concerned.
type fate int

const (
	kept        fate = iota
	modified         // in place: its attributes may change, its Ref does not
	conditional      // may be replaced
	renewed          // added or replaced: nothing of it is known yet
)

// differ compares a stack with a plan, in one of the two views that DescribeChangeSet has.
type differ struct {
	e      *Engine
	s      *stack
	p      *plan
	values bool
	fates  map[string]fate
	warned []string
}

func (e *Engine) diff(s *stack, p *plan, values bool) (changes []change, warning string, err error) {
	d := &differ{e: e, s: s, p: p, values: values, fates: map[string]fate{}}
	for _, id := range p.order() {
		c, err := d.resource(p.resources[id])
		if err != nil {
			return nil, "", err
		}
		if c != nil {
			changes = append(changes, *c)
		}
	}
	for id, inc := range s.liveAll() {
		if p.resources[id] == nil {
			changes = append(changes, d.removal(id, inc))
		}
	}
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.id, b.id) })
	return changes, strings.Join(d.warned, " "), nil
}

func (d *differ) resource(r *planned) (*change, error) {
	now, err := d.evaluate(r)
	if err != nil {
		return nil, err
	}
	inc := d.s.liveOf(r.id)
	if inc == nil {
		d.fates[r.id] = renewed
		c := &change{action: "Add", id: r.id, typ: r.decl.typ}
		if d.values {
			c.after = contextOf(now)
		}
		return c, nil
	}
	details := d.details(r, inc, now)
	if len(details) == 0 {
		return nil, nil
	}
	c := &change{action: "Modify", id: r.id, typ: r.decl.typ, physical: inc.physical, details: details}
	c.replacement = replacement(details)
	d.fates[r.id] = map[string]fate{"True": renewed, "Conditional": conditional, "False": modified}[c.replacement]
	if c.replacement != "False" {
		c.policy = "ReplaceAnd" + keeps(r.policy("UpdateReplacePolicy"))
	}
	for _, x := range details {
		c.scope = append(c.scope, x.attribute)
	}
	slices.Sort(c.scope)
	c.scope = slices.Compact(c.scope)
	if d.values {
		c.before, c.after = contextOf(inc.parts()), contextOf(now)
	}
	return c, nil
}

// removal shows what goes. Values that came from other resources are not shown: AWS has forgotten them by then.
func (d *differ) removal(id string, inc *incarnation) change {
	c := change{action: "Remove", id: id, typ: inc.planned.decl.typ, physical: inc.physical}
	c.policy = keeps(inc.planned.policy("DeletionPolicy"))
	if d.values {
		known := map[string]any{}
		for path, p := range inc.planned.parts {
			known[path] = p.value
		}
		c.before = contextOf(known)
	}
	return c
}

func keeps(policy string) string {
	if policy == "RetainExceptOnCreate" {
		return "Retain"
	}
	return policy
}

// evaluate gives every part of a resource with what is known of the others now.
func (d *differ) evaluate(r *planned) (map[string]any, error) {
	if !d.values {
		return nil, nil
	}
	sc := d.e.scopeFor(d.s, d.p.t, d.p.params, d.p.conds)
	sc.att = func(id, attribute string) (any, error) {
		inc := d.s.liveOf(id)
		if inc == nil || d.fates[id] == renewed {
			return unknown{refTo{id, attribute}.String()}, nil
		}
		if v, ok := inc.value(attribute); ok {
			return v, nil
		}
		return unknown{refTo{id, attribute}.String()}, nil
	}
	sc.ref = func(id string) (any, error) { return sc.att(id, "") }
	sc.warn = func(why string) {
		d.warned = append(d.warned, "ChangeSet creation failed for resource ["+r.id+"] because: "+why)
	}
	out := map[string]any{}
	for path, expr := range r.decl.expressions() {
		v, err := sc.eval(expr)
		if err != nil {
			return nil, err
		}
		if _, gone := v.(noValue); !gone {
			out[path] = v
		}
	}
	return out, nil
}

// parts are what exists, by the same paths as a plan's.
func (inc *incarnation) parts() map[string]any {
	out := maps.Clone(inc.others)
	for name, v := range inc.properties {
		out["Properties/"+name] = v
	}
	return out
}

func (d *differ) details(r *planned, inc *incarnation, now map[string]any) []detail {
	var out []detail
	was := inc.parts()
	paths := maps.Clone(inc.planned.parts)
	maps.Copy(paths, r.parts)
	for _, path := range sortedKeys(paths) {
		causes := d.causes(r.parts[path], inc.planned.parts[path])
		if d.values {
			out = append(out, d.valued(r, path, was, now, causes)...)
			continue
		}
		for _, c := range causes {
			out = append(out, d.describe(r, path, c, nil))
		}
	}
	if t := d.e.schemas.Type(r.decl.typ); t != nil && t.Taggable && !maps.Equal(stackTagsOf(inc), withStackTags(d.p.tags, nil)) {
		out = append(out, detail{attribute: "Tags", recreation: "Never", source: "DirectModification"})
	}
	return out
}

func stackTagsOf(inc *incarnation) map[string]string {
	out := map[string]string{}
	for k, v := range inc.tags {
		if !strings.HasPrefix(k, "aws:cloudformation:") {
			out[k] = v
		}
	}
	return out
}

// causes are why a part changes, when it is compared before anything that only the execution can tell: the parameters that got other
// values, the resources that change, and the template itself.
func (d *differ) causes(now, was *part) []detail {
	var out []detail
	changed := now == nil || was == nil || canonical(now.value) != canonical(was.value)
	if now != nil && changed {
		for _, name := range now.params {
			if d.newValue(name) {
				out = append(out, detail{source: "ParameterReference", cause: name})
			}
		}
	}
	if now != nil {
		for _, ref := range slices.Compact(slices.Clone(now.refs)) {
			if c, ok := d.refCause(ref); ok {
				out = append(out, c)
			}
		}
	}
	if changed {
		out = append(out, directly(now))
	}
	return out
}

// directly is a change of the template. AWS calls it dynamic when the new value refers to a parameter or a resource; pseudo parameters
// do not count.
func directly(now *part) detail {
	return detail{source: "DirectModification", dynamic: now != nil && len(now.params)+len(now.refs) > 0}
}

func (d *differ) newValue(name string) bool {
	if d.s.plan == nil {
		return true
	}
	old, ok := d.s.plan.params[name]
	return !ok || canonical(old.value) != canonical(d.p.params[name].value)
}

func (d *differ) refCause(ref refTo) (detail, bool) {
	f := d.fates[ref.id]
	if f == kept || f == modified && ref.attribute == "" {
		return detail{}, false
	}
	source := "ResourceAttribute"
	if ref.attribute == "" {
		source = "ResourceReference"
	}
	return detail{source: source, cause: ref.String(), dynamic: f != renewed}, true
}

// valued are the details of a part whose values differ, one for each leaf and cause. Unlike the view without values it shows nothing
// for a part that would stay the same if resources kept their attributes.
func (d *differ) valued(r *planned, path string, was, now map[string]any, causes []detail) []detail {
	before, had := was[path]
	after, has := now[path]
	if had == has && canonical(before) == canonical(after) && !hasUnknown(after) {
		return nil
	}
	causes = slices.DeleteFunc(causes, func(c detail) bool { return c.source == "DirectModification" || c.dynamic })
	causes = append(causes, directly(r.parts[path]))
	var out []detail
	for _, l := range leaves(optional(before, had), optional(after, has), "/"+path) {
		for _, c := range causes {
			out = append(out, d.describe(r, path, c, &l))
		}
	}
	return out
}

func (d *differ) describe(r *planned, path string, c detail, l *leaf) detail {
	c.leaf, c.recreation = l, "Never"
	c.attribute, c.name, _ = strings.Cut(path, "/")
	if c.attribute == "Properties" {
		at := "/" + c.name
		if l != nil {
			at = strings.TrimPrefix(l.path, "/Properties")
		}
		c.recreation = d.e.schemas.Type(r.decl.typ).Recreation(at)
	}
	return c
}

func replacement(details []detail) string {
	out := "False"
	for _, d := range details {
		if d.recreation == "Always" && !d.dynamic {
			return "True"
		}
		if d.recreation != "Never" {
			out = "Conditional"
		}
	}
	return out
}

// contextOf nests parts as the before and after contexts do.
func contextOf(parts map[string]any) map[string]any {
	properties := map[string]any{}
	out := map[string]any{"Properties": properties}
	for path, v := range parts {
		if name, ok := strings.CutPrefix(path, "Properties/"); ok {
			properties[name] = plain(v)
		} else {
			out[path] = plain(v)
		}
	}
	return out
}
