package template

import (
	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
)

// instancesPolicy is a mixed-instances policy even when all instances are on demand: turning to spot is then an update
// in place.
func (f fleet) instancesPolicy() *autoscaling.AutoScalingGroup_MixedInstancesPolicy {
	distribution := &autoscaling.AutoScalingGroup_InstancesDistribution{
		OnDemandBaseCapacity:                new(f.OnDemandBase),
		OnDemandPercentageAboveBaseCapacity: new(f.OnDemandPercentage),
	}
	if f.OnDemandStrategy != "" {
		distribution.OnDemandAllocationStrategy = new(f.OnDemandStrategy)
	}
	if f.SpotStrategy != "" {
		distribution.SpotAllocationStrategy = new(f.SpotStrategy)
	}
	return &autoscaling.AutoScalingGroup_MixedInstancesPolicy{
		InstancesDistribution: distribution,
		LaunchTemplate: &autoscaling.AutoScalingGroup_LaunchTemplate{
			LaunchTemplateSpecification: &autoscaling.AutoScalingGroup_LaunchTemplateSpecification{
				LaunchTemplateId: new(ref(agentLaunchTemplate)),
				Version:          getAtt(agentLaunchTemplate, "LatestVersionNumber"),
			},
		},
	}
}

// groupOverlay is what goformation's type of the group cannot hold: an intrinsic that is the whole list of zones, and
// overrides as their user wrote them.
func (f fleet) groupOverlay() map[string]any {
	overlay := map[string]any{}
	if len(f.Subnets) == 0 && len(f.Zones) == 0 {
		overlay["AvailabilityZones"] = intrinsic("Fn::GetAZs", "")
	}
	var overrides []any
	for _, override := range f.AllOverrides() {
		overrides = append(overrides, map[string]any(override))
	}
	if len(overrides) > 0 {
		overlay["MixedInstancesPolicy"] = map[string]any{"LaunchTemplate": map[string]any{"Overrides": overrides}}
	}
	return overlay
}

// metrics has the only granularity that there is.
func (f fleet) metrics() []autoscaling.AutoScalingGroup_MetricsCollection {
	if len(f.Metrics) == 0 {
		return nil
	}
	return []autoscaling.AutoScalingGroup_MetricsCollection{{Granularity: "1Minute", Metrics: f.Metrics}}
}
