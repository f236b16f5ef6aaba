package lookup

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// ActivitiesAPI gives the history of groups.
type ActivitiesAPI interface {
	DescribeScalingActivities(context.Context, *autoscaling.DescribeScalingActivitiesInput, ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error)
}

// FailedActivities are the reasons why a group could not launch or terminate instances, newest first, each once, at
// most limit of them. A deleted group is told of, too: Auto Scaling keeps its history for six weeks.
func FailedActivities(ctx context.Context, api ActivitiesAPI, groupName string, limit int) ([]string, error) {
	var reasons []string
	pages := autoscaling.NewDescribeScalingActivitiesPaginator(api, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: &groupName, IncludeDeletedGroups: aws.Bool(true), MaxRecords: aws.Int32(100),
	})
	page, err := pages.NextPage(ctx) // the newest hundred say what there is to say
	if err != nil {
		return nil, err
	}
	for _, activity := range page.Activities {
		reason := aws.ToString(activity.StatusMessage)
		failed := activity.StatusCode == types.ScalingActivityStatusCodeFailed || activity.StatusCode == types.ScalingActivityStatusCodeCancelled
		if failed && reason != "" && !slices.Contains(reasons, reason) && len(reasons) < limit {
			reasons = append(reasons, reason)
		}
	}
	return reasons, nil
}
