package cli_test

import (
	"context"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rogpeppe/go-internal/testscript"
)

// sdk reaches the script's AWS as somebody else would.
func sdk(ts *testscript.TestScript) aws.Config {
	return aws.Config{
		Region:       "us-east-1",
		BaseEndpoint: aws.String(ts.Getenv("AWS_ENDPOINT_URL")),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDOTHER", "secret", ""),
	}
}

// scriptLeftovers asserts how many change sets that nobody executed, and how many stacks in review there are.
func scriptLeftovers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: leftovers N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx := context.Background()
	client := cloudformation.NewFromConfig(sdk(ts))
	stacks, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	ts.Check(err)
	n := 0
	for _, stack := range stacks.Stacks {
		if stack.StackStatus == types.StackStatusReviewInProgress {
			n++
		}
		sets, err := client.ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: stack.StackName})
		ts.Check(err)
		for _, set := range sets.Summaries {
			if set.ExecutionStatus != types.ExecutionStatusExecuteComplete {
				n++
			}
		}
	}
	if n != want {
		ts.Fatalf("%d change sets and stacks in review are left, want %d", n, want)
	}
}

// scriptScale sets the desired capacity of the one group that there is and waits for its instances: scale N.
func scriptScale(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: scale N")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	ctx := context.Background()
	client := autoscaling.NewFromConfig(sdk(ts))
	groups, err := client.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	ts.Check(err)
	if len(groups.AutoScalingGroups) != 1 {
		ts.Fatalf("there are %d groups", len(groups.AutoScalingGroups))
	}
	name := groups.AutoScalingGroups[0].AutoScalingGroupName
	_, err = client.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: name, DesiredCapacity: aws.Int32(int32(want)),
	})
	ts.Check(err)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		groups, err = client.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{*name}})
		ts.Check(err)
		if len(groups.AutoScalingGroups[0].Instances) == want {
			return
		}
	}
	ts.Fatalf("the group never had %d instances", want)
}

// scriptForeignStack makes a stack that semagent knows nothing of: foreign-stack NAME.
func scriptForeignStack(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: foreign-stack NAME")
	}
	ctx := context.Background()
	client := cloudformation.NewFromConfig(sdk(ts))
	_, err := client.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: &args[0], TemplateBody: aws.String(`{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}`),
	})
	ts.Check(err)
	waiter := cloudformation.NewStackCreateCompleteWaiter(client, func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = 10*time.Millisecond, 20*time.Millisecond
	})
	ts.Check(waiter.Wait(ctx, &cloudformation.DescribeStacksInput{StackName: &args[0]}, 20*time.Second))
}
