package awsfake

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type groupView struct {
	AutoScalingGroupName, AutoScalingGroupARN string
	LaunchTemplate                            *templateRef
	MixedInstancesPolicy                      *mixedView
	MinSize, MaxSize, DesiredCapacity         int
	DefaultCooldown                           int
	AvailabilityZones                         []string
	HealthCheckType                           string
	HealthCheckGracePeriod                    int
	Instances                                 []memberView
	CreatedTime                               time.Time
	SuspendedProcesses                        []suspendedView
	VPCZoneIdentifier                         string
	EnabledMetrics                            []metricView
	Status                                    string `wire:",omitempty"`
	Tags                                      []groupTagView
	TerminationPolicies                       []string
	NewInstancesProtectedFromScaleIn          bool
	CapacityRebalance                         bool
	MaxInstanceLifetime                       int `wire:",omitempty"`
	ServiceLinkedRoleARN                      string
}

type templateRef struct {
	LaunchTemplateId, LaunchTemplateName, Version string `wire:",omitempty"`
}

type mixedView struct {
	LaunchTemplate struct {
		LaunchTemplateSpecification templateRef
		Overrides                   []overrideView
	}
	InstancesDistribution distributionView
}

type overrideView struct {
	InstanceType     string `wire:",omitempty"`
	WeightedCapacity string `wire:",omitempty"`
}

type distributionView struct {
	OnDemandAllocationStrategy          string
	OnDemandBaseCapacity                int
	OnDemandPercentageAboveBaseCapacity int
	SpotAllocationStrategy              string
	SpotInstancePools                   int    `wire:",omitempty"`
	SpotMaxPrice                        string `wire:",omitempty"`
}

type memberView struct {
	InstanceId, AutoScalingGroupName, InstanceType, AvailabilityZone, LifecycleState, HealthStatus string `wire:",omitempty"`

	LaunchTemplate       templateRef
	ProtectedFromScaleIn bool
}

type suspendedView struct{ ProcessName, SuspensionReason string }

type metricView struct{ Metric, Granularity string }

type groupTagView struct {
	ResourceId, ResourceType, Key, Value string
	PropagateAtLaunch                    bool
}

func (m *member) view(groupName string) memberView {
	health := "Healthy"
	if !m.healthy {
		health = "Unhealthy"
	}
	return memberView{
		InstanceId: m.id, AutoScalingGroupName: groupName, InstanceType: m.kind, AvailabilityZone: m.zone, LifecycleState: m.lifecycle, HealthStatus: health,
		LaunchTemplate:       templateRef{m.template.id, m.template.name, strconv.Itoa(m.version)},
		ProtectedFromScaleIn: m.protected,
	}
}

func (a *autoscalingService) view(g *group) groupView {
	v := groupView{
		AutoScalingGroupName: g.name, AutoScalingGroupARN: g.arn, MinSize: g.min, MaxSize: g.max, DesiredCapacity: g.desired, DefaultCooldown: g.cooldown,
		AvailabilityZones: g.zones, HealthCheckType: g.healthCheck, HealthCheckGracePeriod: g.grace, CreatedTime: g.created, Instances: []memberView{},
		VPCZoneIdentifier: strings.Join(g.subnets, ","), TerminationPolicies: g.terminations, NewInstancesProtectedFromScaleIn: g.protectNew,
		CapacityRebalance: g.rebalance, MaxInstanceLifetime: g.lifetime,
		ServiceLinkedRoleARN: "arn:" + a.partition + ":iam::" + a.account + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
	}
	if g.deleting {
		v.Status = "Delete in progress"
	}
	for _, m := range g.members {
		v.Instances = append(v.Instances, m.view(""))
	}
	for _, name := range sortedKeys(g.suspended) {
		v.SuspendedProcesses = append(v.SuspendedProcesses, suspendedView{name, "User suspended at " + a.now().Format(stamp)})
	}
	for _, m := range g.metrics {
		v.EnabledMetrics = append(v.EnabledMetrics, metricView{m, "1Minute"})
	}
	for _, t := range g.tags {
		v.Tags = append(v.Tags, groupTagView{g.name, "auto-scaling-group", t.key, t.value, t.propagate})
	}
	if g.mixed {
		v.MixedInstancesPolicy = a.mixedOf(g.launch)
	} else {
		ref := a.refOf(g.launch)
		v.LaunchTemplate = &ref
	}
	return v
}

func (a *autoscalingService) refOf(p props) templateRef {
	ref := templateRef{p.str("LaunchTemplateId"), p.str("LaunchTemplateName"), p.str("Version")}
	if t, err := a.ec2.findTemplate(ref.LaunchTemplateId, ref.LaunchTemplateName); err == nil {
		ref.LaunchTemplateId, ref.LaunchTemplateName = t.id, t.name
	}
	return ref
}

func (a *autoscalingService) mixedOf(p props) *mixedView {
	v, d := &mixedView{}, p.object("InstancesDistribution")
	v.LaunchTemplate.LaunchTemplateSpecification = a.refOf(p.object("LaunchTemplate").object("LaunchTemplateSpecification"))
	for _, o := range p.object("LaunchTemplate").objects("Overrides") {
		v.LaunchTemplate.Overrides = append(v.LaunchTemplate.Overrides, overrideView{o.str("InstanceType"), o.str("WeightedCapacity")})
	}
	v.InstancesDistribution = distributionView{
		OnDemandAllocationStrategy: d.or("OnDemandAllocationStrategy", "prioritized"), OnDemandBaseCapacity: d.num("OnDemandBaseCapacity", 0),
		OnDemandPercentageAboveBaseCapacity: d.num("OnDemandPercentageAboveBaseCapacity", 100),
		SpotAllocationStrategy:              d.or("SpotAllocationStrategy", "lowest-price"), SpotInstancePools: d.num("SpotInstancePools", 0), SpotMaxPrice: d.str("SpotMaxPrice"),
	}
	return v
}

func (a *autoscalingService) describeGroups(c *call) (any, error) {
	names := wire.Strings(c.form, "AutoScalingGroupNames.member")
	var found []*group
	for _, name := range sortedKeys(a.groups) {
		g := a.groups[name]
		ok, err := g.passes(c)
		if err != nil {
			return nil, err
		}
		if ok && (len(names) == 0 || slices.Contains(names, name)) {
			found = append(found, g)
		}
	}
	shown, next, err := page(found, c.form.Get("NextToken"), limitOf(number(c, "MaxRecords"), 50, 100), "InvalidNextToken")
	if err != nil {
		return nil, err
	}
	views := []groupView{}
	for _, g := range shown {
		views = append(views, a.view(g))
	}
	return struct {
		AutoScalingGroups []groupView
		NextToken         string `wire:",omitempty"`
	}{views, next}, nil
}

// passes applies the filters that groups have: tag-key, tag-value and tag:<key>.
func (g *group) passes(c *call) (bool, error) {
	tags := g.tagMap()
	for _, prefix := range wire.Each(c.form, "Filters.member") {
		name, wanted := c.form.Get(prefix+".Name"), wire.Strings(c.form, prefix+".Values.member")
		ok := false
		key, isTag := strings.CutPrefix(name, "tag:")
		for k, v := range tags {
			switch {
			case isTag:
				ok = ok || k == key && slices.Contains(wanted, v)
			case name == "tag-key":
				ok = ok || slices.Contains(wanted, k)
			case name == "tag-value":
				ok = ok || slices.Contains(wanted, v)
			default:
				return false, wire.Errorf("ValidationError", "Filter type %s is not correct. Allowed Filter types are: tag-key, tag-value and tag:<value>", name)
			}
		}
		if !ok {
			return false, nil
		}
	}
	return true, nil
}

func (a *autoscalingService) describeInstances(c *call) (any, error) {
	ids := wire.Strings(c.form, "InstanceIds.member")
	found := []memberView{}
	for _, name := range sortedKeys(a.groups) {
		for _, m := range a.groups[name].members {
			if len(ids) == 0 || slices.Contains(ids, m.id) {
				found = append(found, m.view(name))
			}
		}
	}
	shown, next, err := page(found, c.form.Get("NextToken"), limitOf(number(c, "MaxRecords"), 50, 50), "InvalidNextToken")
	if err != nil {
		return nil, err
	}
	return struct {
		AutoScalingInstances []memberView
		NextToken            string `wire:",omitempty"`
	}{shown, next}, nil
}
