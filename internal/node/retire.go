package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/semaphore"
)

const (
	lookTime  = 10 * time.Second // for what only makes the decision better
	askTime   = 2 * time.Second  // for Semaphore's answer
	leaveTime = 20 * time.Second // for one rung of the ladder
)

// Retire ends the machine's service as reason asks for: see decide. When one way out fails it takes the next: terminated
// with decrement, without, powered off. It returns an error only when the machine is still there for all it knows.
func (m *Machine) Retire(ctx context.Context, reason Reason) error {
	m.Log.InfoContext(ctx, "retiring", slog.String("reason", string(reason)))
	limited, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	var i *instance
	err := m.step(limited, "identity", func(ctx context.Context) (err error) { i, err = m.identify(ctx); return err })
	if err != nil {
		m.powerOff(ctx)
		return err
	}
	way, why := m.look(limited, i, reason)
	m.Log.InfoContext(ctx, "decided", slog.String("exit", string(way)), slog.String("why", why))
	if way == restart {
		if err := m.restart(ctx, i); err == nil {
			return nil
		}
		way = replace
	}
	return m.leave(ctx, i, way)
}

// look gathers what the decision needs, the group and the jobs at the same time. What does not answer stays unknown.
func (m *Machine) look(ctx context.Context, i *instance, reason Reason) (exit, string) {
	var (
		group fleet
		jobs  *semaphore.Jobs
	)
	steps := []func(context.Context) error{func(ctx context.Context) error {
		_ = m.step(ctx, "group", func(ctx context.Context) (err error) {
			group, err = i.group(ctx)
			return err
		})
		return nil
	}}
	if reason == JobFinished {
		steps = append(steps, func(ctx context.Context) error {
			_ = m.step(ctx, "jobs", func(ctx context.Context) (err error) {
				jobs, err = m.jobs(ctx, i)
				return err
			})
			return nil
		})
	}
	_ = parallel(ctx, steps...) // what failed is logged and unknown
	return decide(reason, group, jobs)
}

// group describes the group that the instance belongs to.
func (i *instance) group(ctx context.Context) (fleet, error) {
	members, err := i.autoscaling.DescribeAutoScalingInstances(ctx, &autoscaling.DescribeAutoScalingInstancesInput{
		InstanceIds: []string{i.InstanceID},
	})
	if err != nil {
		return fleet{}, fmt.Errorf("find the group of instance %s: %w", i.InstanceID, err)
	}
	if len(members.AutoScalingInstances) == 0 {
		return fleet{}, fmt.Errorf("find the group of instance %s: it is in none", i.InstanceID)
	}
	name := aws.ToString(members.AutoScalingInstances[0].AutoScalingGroupName)
	groups, err := i.autoscaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: []string{name},
	})
	if err != nil {
		return fleet{}, fmt.Errorf("describe group %q: %w", name, err)
	}
	if len(groups.AutoScalingGroups) == 0 {
		return fleet{}, fmt.Errorf("describe group %q: it does not exist", name)
	}
	g := groups.AutoScalingGroups[0]
	return fleet{known: true, min: int(aws.ToInt32(g.MinSize)), desired: int(aws.ToInt32(g.DesiredCapacity))}, nil
}

// jobs asks Semaphore how many there are. Endpoint and token are read anew: the agent's files have been in a job's reach.
func (m *Machine) jobs(ctx context.Context, i *instance) (*semaphore.Jobs, error) {
	parameter, err := m.remembered()
	if err != nil {
		return nil, err
	}
	s, err := i.readSettings(ctx, parameter)
	if err != nil {
		return nil, err
	}
	token, err := i.parameter(ctx, s.TokenParameter)
	if err != nil {
		return nil, err
	}
	client, err := semaphore.New(s.Endpoint, semaphore.Options{Version: "node"})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	occupancy, err := client.Occupancy(ctx, token)
	if err != nil {
		return nil, err
	}
	return &occupancy.Jobs, nil
}

// leave climbs down the ladder. A decrement that was carried out but not answered is not done twice: the instance is no
// member of the group any more, and all that is left is to power off.
func (m *Machine) leave(ctx context.Context, i *instance, way exit) error {
	rungs := []bool{true, false}
	if way != decrement {
		rungs = rungs[1:]
	}
	for _, shrink := range rungs {
		name := map[bool]string{true: "terminate with decrement", false: "terminate without decrement"}[shrink]
		limited, cancel := context.WithTimeout(ctx, leaveTime)
		err := m.step(limited, name, func(ctx context.Context) error {
			return m.persist(ctx, func(ctx context.Context) error { return i.terminate(ctx, shrink) })
		})
		cancel()
		if err == nil {
			return nil
		}
	}
	m.powerOff(ctx)
	return errors.New("retire: the group did not take the machine out, so it was told to power off")
}

func (i *instance) terminate(ctx context.Context, shrink bool) error {
	_, err := i.autoscaling.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: aws.String(i.InstanceID), ShouldDecrementDesiredCapacity: aws.Bool(shrink),
	})
	if err == nil {
		return nil
	}
	err = fmt.Errorf("terminate instance %s: %w", i.InstanceID, err)
	// Auto Scaling's word for a decrement below the minimum size, and for an instance that is in no group (any more).
	if refused, ok := errors.AsType[smithy.APIError](err); ok && refused.ErrorCode() == "ValidationError" {
		return finalError{err}
	}
	return err
}
