package scaler

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// callTime bounds one AWS call with its retries, so that a slow one costs a tick and not the minute.
const callTime = 4 * time.Second

// azRebalance is the process that terminates an instance, busy or not, to even out the zones.
const azRebalance = "AZRebalance"

// AutoScaling is what the scaler needs of *autoscaling.Client.
type AutoScaling interface {
	DescribeAutoScalingGroups(context.Context, *autoscaling.DescribeAutoScalingGroupsInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error)
	DescribeScalingActivities(context.Context, *autoscaling.DescribeScalingActivitiesInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error)
	SetDesiredCapacity(context.Context, *autoscaling.SetDesiredCapacityInput, ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error)
	SuspendProcesses(context.Context, *autoscaling.SuspendProcessesInput, ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error)
}

// group is an Auto Scaling group at one moment.
type group struct {
	min, max, desired   int
	inService, booting  int // instances
	instances           []instance
	rebalancesOverZones bool
}

// instance is a member of a group. One that is neither in service nor booting is on its way out.
type instance struct {
	id                 string
	inService, booting bool
}

func describe(ctx context.Context, api AutoScaling, name string) (group, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := api.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: []string{name},
	})
	if err != nil {
		return group{}, fmt.Errorf("describe Auto Scaling group %q: %w", name, err)
	}
	for _, g := range out.AutoScalingGroups {
		if aws.ToString(g.AutoScalingGroupName) != name {
			continue
		}
		// Status is set only while the group is being deleted.
		if g.Status != nil {
			return group{}, fmt.Errorf("describe Auto Scaling group %q: %s", name, strings.ToLower(*g.Status))
		}
		return newGroup(g), nil
	}
	return group{}, fmt.Errorf("describe Auto Scaling group %q: it does not exist", name)
}

func newGroup(g types.AutoScalingGroup) group {
	result := group{
		min:     int(aws.ToInt32(g.MinSize)),
		max:     int(aws.ToInt32(g.MaxSize)),
		desired: int(aws.ToInt32(g.DesiredCapacity)),
		rebalancesOverZones: !slices.ContainsFunc(g.SuspendedProcesses, func(p types.SuspendedProcess) bool {
			return aws.ToString(p.ProcessName) == azRebalance
		}),
	}
	for _, member := range g.Instances {
		state := string(member.LifecycleState)
		i := instance{
			id:        aws.ToString(member.InstanceId),
			inService: state == string(types.LifecycleStateInService),
			booting:   strings.HasPrefix(state, string(types.LifecycleStatePending)),
		}
		result.instances = append(result.instances, i)
		switch {
		case i.inService:
			result.inService++
		case i.booting:
			result.booting++
		}
	}
	return result
}

func setDesired(ctx context.Context, api AutoScaling, name string, capacity int) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := api.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: aws.String(name),
		DesiredCapacity:      aws.Int32(int32(capacity)),
		HonorCooldown:        aws.Bool(false),
	})
	if err != nil {
		return fmt.Errorf("set desired capacity of %q to %d: %w", name, capacity, err)
	}
	return nil
}

func suspendAZRebalance(ctx context.Context, api AutoScaling, name string) error {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	_, err := api.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{
		AutoScalingGroupName: aws.String(name),
		ScalingProcesses:     []string{azRebalance},
	})
	if err != nil {
		return fmt.Errorf("suspend %s of %q: %w", azRebalance, name, err)
	}
	return nil
}
