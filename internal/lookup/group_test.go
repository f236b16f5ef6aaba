package lookup_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/lookup"
)

func TestGroup(t *testing.T) {
	w := newWorld()
	group := fleet("fleet-AgentGroup-1", "fleet", "", 2)
	group.Instances = []astypes.Instance{{
		InstanceId: aws.String("i-1"), InstanceType: aws.String("t2.micro"), AvailabilityZone: aws.String("eu-west-1a"),
		LifecycleState: astypes.LifecycleStateInService, HealthStatus: aws.String("Healthy"),
	}}
	w.fleets = []astypes.AutoScalingGroup{group}
	got, exists, err := lookup.Group(t.Context(), w, "fleet", "")
	if err != nil || !exists {
		t.Fatalf("Group gives %v, %v", exists, err)
	}
	want := lookup.LiveGroup{
		Name: "fleet-AgentGroup-1", MaxSize: 9, DesiredCapacity: 2,
		Instances: []lookup.Instance{{ID: "i-1", Type: "t2.micro", Zone: "eu-west-1a", State: "InService", Health: "Healthy"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("group (-want +got):\n%s", diff)
	}
	if _, exists, err := lookup.Group(t.Context(), w, "other", ""); err != nil || exists {
		t.Errorf("a stack without a group gives %v, %v", exists, err)
	}
}
