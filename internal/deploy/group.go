package deploy

// settleGroups corrects what a change set says of an Auto Scaling group: that an update of its launch template or of
// its subnets may replace it. CloudFormation replaces a group only under an UpdatePolicy with AutoScalingReplacingUpdate,
// and changes it in place without one ("UpdatePolicy attribute" in its template reference). Where the template cannot
// be read, the may stands.
func settleGroups(changes []Change, template []byte) {
	resources, err := section(template, "Resources")
	if err != nil {
		return
	}
	for i := range changes {
		c := &changes[i]
		declared, ok := resources[c.LogicalID].(map[string]any)
		if c.Type != "AWS::AutoScaling::AutoScalingGroup" || c.Replacement != ReplaceMay || !ok {
			continue
		}
		if policy, _ := declared["UpdatePolicy"].(map[string]any); policy["AutoScalingReplacingUpdate"] != nil || isFunction(policy) {
			continue
		}
		c.Replacement, c.PolicyAction = ReplaceNever, ""
		for j := range c.Properties {
			c.Properties[j].Replacement = ReplaceNever
		}
	}
}
