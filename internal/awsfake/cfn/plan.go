package cfn

import (
	"maps"
	"slices"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// plan is a template with everything settled that needs no resource: parameters, conditions, which resources there are, what each
// refers to, and their properties as far as they can be known.
type plan struct {
	t         *template
	params    map[string]parameter
	tags      []wire.Pair
	conds     map[string]bool
	resources map[string]*planned
	outputs   []string // those whose condition holds
}

// planned is one resource of a plan.
type planned struct {
	id    string
	decl  resourceDecl
	parts map[string]*part // by path: Properties/Name, Metadata, DeletionPolicy, ...
	deps  []string         // sorted: what must be there before
}

// part is a property, or another attribute of a resource, with its origin.
type part struct {
	value  any // unknown where it needs a resource
	params []string
	refs   []refTo
}

// refTo is a use of another resource: of its Ref, or of an attribute.
type refTo struct{ id, attribute string }

func (r refTo) String() string {
	if r.attribute == "" {
		return r.id
	}
	return r.id + "." + r.attribute
}

// scopeFor is the scope of an expression in a stack; ref and att are left to the caller.
func (e *Engine) scopeFor(s *stack, t *template, params map[string]parameter, conds map[string]bool) *scope {
	return &scope{
		t: t, params: params, conds: conds, zones: e.opt.Zones,
		pseudo: map[string]any{
			"AWS::AccountId": e.opt.Account, "AWS::Region": e.opt.Region, "AWS::Partition": e.opt.Partition, "AWS::URLSuffix": "amazonaws.com",
			"AWS::StackName": s.name, "AWS::StackId": s.id, "AWS::NotificationARNs": list(s.notificationARNs),
		},
		export: func(name string) (string, bool) { return e.exported(s, name) },
	}
}

func list(in []string) []any {
	out := make([]any, len(in))
	for i, s := range in {
		out[i] = s
	}
	return out
}

// plan checks a template against the given parameters, with AWS's messages for what is wrong.
func (e *Engine) plan(s *stack, t *template, params map[string]parameter, tags []wire.Pair) (*plan, error) {
	p := &plan{t: t, params: params, tags: tags, resources: map[string]*planned{}}
	sc := e.scopeFor(s, t, params, nil)
	sc.ref = func(id string) (any, error) {
		return nil, invalid("Template format error: Unresolved dependencies %s. Cannot reference resources in the Conditions block of the template", bracketed([]string{id}))
	}
	sc.att = func(id, _ string) (any, error) { return sc.ref(id) }
	if err := sc.evalConditions(); err != nil {
		return nil, err
	}
	p.conds = sc.conds
	if err := e.checkTypes(t); err != nil {
		return nil, err
	}
	for id, decl := range t.resources {
		holds, err := p.holds(decl.condition)
		if err != nil {
			return nil, err
		}
		if holds {
			p.resources[id] = &planned{id: id, decl: decl, parts: map[string]*part{}}
		}
	}
	if err := e.fill(p, sc); err != nil {
		return nil, err
	}
	return p, p.checkCycles()
}

func (p *plan) holds(condition string) (bool, error) {
	if condition == "" {
		return true, nil
	}
	holds, ok := p.conds[condition]
	if !ok {
		return false, invalid("Template format error: Unresolved condition dependency %s in the Resources block of the template", condition)
	}
	return holds, nil
}

func (e *Engine) checkTypes(t *template) error {
	var strange []string
	for _, d := range t.resources {
		if !e.knows(d.typ) {
			strange = append(strange, d.typ)
		}
	}
	if len(strange) > 0 {
		return invalid("Template format error: Unrecognized resource types: %s", bracketed(strange))
	}
	return nil
}

func (e *Engine) knows(typ string) bool {
	return e.opt.Handlers[typ] != nil || e.schemas.Type(typ) != nil || typ == "AWS::CDK::Metadata"
}

// fill evaluates every part of every resource and output, and collects the references that lead nowhere.
func (e *Engine) fill(p *plan, sc *scope) error {
	var unresolved []string
	for _, id := range sortedKeys(p.resources) {
		r := p.resources[id]
		for path, expr := range r.decl.expressions() {
			made, err := e.part(p, sc, expr, &unresolved)
			if err != nil {
				return err
			}
			if _, gone := made.value.(noValue); !gone {
				r.parts[path] = made
			}
		}
		r.deps = r.dependencies()
		for _, d := range r.decl.dependsOn {
			if _, declared := p.t.resources[d]; !declared {
				unresolved = append(unresolved, d)
			}
		}
	}
	if len(unresolved) > 0 {
		return invalid("Template format error: Unresolved resource dependencies %s in the Resources block of the template", bracketed(unresolved))
	}
	return e.fillOutputs(p, sc)
}

func (e *Engine) fillOutputs(p *plan, sc *scope) error {
	var unresolved []string
	for _, key := range sortedKeys(p.t.outputs) {
		o := p.t.outputs[key]
		if holds, ok := p.conds[o.condition]; o.condition != "" && !ok {
			return invalid("Template format error: Unresolved condition dependency %s in the Outputs block of the template", o.condition)
		} else if o.condition != "" && !holds {
			continue
		}
		p.outputs = append(p.outputs, key)
		for _, expr := range []any{o.value, o.export} {
			if _, err := e.part(p, sc, expr, &unresolved); err != nil {
				return err
			}
		}
	}
	if len(unresolved) > 0 {
		return invalid("Template format error: Unresolved resource dependencies %s in the Outputs block of the template", bracketed(unresolved))
	}
	return nil
}

// expressions are all parts of a declaration, by path.
func (d resourceDecl) expressions() map[string]any {
	out := map[string]any{}
	for name, v := range d.properties {
		out["Properties/"+name] = v
	}
	for name, v := range map[string]any{
		"Metadata": d.metadata, "CreationPolicy": d.creationPolicy, "UpdatePolicy": d.updatePolicy,
		"DeletionPolicy": d.deletionPolicy, "UpdateReplacePolicy": d.updateReplacePolicy,
	} {
		if v != nil {
			out[name] = v
		}
	}
	return out
}

func (e *Engine) part(p *plan, base *scope, expr any, unresolved *[]string) (*part, error) {
	made := &part{}
	sc := *base
	sc.param = func(name string) { made.params = append(made.params, name) }
	sc.ref = func(id string) (any, error) {
		if p.resources[id] == nil {
			*unresolved = append(*unresolved, id)
		}
		made.refs = append(made.refs, refTo{id: id})
		return unknown{"Ref " + id}, nil
	}
	sc.att = func(id, attribute string) (any, error) {
		r := p.resources[id]
		if r == nil {
			return nil, invalid("Template error: instance of Fn::GetAtt references undefined resource %s", id)
		}
		if t := e.schemas.Type(r.decl.typ); t != nil && !t.HasAttribute(attribute) {
			return nil, invalid("Template error: resource %s does not support attribute type %s in Fn::GetAtt", id, attribute)
		}
		made.refs = append(made.refs, refTo{id, attribute})
		return unknown{"GetAtt " + id + "." + attribute}, nil
	}
	v, err := sc.eval(expr)
	if err != nil {
		return nil, err
	}
	made.value = v
	made.params = slices.Compact(slices.Sorted(slices.Values(made.params)))
	return made, nil
}

func (r *planned) dependencies() []string {
	set := map[string]bool{}
	for _, d := range r.decl.dependsOn {
		set[d] = true
	}
	for _, p := range r.parts {
		for _, ref := range p.refs {
			set[ref.id] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// policy is DeletionPolicy or UpdateReplacePolicy, by name; Delete where the template has none.
func (r *planned) policy(name string) string {
	if p := r.parts[name]; p != nil {
		return text(p.value)
	}
	return "Delete"
}

// order sorts the resources so that each comes after what it needs.
func (p *plan) order() []string {
	var out []string
	seen := map[string]bool{}
	var visit func(id string)
	visit = func(id string) {
		r := p.resources[id]
		if r == nil || seen[id] {
			return
		}
		seen[id] = true
		for _, d := range r.deps {
			visit(d)
		}
		out = append(out, id)
	}
	for _, id := range sortedKeys(p.resources) {
		visit(id)
	}
	return out
}

// checkCycles removes what has no open dependency until nothing is left, or only circles are.
func (p *plan) checkCycles() error {
	open := map[string]bool{}
	for id := range p.resources {
		open[id] = true
	}
	for len(open) > 0 {
		var free []string
		for id := range open {
			if !slices.ContainsFunc(p.resources[id].deps, func(d string) bool { return open[d] }) {
				free = append(free, id)
			}
		}
		if len(free) == 0 {
			return invalid("Circular dependency between resources: %s", bracketed(slices.Collect(maps.Keys(open))))
		}
		for _, id := range free {
			delete(open, id)
		}
	}
	return nil
}
