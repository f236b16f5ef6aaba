package awsfake

import (
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// autoscalingService owns groups: it launches and terminates instances until a group is as large as it should be, over the local
// clock's time, and keeps a record of that in scaling activities.
type autoscalingService struct {
	*core
	ec2      *ec2Service
	iam      *iamService
	bootTime time.Duration
	groups   map[string]*group
	deleted  []*activity // of groups that are gone
}

type group struct {
	name, arn          string
	min, max, desired  int
	launch             props // LaunchTemplate or MixedInstancesPolicy, as the template has it
	mixed              bool
	zones, subnets     []string
	tags               []groupTag
	members            []*member // oldest first
	activities         []*activity
	suspended          map[string]bool
	protectNew         bool
	rebalance          bool
	cooldown, lifetime int
	grace              int
	healthCheck        string
	metrics            []string
	terminations       []string
	created            time.Time
	retrying           bool
	failures           int
	deleting           bool
}

type groupTag struct {
	key, value string
	propagate  bool
}

// member is an instance in a group.
type member struct {
	*instance
	lifecycle string // Pending, InService or Terminating
	healthy   bool
	protected bool
	template  *launchTemplate
	version   int
}

const (
	lifecyclePending     = "Pending"
	lifecycleInService   = "InService"
	lifecycleTerminating = "Terminating"
)

func newAutoScaling(c *core, ec2 *ec2Service, iam *iamService, bootTime time.Duration) *autoscalingService {
	a := &autoscalingService{core: c, ec2: ec2, iam: iam, bootTime: bootTime, groups: map[string]*group{}}
	ec2.ended = append(ec2.ended, a.lost)
	return a
}

func (a *autoscalingService) service() *service {
	return &service{name: "autoscaling", protocol: protocol{kind: query, namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/"}, operations: map[string]operation{
		"DescribeAutoScalingGroups":           a.describeGroups,
		"DescribeAutoScalingInstances":        a.describeInstances,
		"DescribeScalingActivities":           a.describeActivities,
		"SetDesiredCapacity":                  a.setDesiredCapacity,
		"UpdateAutoScalingGroup":              a.updateGroup,
		"TerminateInstanceInAutoScalingGroup": a.terminateInstance,
		"SetInstanceHealth":                   a.setInstanceHealth,
		"SetInstanceProtection":               a.setInstanceProtection,
		"SuspendProcesses":                    a.suspendProcesses,
		"ResumeProcesses":                     a.resumeProcesses,
	}}
}

func (a *autoscalingService) find(name string) (*group, error) {
	if g := a.groups[name]; g != nil {
		return g, nil
	}
	return nil, wire.Errorf("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup '%s' not found", name)
}

// memberOf finds an instance and the group that it belongs to.
func (a *autoscalingService) memberOf(id string) (*group, *member, error) {
	for _, g := range a.groups {
		for _, m := range g.members {
			if m.id == id {
				return g, m, nil
			}
		}
	}
	return nil, nil, wire.Errorf("ValidationError", "Instance Id not found - No managed instance found for instance ID: %s", id)
}

// active are the members that count towards the desired capacity.
func (g *group) active() []*member {
	var out []*member
	for _, m := range g.members {
		if m.lifecycle != lifecycleTerminating {
			out = append(out, m)
		}
	}
	return out
}

func (g *group) inService() int {
	n := 0
	for _, m := range g.members {
		if m.lifecycle == lifecycleInService {
			n++
		}
	}
	return n
}

// checkSizes refuses limits that no group can have, in Auto Scaling's words.
func checkSizes(least, most, desired int) error {
	switch {
	case least < 0 || most < 0:
		return wire.Errorf("ValidationError", "Group sizes must not be negative")
	case least > most:
		return wire.Errorf("ValidationError", "Min bound, %d, must be less than or equal to max bound, %d", least, most)
	case desired < least || desired > most:
		return wire.Errorf("ValidationError", "Desired capacity:%d must be between the specified min size:%d and max size:%d", desired, least, most)
	}
	return nil
}
