package lookup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// group finds the live fleet. A deployment that did not know its desired capacity would reset it, so a denial is a
// problem here.
func (r *resolver) group(ctx context.Context, report *report) error {
	live, exists, err := Group(ctx, r.AutoScaling, r.cfg.StackName, r.req.GroupName)
	if err != nil {
		what := fmt.Sprintf("the Auto Scaling group of stack %q", r.cfg.StackName)
		return report.indispensable(err, what, "autoscaling:DescribeAutoScalingGroups")
	}
	if exists {
		r.facts.GroupName, r.facts.LiveDesired = live.Name, &live.DesiredCapacity
	}
	return nil
}

// LiveGroup is the fleet's Auto Scaling group as it is now.
type LiveGroup struct {
	Name                              string
	MinSize, MaxSize, DesiredCapacity int
	Instances                         []Instance
}

// Instance is a machine of a group, in Auto Scaling's words.
type Instance struct {
	ID, Type, Zone string
	State          string // lifecycle state, as Pending, InService, Terminating
	Health         string // Healthy or Unhealthy
}

// Group finds a stack's Auto Scaling group: by name, or by the tags that CloudFormation puts on it where name is
// empty. A group that is being deleted does not exist.
func Group(ctx context.Context, api AutoScalingAPI, stackName, name string) (live LiveGroup, exists bool, err error) {
	input := &autoscaling.DescribeAutoScalingGroupsInput{}
	if name != "" {
		input.AutoScalingGroupNames = []string{name}
	} else {
		input.Filters = []types.Filter{{Name: aws.String("tag:aws:cloudformation:stack-name"), Values: []string{stackName}}}
	}
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(api, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return LiveGroup{}, false, err
		}
		for _, group := range page.AutoScalingGroups {
			// Status is set only while a group is being deleted (DescribeAutoScalingGroups).
			if aws.ToString(group.Status) == "" {
				return newLiveGroup(group), true, nil
			}
		}
	}
	return LiveGroup{}, false, nil
}

func newLiveGroup(group types.AutoScalingGroup) LiveGroup {
	live := LiveGroup{
		Name: aws.ToString(group.AutoScalingGroupName), MinSize: int(aws.ToInt32(group.MinSize)),
		MaxSize: int(aws.ToInt32(group.MaxSize)), DesiredCapacity: int(aws.ToInt32(group.DesiredCapacity)),
	}
	for _, i := range group.Instances {
		live.Instances = append(live.Instances, Instance{
			ID: aws.ToString(i.InstanceId), Type: aws.ToString(i.InstanceType), Zone: aws.ToString(i.AvailabilityZone),
			State: string(i.LifecycleState), Health: aws.ToString(i.HealthStatus),
		})
	}
	return live
}
