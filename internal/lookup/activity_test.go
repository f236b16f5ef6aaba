package lookup_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/lookup"
)

type activities struct {
	list []astypes.Activity
	err  error
	in   *autoscaling.DescribeScalingActivitiesInput
}

func (a *activities) DescribeScalingActivities(_ context.Context, in *autoscaling.DescribeScalingActivitiesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	a.in = in
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: a.list}, a.err
}

func TestFailedActivities(t *testing.T) {
	activity := func(status astypes.ScalingActivityStatusCode, message string) astypes.Activity {
		return astypes.Activity{StatusCode: status, StatusMessage: aws.String(message)}
	}
	api := &activities{list: []astypes.Activity{
		activity("InProgress", "booting"), activity("Failed", "no capacity"), activity("Failed", "no capacity"), activity("Successful", "fine"),
		activity("Cancelled", "too late"), activity("Failed", ""), activity("Failed", "no AMI"),
	}}
	got, err := lookup.FailedActivities(t.Context(), api, "group", 2)
	if d := cmp.Diff([]string{"no capacity", "too late"}, got); d != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, d)
	}
	if *api.in.AutoScalingGroupName != "group" || !*api.in.IncludeDeletedGroups {
		t.Errorf("asked for %+v", api.in)
	}
	api.err = errors.New("denied")
	if _, err := lookup.FailedActivities(t.Context(), api, "group", 2); !errors.Is(err, api.err) {
		t.Errorf("got %v", err)
	}
}
