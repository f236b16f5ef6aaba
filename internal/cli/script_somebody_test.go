package cli_test

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/rogpeppe/go-internal/testscript"
)

const (
	somebodysToken    = "console-7"
	somebodysTemplate = `{"Resources": {
		"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "one"}},
		"B": {"Type": "AWS::SNS::Topic", "DependsOn": "A", "Properties": {"DisplayName": "one"}}}}`
)

// scriptSomebody does something to a stack past the command line, as a colleague in the console would. The stacks it
// makes carry semagent's tag, and two topics A and B.
//
//	somebody create|update|delete|review|protect NAME [disable-rollback]
func scriptSomebody(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: somebody create|update|delete|review|protect NAME [disable-rollback]")
	}
	ctx, client, name := context.Background(), cloudformation.NewFromConfig(sdk(ts)), aws.String(args[1])
	stay := aws.Bool(slices.Contains(args, "disable-rollback"))
	tags := []types.Tag{{Key: aws.String("semagent:managed"), Value: aws.String("true")}}
	var err error
	switch args[0] {
	case "create":
		_, err = client.CreateStack(ctx, &cloudformation.CreateStackInput{
			StackName: name, TemplateBody: aws.String(somebodysTemplate), Tags: tags, DisableRollback: stay, ClientRequestToken: aws.String(somebodysToken),
		})
	case "update":
		_, err = client.UpdateStack(ctx, &cloudformation.UpdateStackInput{
			StackName: name, UsePreviousTemplate: aws.Bool(true), DisableRollback: stay, ClientRequestToken: aws.String(somebodysToken),
			Capabilities: []types.Capability{types.CapabilityCapabilityIam},
			Tags:         append(tags, types.Tag{Key: aws.String("team"), Value: aws.String("theirs")}),
		})
	case "delete":
		_, err = client.DeleteStack(ctx, &cloudformation.DeleteStackInput{StackName: name, ClientRequestToken: aws.String(somebodysToken)})
	case "review":
		_, err = client.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
			StackName: name, ChangeSetName: aws.String("their-plan"), ChangeSetType: types.ChangeSetTypeCreate,
			TemplateBody: aws.String(somebodysTemplate), Tags: tags,
		})
	case "protect":
		_, err = client.UpdateTerminationProtection(ctx, &cloudformation.UpdateTerminationProtectionInput{
			StackName: name, EnableTerminationProtection: aws.Bool(true),
		})
	default:
		ts.Fatalf("somebody: cannot %s", args[0])
	}
	ts.Check(err)
}

// scriptAwait waits until a stack has one of the statuses; GONE is one: await NAME STATUS...
func scriptAwait(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await NAME STATUS...")
	}
	client, status := cloudformation.NewFromConfig(sdk(ts)), ""
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		out, err := client.DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: &args[0]})
		switch {
		case err == nil:
			status = string(out.Stacks[0].StackStatus)
		case strings.Contains(err.Error(), "does not exist"):
			status = "GONE"
		default:
			ts.Check(err)
		}
		if slices.Contains(args[1:], status) {
			return
		}
	}
	ts.Fatalf("stack %s is in status %s", args[0], status)
}

// scriptChangeSet puts the ARN of the only change set of a stack that nobody executed into a variable: change-set
// VARIABLE STACK.
func scriptChangeSet(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: change-set VARIABLE STACK")
	}
	out, err := cloudformation.NewFromConfig(sdk(ts)).ListChangeSets(context.Background(), &cloudformation.ListChangeSetsInput{StackName: &args[1]})
	ts.Check(err)
	waiting := slices.DeleteFunc(out.Summaries, func(s types.ChangeSetSummary) bool { return s.ExecutionStatus != types.ExecutionStatusAvailable })
	if len(waiting) != 1 {
		ts.Fatalf("%d change sets of stack %s wait for review", len(waiting), args[1])
	}
	ts.Setenv(args[0], *waiting[0].ChangeSetId)
}

// scriptSlow makes each operation on resources of a type last: slow TYPE DURATION, on the local clock, which is a
// hundred times as fast as the wall's.
func scriptSlow(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: slow TYPE DURATION")
	}
	d, err := time.ParseDuration(args[1])
	ts.Check(err)
	worldOf(ts).slow.Store(args[0], d)
}
