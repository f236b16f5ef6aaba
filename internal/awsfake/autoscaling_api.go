package awsfake

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// number is a numeric member of the form, or 0.
func number(c *call, name string) int {
	n, _ := strconv.Atoi(c.form.Get(name))
	return n
}

func (a *autoscalingService) setDesiredCapacity(c *call) (any, error) {
	g, err := a.find(c.form.Get("AutoScalingGroupName"))
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(c.form.Get("DesiredCapacity"))
	switch {
	case err != nil:
		return nil, wire.Errorf("ValidationError", "DesiredCapacity is required")
	case n > g.max:
		return nil, wire.Errorf("ValidationError", "New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", n, g.max)
	case n < g.min:
		return nil, wire.Errorf("ValidationError", "New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", n, g.min)
	}
	cause := fmt.Sprintf("At %s a user request explicitly set group desired capacity changing the desired capacity from %d to %d.", a.now().Format(stamp), g.desired, n)
	g.desired = n
	a.reconcile(g, cause)
	return nil, nil
}

func (a *autoscalingService) updateGroup(c *call) (any, error) {
	g, err := a.find(c.form.Get("AutoScalingGroupName"))
	if err != nil {
		return nil, err
	}
	sizes := map[string]*int{}
	for _, name := range []string{"MinSize", "MaxSize", "DesiredCapacity"} {
		if c.form.Has(name) {
			n := number(c, name)
			sizes[name] = &n
		}
	}
	for name := range c.form {
		known := []string{"Action", "Version", "AutoScalingGroupName", "MinSize", "MaxSize", "DesiredCapacity", "NewInstancesProtectedFromScaleIn"}
		if !slices.Contains(known, name) {
			return nil, wire.Errorf("ValidationError", "the local AWS cannot update %s of a group through UpdateAutoScalingGroup", name)
		}
	}
	if c.form.Has("NewInstancesProtectedFromScaleIn") {
		g.protectNew = c.form.Get("NewInstancesProtectedFromScaleIn") == "true"
	}
	return nil, a.resize(g, sizes["MinSize"], sizes["MaxSize"], sizes["DesiredCapacity"])
}

// resize changes the sizes that are given. A desired capacity that is not is moved within the new limits, as Auto Scaling does.
func (a *autoscalingService) resize(g *group, least, most, desired *int) error {
	newMin, newMax, newDesired := g.min, g.max, g.desired
	if least != nil {
		newMin = *least
	}
	if most != nil {
		newMax = *most
	}
	if desired != nil {
		newDesired = *desired
	} else {
		newDesired = max(newMin, min(newMax, newDesired))
	}
	if err := checkSizes(newMin, newMax, newDesired); err != nil {
		return err
	}
	cause := fmt.Sprintf("At %s a user request update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d changing the desired capacity from %d to %d.",
		a.now().Format(stamp), newMin, newMax, newDesired, g.desired, newDesired)
	g.min, g.max, g.desired = newMin, newMax, newDesired
	a.reconcile(g, cause)
	return nil
}

func (a *autoscalingService) terminateInstance(c *call) (any, error) {
	decrement, err := strconv.ParseBool(c.form.Get("ShouldDecrementDesiredCapacity"))
	if err != nil {
		return nil, wire.Errorf("ValidationError", "1 validation error detected: Value null at 'shouldDecrementDesiredCapacity' failed to satisfy constraint: Member must not be null")
	}
	act, err := a.retire(c.form.Get("InstanceId"), decrement)
	if err != nil {
		return nil, err
	}
	return struct{ Activity activity }{*act}, nil // a copy: the answer is written after the lock
}

// retire ends an instance of a group, with or without a replacement.
func (a *autoscalingService) retire(id string, decrement bool) (*activity, error) {
	g, m, err := a.memberOf(id)
	if err != nil {
		return nil, err
	}
	if m.lifecycle == lifecycleTerminating {
		return nil, wire.Errorf("ValidationError", "Instance Id not found - No managed instance found for instance ID: %s", id)
	}
	if decrement && g.desired <= g.min {
		return nil, wire.Errorf("ValidationError", "Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's "+
			"min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", g.min)
	}
	cause := fmt.Sprintf("At %s instance %s was taken out of service in response to a user request.", a.now().Format(stamp), id)
	if decrement {
		cause = fmt.Sprintf("At %s instance %s was taken out of service in response to a user request, shrinking the capacity from %d to %d.",
			a.now().Format(stamp), id, g.desired, g.desired-1)
		g.desired--
	}
	act := a.terminate(g, m, cause)
	a.reconcile(g, fmt.Sprintf("At %s an instance was launched in response to an instance that was terminated by a user request.", a.now().Format(stamp)))
	return act, nil
}

func (a *autoscalingService) setInstanceHealth(c *call) (any, error) {
	g, m, err := a.memberOf(c.form.Get("InstanceId"))
	if err != nil {
		return nil, err
	}
	switch status := c.form.Get("HealthStatus"); status {
	case "Healthy":
		m.healthy = true
	case "Unhealthy":
		m.healthy = false
		if m.lifecycle == lifecycleTerminating || g.suspended["ReplaceUnhealthy"] {
			return nil, nil
		}
		a.terminate(g, m, fmt.Sprintf("At %s an instance was taken out of service in response to a user health-check.", a.now().Format(stamp)))
		a.reconcile(g, fmt.Sprintf("At %s an instance was launched in response to an unhealthy instance needing to be replaced.", a.now().Format(stamp)))
	default:
		return nil, wire.Errorf("ValidationError", "Health status must be either Healthy or Unhealthy, not %q", status)
	}
	return nil, nil
}

func (a *autoscalingService) setInstanceProtection(c *call) (any, error) {
	g, err := a.find(c.form.Get("AutoScalingGroupName"))
	if err != nil {
		return nil, err
	}
	var chosen []*member
	for _, id := range wire.Strings(c.form, "InstanceIds.member") {
		owner, m, err := a.memberOf(id)
		if err != nil || owner != g {
			return nil, wire.Errorf("ValidationError", "The instance %s is not part of Auto Scaling group %s.", id, g.name)
		}
		chosen = append(chosen, m)
	}
	for _, m := range chosen {
		m.protected = c.form.Get("ProtectedFromScaleIn") == "true"
	}
	return nil, nil
}

func (a *autoscalingService) processes(c *call, suspend bool) error {
	g, err := a.find(c.form.Get("AutoScalingGroupName"))
	if err != nil {
		return err
	}
	all := []string{
		"AZRebalance", "AddToLoadBalancer", "AlarmNotification", "HealthCheck", "InstanceRefresh", "Launch", "ReplaceUnhealthy", "ScheduledActions", "Terminate",
	}
	names := wire.Strings(c.form, "ScalingProcesses.member")
	if len(names) == 0 {
		names = all
	}
	for _, name := range names {
		if !slices.Contains(all, name) {
			return wire.Errorf("ValidationError", "Invalid Process Type: %s", name)
		}
	}
	for _, name := range names {
		if suspend {
			g.suspended[name] = true
		} else {
			delete(g.suspended, name)
		}
	}
	a.reconcile(g, fmt.Sprintf("At %s processes were suspended or resumed.", a.now().Format(stamp)))
	return nil
}

func (a *autoscalingService) suspendProcesses(c *call) (any, error) { return nil, a.processes(c, true) }

func (a *autoscalingService) resumeProcesses(c *call) (any, error) { return nil, a.processes(c, false) }
