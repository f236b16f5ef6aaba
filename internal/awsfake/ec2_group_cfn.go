package awsfake

import (
	"slices"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (e *ec2Service) handlers() map[string]cfn.Handler {
	ingress := func(g *securityGroup) *[]groupRule { return &g.ingress }
	egress := func(g *securityGroup) *[]groupRule { return &g.egress }
	return map[string]cfn.Handler{
		"AWS::EC2::SecurityGroup":        resource{e.core, "Ec2", e.createGroup, e.updateGroup, e.deleteGroup},
		"AWS::EC2::SecurityGroupIngress": e.ruleResource(ingress),
		"AWS::EC2::SecurityGroupEgress":  e.ruleResource(egress),
		"AWS::EC2::LaunchTemplate":       resource{e.core, "Ec2", e.createTemplate, e.updateTemplate, e.deleteTemplate},
	}
}

func (e *ec2Service) createGroup(r cfn.Request, p props) (cfn.Result, error) {
	g := &securityGroup{id: randomID("sg-", 17), name: p.or("GroupName", r.Name), description: p.str("GroupDescription"), vpc: p.or("VpcId", e.network.DefaultVPC)}
	if e.vpcs[g.vpc] == nil {
		return cfn.Result{}, noVPC(g.vpc)
	}
	for _, other := range e.groups {
		if other.vpc == g.vpc && other.name == g.name {
			return cfn.Result{}, wire.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", g.name, g.vpc)
		}
	}
	if err := e.applyGroup(g, r, p); err != nil {
		return cfn.Result{}, err
	}
	e.groups[g.id] = g
	return groupResult(g), nil
}

func groupResult(g *securityGroup) cfn.Result {
	return cfn.Result{PhysicalID: g.id, Attributes: map[string]any{"GroupId": g.id, "Id": g.id, "VpcId": g.vpc}}
}

// applyGroup sets the rules of the template and keeps those that are resources of their own.
func (e *ec2Service) applyGroup(g *securityGroup, r cfn.Request, p props) error {
	in, out := rulesOf(p, "SecurityGroupIngress"), rulesOf(p, "SecurityGroupEgress")
	for _, rule := range append(slices.Clone(in), out...) {
		if err := e.checkRule(rule); err != nil {
			return err
		}
	}
	if len(out) == 0 {
		out = []groupRule{allTraffic()}
	}
	g.ingress, g.egress = append(in, separate(g.ingress)...), append(out, separate(g.egress)...)
	g.tags = allTags(r, p.tags("Tags"))
	return nil
}

func rulesOf(p props, name string) []groupRule {
	var rules []groupRule
	for _, rule := range p.objects(name) {
		rules = append(rules, ruleOf(rule))
	}
	return rules
}

func separate(rules []groupRule) []groupRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r groupRule) bool { return r.id == "" })
}

func (e *ec2Service) updateGroup(r cfn.Request, p props) (cfn.Result, error) {
	g := e.groups[r.PhysicalID]
	if g == nil {
		return cfn.Result{}, noGroup(r.PhysicalID)
	}
	return groupResult(g), e.applyGroup(g, r, p)
}

func (e *ec2Service) deleteGroup(r cfn.Request) error {
	for _, i := range e.instances {
		if i.state != terminated && slices.Contains(i.groups, r.PhysicalID) {
			return wire.Errorf("DependencyViolation", "resource %s has a dependent object", r.PhysicalID)
		}
	}
	delete(e.groups, r.PhysicalID)
	return nil
}

// ruleResource makes ingress or egress rules resources of their own, in the list that rules picks.
func (e *ec2Service) ruleResource(rules func(*securityGroup) *[]groupRule) resource {
	create := func(id string, p props) (cfn.Result, error) {
		g, rule := e.groups[p.str("GroupId")], ruleOf(p)
		if g == nil {
			return cfn.Result{}, noGroup(p.str("GroupId"))
		}
		if err := e.checkRule(rule); err != nil {
			return cfn.Result{}, err
		}
		rule.id = id
		kept := slices.DeleteFunc(slices.Clone(*rules(g)), func(r groupRule) bool { return r.id == id })
		*rules(g) = append(kept, rule)
		return cfn.Result{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
	}
	return resource{
		core: e.core, service: "Ec2",
		create: func(_ cfn.Request, p props) (cfn.Result, error) { return create(randomID("sgr-", 17), p) },
		update: func(r cfn.Request, p props) (cfn.Result, error) { return create(r.PhysicalID, p) },
		remove: func(r cfn.Request) error {
			if g := e.groups[props(r.Properties).str("GroupId")]; g != nil {
				*rules(g) = slices.DeleteFunc(*rules(g), func(rule groupRule) bool { return rule.id == r.PhysicalID })
			}
			return nil
		},
	}
}
