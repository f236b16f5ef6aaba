package awsfake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

const ami = "ami-0123456789abcdef0"

// fleet is a template with a group; change edits the group's properties.
func fleet(change object) object {
	properties := object{
		"AutoScalingGroupName": "fleet", "MinSize": "0", "MaxSize": "3", "DesiredCapacity": "1", "AvailabilityZones": object{"Fn::GetAZs": ""},
		"MixedInstancesPolicy": object{"LaunchTemplate": object{"LaunchTemplateSpecification": object{
			"LaunchTemplateId": object{"Ref": "Template"}, "Version": object{"Fn::GetAtt": []any{"Template", "LatestVersionNumber"}},
		}}},
		"Tags": []any{object{"Key": "application", "Value": "semaphore-agent", "PropagateAtLaunch": true}},
	}
	data := object{"ImageId": ami, "InstanceType": "t2.micro", "KeyName": "deploy-key"}
	for k, v := range change {
		switch k {
		case "ImageId", "InstanceType", "KeyName", "SecurityGroupIds", "UserData":
			data[k] = v
		default:
			properties[k] = v
		}
	}
	return object{
		"Template": object{"Type": "AWS::EC2::LaunchTemplate", "Properties": object{"LaunchTemplateData": data}},
		"Group":    object{"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": properties},
	}
}

func withFleet(t *testing.T, opts awsfake.Options, change object) (*awsfake.Server, aws.Config, *autoscaling.Client) {
	t.Helper()
	opts.Images = map[string]string{"agent": ami}
	s, cfg := start(t, opts)
	if status, _, reason := deploy(t, cfg, "st", fleet(change), false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	return s, cfg, autoscaling.NewFromConfig(cfg)
}

func describe(t *testing.T, client *autoscaling.Client) types.AutoScalingGroup {
	t.Helper()
	out, err := client.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"fleet"}})
	ok(t, err)
	if len(out.AutoScalingGroups) != 1 {
		t.Fatalf("got %d groups", len(out.AutoScalingGroups))
	}
	return out.AutoScalingGroups[0]
}

func inService(t *testing.T, s *awsfake.Server, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d instances in service", n), func() bool {
		g := s.State().Groups["fleet"]
		return g.InService == n && len(g.Instances) == n
	})
}

func TestGroupLaunchesAndScales(t *testing.T) {
	s, _, client := withFleet(t, awsfake.Options{}, nil)
	ctx, name := t.Context(), aws.String("fleet")
	inService(t, s, 1)
	_, err := client.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: name, DesiredCapacity: aws.Int32(4)})
	wantCode(t, err, "ValidationError", "New SetDesiredCapacity value 4 is above max value 3")
	_, err = client.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: name, DesiredCapacity: aws.Int32(3)})
	ok(t, err)
	inService(t, s, 3)
	g, zones := describe(t, client), map[string]bool{}
	for _, i := range g.Instances {
		zones[*i.AvailabilityZone] = true
	}
	if len(zones) != 3 || *g.DesiredCapacity != 3 || *g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version != "1" {
		t.Errorf("got zones %v, group %+v", zones, g)
	}
	out, err := client.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
		InstanceId: g.Instances[0].InstanceId, ShouldDecrementDesiredCapacity: aws.Bool(true),
	})
	ok(t, err)
	if !strings.Contains(*out.Activity.Cause, "shrinking the capacity from 3 to 2") {
		t.Errorf("got cause %s", *out.Activity.Cause)
	}
	inService(t, s, 2)
	_, err = client.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: name, MaxSize: aws.Int32(1)})
	ok(t, err)
	inService(t, s, 1)
	if g := describe(t, client); *g.DesiredCapacity != 1 {
		t.Errorf("desired capacity is %d after the maximum fell to 1", *g.DesiredCapacity)
	}
	_, err = client.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: name, MinSize: aws.Int32(2)})
	wantCode(t, err, "ValidationError", "Min bound, 2, must be less than or equal to max bound, 1")
	acts, err := client.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: name})
	ok(t, err)
	if n := len(acts.Activities); n != 5 { // three launches, two terminations
		t.Errorf("got %d activities", n)
	}
}

func TestMinimumHolds(t *testing.T) {
	s, _, client := withFleet(t, awsfake.Options{}, object{"MinSize": "1"})
	inService(t, s, 1)
	id := &s.State().Groups["fleet"].Instances[0]
	_, err := client.TerminateInstanceInAutoScalingGroup(t.Context(), &autoscaling.TerminateInstanceInAutoScalingGroupInput{InstanceId: id, ShouldDecrementDesiredCapacity: aws.Bool(true)})
	wantCode(t, err, "ValidationError", "Currently, desiredSize equals minSize (1)")
	_, err = client.SetInstanceHealth(t.Context(), &autoscaling.SetInstanceHealthInput{InstanceId: id, HealthStatus: aws.String("Unhealthy")})
	ok(t, err)
	eventually(t, "a replacement", func() bool {
		g := s.State().Groups["fleet"]
		return len(g.Instances) == 1 && g.InService == 1 && g.Instances[0] != *id
	})
	_, err = client.TerminateInstanceInAutoScalingGroup(t.Context(), &autoscaling.TerminateInstanceInAutoScalingGroupInput{InstanceId: id, ShouldDecrementDesiredCapacity: aws.Bool(false)})
	wantCode(t, err, "ValidationError", "No managed instance found for instance ID: "+*id)
}

func TestSuspendedProcessesAndProtection(t *testing.T) {
	s, _, client := withFleet(t, awsfake.Options{}, object{"NewInstancesProtectedFromScaleIn": true})
	ctx, name := t.Context(), aws.String("fleet")
	inService(t, s, 1)
	_, err := client.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: name, ScalingProcesses: []string{"Launch"}})
	ok(t, err)
	_, err = client.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: name, DesiredCapacity: aws.Int32(2)})
	ok(t, err)
	if g := describe(t, client); len(g.Instances) != 1 || *g.SuspendedProcesses[0].ProcessName != "Launch" {
		t.Errorf("got %+v", g)
	}
	_, err = client.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: name})
	ok(t, err)
	inService(t, s, 2)
	_, err = client.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: name, DesiredCapacity: aws.Int32(0)})
	ok(t, err)
	if n := len(describe(t, client).Instances); n != 2 {
		t.Errorf("%d protected instances are left of 2", n)
	}
	_, err = client.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: name, InstanceIds: s.InService(), ProtectedFromScaleIn: aws.Bool(false)})
	ok(t, err)
	_, err = client.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: name, ScalingProcesses: []string{"Lunch"}})
	wantCode(t, err, "ValidationError", "Lunch")
	_, err = client.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: name})
	ok(t, err)
	inService(t, s, 0)
}

func TestGroupsAreFoundByTag(t *testing.T) {
	_, _, client := withFleet(t, awsfake.Options{}, nil)
	for key, want := range map[string]int{"aws:cloudformation:stack-name": 1, "application": 0, "absent": 0} {
		out, err := client.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{
			Filters: []types.Filter{{Name: aws.String("tag:" + key), Values: []string{"st"}}},
		})
		ok(t, err)
		if len(out.AutoScalingGroups) != want {
			t.Errorf("tag %s: got %d groups, want %d", key, len(out.AutoScalingGroups), want)
		}
	}
}

func TestLaunchFailures(t *testing.T) {
	const message = "We currently do not have sufficient t2.micro capacity in the Availability Zone you requested (us-east-1a)."
	opts := awsfake.Options{Images: map[string]string{"agent": ami}}
	s, cfg := start(t, opts)
	s.Faults().Add(fault.Set{Launches: []fault.Launch{{Group: "fleet", Message: message, Count: 2}}})
	if status, _, reason := deploy(t, cfg, "st", fleet(nil), false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	inService(t, s, 1) // the third attempt works
	acts, err := autoscaling.NewFromConfig(cfg).DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String("fleet")})
	ok(t, err)
	oldest := acts.Activities[len(acts.Activities)-1]
	if len(acts.Activities) != 3 || oldest.StatusCode != types.ScalingActivityStatusCodeFailed || !strings.HasPrefix(*oldest.StatusMessage, message[:60]) {
		t.Errorf("got %d activities, the oldest %+v", len(acts.Activities), oldest)
	}
}

func TestGroupsThatCannotBeMade(t *testing.T) {
	tests := map[string]struct {
		change object
		want   string
	}{
		"image":        {object{"ImageId": "ami-00000000000000000"}, "You must use a valid fully-formed launch template. The image id '[ami-00000000000000000]' does not exist"},
		"key pair":     {object{"KeyName": "absent"}, "The key pair 'absent' does not exist"},
		"type":         {object{"InstanceType": "p5.48xlarge"}, "Invalid value 'p5.48xlarge' for InstanceType."},
		"architecture": {object{"InstanceType": "t4g.micro"}, "does not match the architecture 'x86_64'"},
		"group":        {object{"SecurityGroupIds": []any{"sg-0ab00000000000002"}}, "belong to different networks"},
		"sizes":        {object{"DesiredCapacity": "4"}, "Desired capacity:4 must be between the specified min size:0 and max size:3"},
		"subnet":       {object{"VPCZoneIdentifier": []any{"subnet-0"}}, "The subnet ID 'subnet-0' does not exist"},
	}
	s, cfg := start(t, awsfake.Options{Images: map[string]string{"agent": ami}})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			status, _, reason := deploy(t, cfg, "st-"+strings.ReplaceAll(name, " ", "-"), fleet(tc.change), false)
			if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, tc.want) || !strings.Contains(reason, "(Service: AutoScaling, Status Code: 400") {
				t.Errorf("%s: %s", status, reason)
			}
		})
	}
	if n := len(s.State().Groups); n != 0 {
		t.Errorf("%d groups are left", n)
	}
}

func TestMinimumNotReachedFailsTheStack(t *testing.T) {
	s, cfg := start(t, awsfake.Options{Images: map[string]string{"agent": ami}})
	s.Faults().Add(fault.Set{Launches: []fault.Launch{{Message: "You have requested more vCPU capacity than your current vCPU limit of 0 allows"}}})
	status, _, reason := deploy(t, cfg, "st", fleet(object{"MinSize": "1"}), false)
	if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "Group did not stabilize. Last scaling activity: You have requested more vCPU capacity") {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestUpdateAndLiveCapacity(t *testing.T) {
	policy := object{"AutoScalingScheduledAction": object{"IgnoreUnmodifiedGroupSizeProperties": true}}
	for name, tc := range map[string]struct {
		policy  object
		desired string
		want    int
	}{"reset": {nil, "1", 1}, "kept": {policy, "1", 3}, "changed": {policy, "2", 2}} {
		t.Run(name, func(t *testing.T) {
			s, cfg, client := withFleet(t, awsfake.Options{}, nil)
			_, err := client.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("fleet"), DesiredCapacity: aws.Int32(3)})
			ok(t, err)
			inService(t, s, 3)
			changed := fleet(object{"UserData": "Y2hhbmdlZA==", "DesiredCapacity": tc.desired})
			if tc.policy != nil {
				changed["Group"].(object)["UpdatePolicy"] = tc.policy
			}
			if status, _, reason := deploy(t, cfg, "st", changed, true); status != "UPDATE_COMPLETE" {
				t.Fatalf("%s: %s", status, reason)
			}
			g := describe(t, client)
			if int(*g.DesiredCapacity) != tc.want || *g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version != "2" {
				t.Errorf("desired capacity is %d, want %d; %+v", *g.DesiredCapacity, tc.want, g.MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification)
			}
			inService(t, s, tc.want)
		})
	}
}

func TestRollingUpdateReplacesInstances(t *testing.T) {
	s, cfg, _ := withFleet(t, awsfake.Options{}, object{"DesiredCapacity": "2"})
	inService(t, s, 2)
	before := s.InService()
	changed := fleet(object{"DesiredCapacity": "2", "UserData": "Y2hhbmdlZA=="})
	changed["Group"].(object)["UpdatePolicy"] = object{"AutoScalingRollingUpdate": object{"MaxBatchSize": 1}}
	if status, _, reason := deploy(t, cfg, "st", changed, true); status != "UPDATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	inService(t, s, 2)
	for _, id := range s.InService() {
		for _, old := range before {
			if id == old {
				t.Errorf("instance %s was not replaced", id)
			}
		}
	}
}

func TestDeletingAGroupEndsItsInstances(t *testing.T) {
	s, cfg, client := withFleet(t, awsfake.Options{}, nil)
	inService(t, s, 1)
	_, err := cloudformation.NewFromConfig(cfg).DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("st")})
	ok(t, err)
	eventually(t, "the end of the group", func() bool { return len(s.State().Groups) == 0 })
	acts, err := client.DescribeScalingActivities(t.Context(), &autoscaling.DescribeScalingActivitiesInput{IncludeDeletedGroups: aws.Bool(true), AutoScalingGroupName: aws.String("fleet")})
	ok(t, err)
	if len(acts.Activities) != 2 {
		t.Errorf("got %d activities of the deleted group", len(acts.Activities))
	}
}

func TestProtectedInstancesHoldADeletion(t *testing.T) {
	s, cfg, _ := withFleet(t, awsfake.Options{Speed: 2000}, object{"NewInstancesProtectedFromScaleIn": true})
	inService(t, s, 1)
	client, ctx := cloudformation.NewFromConfig(cfg), t.Context()
	_, err := client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: aws.String("st")})
	ok(t, err)
	status, _, reason := settle(ctx, t, client, "st")
	if status != "DELETE_FAILED" || !strings.Contains(reason, "Exceeded attempts to wait") {
		t.Errorf("%s: %s", status, reason)
	}
}

func TestCreationPolicyWaitsForInstances(t *testing.T) {
	s, cfg := start(t, awsfake.Options{Images: map[string]string{"agent": ami}})
	resources := fleet(object{"DesiredCapacity": "2"})
	resources["Group"].(object)["CreationPolicy"] = object{"ResourceSignal": object{"Count": 2, "Timeout": "PT10M"}}
	if status, _, reason := deploy(t, cfg, "st", resources, false); status != "CREATE_COMPLETE" || s.State().Groups["fleet"].InService != 2 {
		t.Errorf("%s: %s; %d in service", status, reason, s.State().Groups["fleet"].InService)
	}
	s.Faults().Add(fault.Set{Launches: []fault.Launch{{Message: "none left"}}})
	resources = fleet(object{"AutoScalingGroupName": "other"})
	resources["Group"].(object)["CreationPolicy"] = object{"ResourceSignal": object{"Timeout": "PT2M"}}
	if status, _, reason := deploy(t, cfg, "st2", resources, false); status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "Received 0 SUCCESS signal(s) out of 1.") {
		t.Errorf("%s: %s", status, reason)
	}
}
