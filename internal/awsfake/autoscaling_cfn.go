package awsfake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (a *autoscalingService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{"AWS::AutoScaling::AutoScalingGroup": groupHandler{a}}
}

// groupHandler waits where CloudFormation does: for the minimum size, for signals under a creation policy, for rolling updates, and
// for the last instance to go.
type groupHandler struct{ *autoscalingService }

// Create makes the group and waits until it has its minimum size. Under a creation policy it waits for that many instances in
// service, each of which counts as having signalled.
func (h groupHandler) Create(ctx context.Context, r cfn.Request) (cfn.Result, error) {
	g, err := h.make(r)
	if err != nil {
		return cfn.Result{}, handlerError("AutoScaling", err)
	}
	result := cfn.Result{PhysicalID: g.name, Attributes: map[string]any{"AutoScalingGroupARN": g.arn}}
	if r.Started != nil {
		r.Started(g.name)
	}
	if err := h.stabilize(ctx, g); err != nil {
		return result, err
	}
	return result, h.signals(ctx, g, r.CreationPolicy)
}

func (h groupHandler) make(r cfn.Request) (*group, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	p := props(r.Properties)
	name := p.or("AutoScalingGroupName", r.Name)
	if h.groups[name] != nil {
		return nil, taken(r.Type, name)
	}
	g := &group{
		name: name, created: h.now(), suspended: map[string]bool{},
		arn: h.arn("autoscaling", "autoScalingGroup:"+wire.RequestID()+":autoScalingGroupName/"+name),
	}
	if err := h.apply(g, r); err != nil {
		return nil, err
	}
	least, most := p.num("MinSize", 0), p.num("MaxSize", 0)
	desired := p.num("DesiredCapacity", least)
	if err := checkSizes(least, most, desired); err != nil {
		return nil, err
	}
	h.groups[name] = g
	g.min, g.max, g.desired = least, most, desired
	h.reconcile(g, fmt.Sprintf("At %s a user request created an AutoScalingGroup changing the desired capacity from 0 to %d.", h.now().Format(stamp), desired))
	return g, nil
}

// apply sets everything but the sizes. It changes nothing when something is wrong.
func (h groupHandler) apply(g *group, r cfn.Request) error {
	p, changed := props(r.Properties), *g
	changed.mixed = p.has("MixedInstancesPolicy")
	changed.launch = p.object("LaunchTemplate")
	if changed.mixed {
		changed.launch = p.object("MixedInstancesPolicy")
	}
	if changed.launch == nil {
		return wire.Errorf("ValidationError", "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
	}
	if err := h.placeIn(&changed, p); err != nil {
		return err
	}
	changed.protectNew, changed.rebalance = p.flag("NewInstancesProtectedFromScaleIn", false), p.flag("CapacityRebalance", false)
	changed.cooldown, changed.lifetime, changed.grace = p.num("Cooldown", 300), p.num("MaxInstanceLifetime", 0), p.num("HealthCheckGracePeriod", 0)
	changed.healthCheck, changed.terminations = p.or("HealthCheckType", "EC2"), p.strings("TerminationPolicies")
	if len(changed.terminations) == 0 {
		changed.terminations = []string{"Default"}
	}
	changed.metrics, changed.tags = metricsOf(p), groupTags(r)
	if err := h.check(&changed); err != nil {
		return err
	}
	*g = changed
	return nil
}

func (h groupHandler) placeIn(g *group, p props) error {
	g.subnets, g.zones = p.strings("VPCZoneIdentifier"), p.strings("AvailabilityZones")
	if len(g.subnets) == 0 && len(g.zones) == 0 {
		return wire.Errorf("ValidationError", "At least one Availability Zone or VPC Subnet is required.")
	}
	var zones []string
	for _, id := range g.subnets {
		s := h.ec2.subnets[id]
		if s == nil {
			return wire.Errorf("ValidationError", "The subnet ID '%s' does not exist", id)
		}
		zones = append(zones, s.zone)
	}
	for _, z := range g.zones {
		if !slices.Contains(h.zones(), z) {
			return wire.Errorf("ValidationError", "Invalid availability zones: [%s]", z)
		}
	}
	if len(zones) > 0 {
		slices.Sort(zones)
		g.zones = slices.Compact(zones)
	}
	return nil
}

func metricsOf(p props) []string {
	var out []string
	for _, c := range p.objects("MetricsCollection") {
		names := c.strings("Metrics")
		if len(names) == 0 {
			names = []string{"GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances"}
		}
		out = append(out, names...)
	}
	return out
}

// groupTags are the template's, and those that CloudFormation adds, which instances inherit.
func groupTags(r cfn.Request) []groupTag {
	tags := map[string]groupTag{}
	for k, v := range r.Tags {
		tags[k] = groupTag{k, v, true}
	}
	for _, t := range props(r.Properties).objects("Tags") {
		tags[t.str("Key")] = groupTag{t.str("Key"), t.str("Value"), t.flag("PropagateAtLaunch", false)}
	}
	var out []groupTag
	for _, k := range sortedKeys(tags) {
		out = append(out, tags[k])
	}
	return out
}

// stabilize waits until the group has its minimum size; the first launch that fails before that fails the resource.
func (h groupHandler) stabilize(ctx context.Context, g *group) error {
	return h.poll(ctx, func() (bool, error) {
		if g.inService() >= g.min {
			return true, nil
		}
		if len(g.activities) > 0 && g.activities[0].StatusCode == "Failed" {
			return false, notStabilized("Group did not stabilize. Last scaling activity: " + g.activities[0].StatusMessage)
		}
		return false, nil
	})
}

func notStabilized(message string) error {
	return fmt.Errorf(`Resource handler returned message: "%s" (RequestToken: %s, HandlerErrorCode: NotStabilized)`, message, wire.RequestID()) //nolint:staticcheck // AWS's text
}

// poll asks done under the lock once a second of the local clock.
func (h groupHandler) poll(ctx context.Context, done func() (bool, error)) error {
	for {
		h.mu.Lock()
		ok, err := done()
		h.mu.Unlock()
		if ok || err != nil {
			return err
		}
		if err := h.clock.Sleep(ctx, time.Second); err != nil {
			return err
		}
	}
}

// signals waits for what a creation policy wants.
func (h groupHandler) signals(ctx context.Context, g *group, policy props) error {
	signal := policy.object("ResourceSignal")
	if signal == nil {
		return nil
	}
	wanted := signal.num("Count", 1)
	limit, err := isoDuration(signal.or("Timeout", "PT5M"))
	if err != nil {
		return err
	}
	deadline := h.now().Add(limit)
	return h.poll(ctx, func() (bool, error) {
		if got := g.inService(); got < wanted && h.now().After(deadline) {
			return false, fmt.Errorf("Received %d SUCCESS signal(s) out of %d.  Unable to satisfy 100%% MinSuccessfulInstancesPercent requirement", got, wanted) //nolint:staticcheck // AWS's text
		}
		return g.inService() >= wanted, nil
	})
}

// isoDuration reads the form PT1H30M15S.
func isoDuration(s string) (time.Duration, error) {
	rest, ok := strings.CutPrefix(s, "PT")
	d, err := time.ParseDuration(strings.ToLower(rest))
	if !ok || err != nil {
		return 0, fmt.Errorf("Invalid timeout %q", s) //nolint:staticcheck // AWS's text
	}
	return d, nil
}
