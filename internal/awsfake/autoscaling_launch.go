package awsfake

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

const stamp = "2006-01-02T15:04:05Z"

// reconcile launches or terminates instances until as many are active as are desired.
func (a *autoscalingService) reconcile(g *group, cause string) {
	for len(g.active()) < g.desired && !g.suspended["Launch"] && !g.retrying {
		have := len(g.active())
		a.launch(g, fmt.Sprintf("%s  At %s an instance was started in response to a difference between desired and actual capacity, "+
			"increasing the capacity from %d to %d.", cause, a.now().Format(stamp), have, have+1))
	}
	for len(g.active()) > g.desired && !g.suspended["Terminate"] {
		m := g.victim()
		if m == nil {
			return
		}
		have := len(g.active())
		a.terminate(g, m, fmt.Sprintf("%s  At %s an instance was taken out of service in response to a difference between desired and actual capacity, "+
			"shrinking the capacity from %d to %d.  At %[2]s instance %[5]s was selected for termination.", cause, a.now().Format(stamp), have, have-1, m.id))
	}
}

// victim is the member that scale in takes: unprotected, of the fullest zone, the oldest there; nil when all are protected.
func (g *group) victim() *member {
	zones := map[string]int{}
	var open []*member
	for _, m := range g.active() {
		zones[m.zone]++
		if !m.protected {
			open = append(open, m)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return slices.MaxFunc(open, func(x, y *member) int {
		return cmp.Or(cmp.Compare(zones[x.zone], zones[y.zone]), y.launched.Compare(x.launched))
	})
}

// specification is the launch template that g uses, the version's number and the instance types to choose from.
func (a *autoscalingService) specification(g *group) (*launchTemplate, int, []string, error) {
	spec, overrides := g.launch, []props(nil)
	if g.mixed {
		spec = g.launch.object("LaunchTemplate").object("LaunchTemplateSpecification")
		overrides = g.launch.object("LaunchTemplate").objects("Overrides")
	}
	t, err := a.ec2.findTemplate(spec.str("LaunchTemplateId"), spec.str("LaunchTemplateName"))
	if err != nil {
		return nil, 0, nil, err
	}
	version, err := t.version(spec.str("Version"))
	if err != nil {
		return nil, 0, nil, err
	}
	var kinds []string
	for _, o := range overrides {
		if o.has("InstanceType") {
			kinds = append(kinds, o.str("InstanceType"))
		}
	}
	if len(kinds) == 0 {
		kinds = []string{t.versions[version-1].str("InstanceType")}
	}
	return t, version, kinds, nil
}

// next is the launch that g needs next: in its emptiest zone, on demand or spot as its policy has it.
func (a *autoscalingService) next(g *group) (launchSpec, error) {
	t, version, kinds, err := a.specification(g)
	if err != nil {
		return launchSpec{}, err
	}
	return launchSpec{
		template: t, version: version, kind: kinds[0], subnet: a.place(g), spot: g.wantsSpot(), tags: g.instanceTags(t, version),
		profileKnown: func(name string) bool { return a.iam.profiles[name[strings.LastIndex(name, "/")+1:]] != nil },
	}, nil
}

func (a *autoscalingService) place(g *group) string {
	options := slices.Clone(g.subnets)
	if len(options) == 0 {
		for _, z := range g.zones {
			options = append(options, a.ec2.subnetIn(z))
		}
	}
	count := map[string]int{}
	for _, m := range g.active() {
		count[m.subnet]++
	}
	return slices.MinFunc(options, func(x, y string) int { return cmp.Compare(count[x], count[y]) })
}

func (g *group) wantsSpot() bool {
	d := g.launch.object("InstancesDistribution")
	if !g.mixed || d == nil {
		return false
	}
	base, percent, onDemand := d.num("OnDemandBaseCapacity", 0), d.num("OnDemandPercentageAboveBaseCapacity", 100), 0
	for _, m := range g.active() {
		if !m.spot {
			onDemand++
		}
	}
	above := max(0, len(g.active())+1-base)
	wanted := min(base, len(g.active())+1) + (above*percent+99)/100 // rounded up, in favour of on demand
	return onDemand >= wanted
}

func (g *group) instanceTags(t *launchTemplate, version int) map[string]string {
	tags := map[string]string{
		"aws:autoscaling:groupName": g.name, "aws:ec2launchtemplate:id": t.id, "aws:ec2launchtemplate:version": strconv.Itoa(version),
	}
	for _, tag := range g.tags {
		if tag.propagate {
			tags[tag.key] = tag.value
		}
	}
	return tags
}

// launch starts one instance, or records why it could not and tries again later, as Auto Scaling does.
func (a *autoscalingService) launch(g *group, cause string) {
	spec, err := a.next(g)
	if err == nil {
		if message, ok := a.faults.ForLaunch(g.name); ok {
			err = wire.Errorf("Scripted", "%s", message)
		}
	}
	var i *instance
	if err == nil {
		i, err = a.ec2.launch(spec)
	}
	if err != nil {
		a.failed(g, cause, wire.AsError(err).Message)
		return
	}
	g.failures = 0
	m := &member{instance: i, lifecycle: lifecyclePending, healthy: true, protected: g.protectNew, template: spec.template, version: spec.version}
	g.members = append(g.members, m)
	act := a.begin(g, "Launching a new EC2 instance: "+i.id, cause, spec.subnet)
	a.after(a.bootTime, func() {
		if m.lifecycle != lifecyclePending {
			return
		}
		m.lifecycle, i.state = lifecycleInService, running
		act.finish(a.now(), "Successful", "")
	})
}

// failed records a launch that came to nothing and backs off, up to five minutes.
func (a *autoscalingService) failed(g *group, cause, message string) {
	if !strings.HasSuffix(message, "Launching EC2 instance failed.") {
		message = strings.TrimSuffix(message, ".") + ". Launching EC2 instance failed."
	}
	act := a.begin(g, "Launching a new EC2 instance.  Status Reason: "+message, cause, a.place(g))
	act.finish(a.now(), "Failed", message)
	g.retrying, g.failures = true, g.failures+1
	a.after(min(time.Duration(g.failures)*30*time.Second, 5*time.Minute), func() {
		g.retrying = false
		a.reconcile(g, cause)
	})
}

// terminate ends a member; the instance leaves the group ten seconds later.
func (a *autoscalingService) terminate(g *group, m *member, cause string) *activity {
	m.lifecycle = lifecycleTerminating
	act := a.begin(g, "Terminating EC2 instance: "+m.id, cause, m.subnet)
	a.ec2.terminate(m.instance, "Auto Scaling")
	a.after(10*time.Second, func() {
		g.members = slices.DeleteFunc(g.members, func(other *member) bool { return other == m })
		act.finish(a.now(), "Successful", "")
		a.reconcile(g, cause)
	})
	return act
}

// lost replaces an instance that ended by other means than its group's, as the EC2 health check does.
func (a *autoscalingService) lost(i *instance) {
	g, m, err := a.memberOf(i.id)
	if err != nil || m.lifecycle == lifecycleTerminating {
		return
	}
	m.healthy = false
	if g.suspended["ReplaceUnhealthy"] || g.suspended["HealthCheck"] {
		return
	}
	a.terminate(g, m, fmt.Sprintf("At %s an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped.",
		a.now().Format(stamp)))
	a.reconcile(g, fmt.Sprintf("At %s an instance was launched in response to an unhealthy instance needing to be replaced.", a.now().Format(stamp)))
}

// check tries a launch out without doing it, as Auto Scaling does when a group is made or its launch template changes.
func (a *autoscalingService) check(g *group) error {
	spec, err := a.next(g)
	if err == nil {
		_, _, kinds, _ := a.specification(g)
		for _, kind := range kinds {
			spec.kind = kind
			if err = a.ec2.check(spec); err != nil {
				break
			}
		}
	}
	if err != nil {
		return wire.Errorf("ValidationError", "You must use a valid fully-formed launch template. %s", wire.AsError(err).Message)
	}
	return nil
}

func (g *group) tagMap() map[string]string {
	out := map[string]string{}
	for _, t := range g.tags {
		out[t.key] = t.value
	}
	return maps.Clone(out)
}
