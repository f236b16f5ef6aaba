package awsfake

import (
	"context"
	"slices"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

// Update applies the template. It sets all sizes to the template's, unless the update policy ignores those that the template did
// not change (AutoScalingScheduledAction.IgnoreUnmodifiedGroupSizeProperties). Instances are replaced only by an AutoScalingRollingUpdate.
func (h groupHandler) Update(ctx context.Context, r cfn.Request) (cfn.Result, error) {
	h.mu.Lock()
	g, err := h.find(r.PhysicalID)
	if err == nil {
		err = h.apply(g, r)
	}
	if err == nil {
		err = h.setSizes(g, r)
	}
	h.mu.Unlock()
	if err != nil {
		return cfn.Result{}, handlerError("AutoScaling", err)
	}
	result := cfn.Result{PhysicalID: g.name, Attributes: map[string]any{"AutoScalingGroupARN": g.arn}}
	return result, h.roll(ctx, g, props(r.UpdatePolicy).object("AutoScalingRollingUpdate"))
}

func (h groupHandler) setSizes(g *group, r cfn.Request) error {
	ignore := props(r.UpdatePolicy).object("AutoScalingScheduledAction").flag("IgnoreUnmodifiedGroupSizeProperties", false)
	wanted, before := props(r.Properties), props(r.Previous)
	size := func(name string) *int {
		if !wanted.has(name) || ignore && wanted.str(name) == before.str(name) {
			return nil
		}
		n := wanted.num(name, 0)
		return &n
	}
	return h.resize(g, size("MinSize"), size("MaxSize"), size("DesiredCapacity"))
}

// roll replaces the instances of older launch template versions, a batch at a time.
func (h groupHandler) roll(ctx context.Context, g *group, policy props) error {
	if policy == nil {
		return nil
	}
	batch := max(1, policy.num("MaxBatchSize", 1))
	for {
		h.mu.Lock()
		old := h.outdated(g)
		for _, m := range old[:min(batch, len(old))] {
			h.terminate(g, m, "At "+h.now().Format(stamp)+" an instance was taken out of service in response to a rolling update.")
		}
		h.reconcile(g, "At "+h.now().Format(stamp)+" an instance was launched in response to a rolling update.")
		h.mu.Unlock()
		if len(old) == 0 {
			return nil
		}
		if err := h.poll(ctx, func() (bool, error) { return g.inService() >= g.desired, nil }); err != nil {
			return err
		}
	}
}

func (h groupHandler) outdated(g *group) []*member {
	t, version, _, err := h.specification(g)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(g.active(), func(m *member) bool { return m.template == t && m.version == version })
}

// Delete sets the sizes to nothing and waits for the instances. One that is protected from scale in stays, and after fifteen minutes
// the deletion fails, as CloudFormation's does.
func (h groupHandler) Delete(ctx context.Context, r cfn.Request) error {
	h.mu.Lock()
	g := h.groups[r.PhysicalID]
	if g == nil {
		h.mu.Unlock()
		return nil
	}
	g.min, g.max, g.desired, g.deleting = 0, 0, 0, true
	delete(g.suspended, "Terminate")
	h.reconcile(g, "At "+h.now().Format(stamp)+" a user request deleted the AutoScalingGroup, changing the desired capacity to 0.")
	h.mu.Unlock()
	deadline := h.now().Add(15 * time.Minute)
	err := h.poll(ctx, func() (bool, error) {
		if len(g.members) > 0 && h.now().After(deadline) {
			return false, notStabilized("Exceeded attempts to wait")
		}
		return len(g.members) == 0, nil
	})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.deleted = append(h.deleted, g.activities...)
	delete(h.groups, g.name)
	return nil
}
