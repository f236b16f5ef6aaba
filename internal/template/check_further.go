package template

import (
	"encoding/json"
	"maps"
	"slices"
)

// furtherFields are the strings of the settings that only some fleets have.
func (in Inputs) furtherFields() []field {
	c := in.Config
	fields := []field{
		{"SEMAPHORE_AGENT_VOLUME_NAME", c.VolumeName, false, true},
		{"SEMAPHORE_AGENT_VOLUME_TYPE", c.VolumeType, false, true},
		{"SEMAPHORE_AGENT_ON_DEMAND_ALLOCATION_STRATEGY", c.OnDemandStrategy, false, true},
		{"SEMAPHORE_AGENT_SPOT_ALLOCATION_STRATEGY", c.SpotStrategy, false, true},
		{"SEMAPHORE_AGENT_LICENSE_CONFIGURATION_ARN", c.LicenseARN, c.IsMac(), true},
	}
	add := func(name string, spliced bool, values ...string) {
		for _, value := range values {
			fields = append(fields, field{name, value, true, spliced})
		}
	}
	add("SEMAPHORE_AGENT_AZS", true, c.Zones...)
	add("SEMAPHORE_AGENT_ASG_METRICS", true, c.Metrics...)
	add("SEMAPHORE_AGENT_MAC_FAMILY", true, c.MacFamilies...)
	add("SEMAPHORE_AGENT_MAC_DEDICATED_HOSTS", true, c.MacHosts...)
	add("SEMAPHORE_AGENT_MANAGED_POLICY_NAMES", false, c.ManagedPolicies...)
	add("function subnet", true, in.FunctionSubnets...)
	for _, tag := range c.Tags {
		add("SEMAPHORE_AGENT_TAGS", false, tag.Key)
		fields = append(fields, field{"SEMAPHORE_AGENT_TAGS", tag.Value, false, false})
	}
	for _, override := range c.Overrides {
		add("SEMAPHORE_AGENT_ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON", false, stringsIn(map[string]any(override))...)
	}
	return fields
}

// stringsIn are the strings anywhere in a JSON value, keys included.
func stringsIn(value any) []string {
	var found []string
	switch v := value.(type) {
	case string:
		found = []string{v}
	case json.Number:
		found = []string{v.String()}
	case []any:
		for _, item := range v {
			found = append(found, stringsIn(item)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(append(found, key), stringsIn(v[key])...)
		}
	}
	return found
}
