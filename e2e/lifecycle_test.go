//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

func TestDeployWithoutApprovalMakesNoStack(t *testing.T) {
	w := newWorld(t)
	w.run("deploy").exits(3).out("AWS::AutoScaling::AutoScalingGroup").err("semagent: error: ", "approval", "--yes")
	w.nothingLeft()
	if roles := w.roles(); len(roles) != 0 {
		t.Errorf("roles were made: %v", roles)
	}
}

func TestDeployTwiceIsNothingToDo(t *testing.T) {
	w := newWorld(t)
	w.run("deploy", "--yes").exits(0)
	w.forgetChangeSets("ci-fleet")
	before := *w.group().AutoScalingGroupARN
	versions := w.objectVersions()

	w.run("deploy").exits(0).onlyOut().out("Nothing to do")
	if after := *w.group().AutoScalingGroupARN; after != before {
		t.Errorf("the group was %s and is %s", before, after)
	}
	if diff := cmp.Diff(versions, w.objectVersions()); diff != "" {
		t.Errorf("the scaler was uploaded again (-before +after):\n%s", diff)
	}
	if sets := w.changeSets(); len(sets) != 0 {
		t.Errorf("change sets are left: %v", sets)
	}
}

// objectVersions are the times at which the asset bucket's objects were written.
func (w *world) objectVersions() map[string]string {
	w.t.Helper()
	written := map[string]string{}
	for _, key := range w.objects() {
		head := must(w.s3.HeadObject(w.t.Context(), &s3.HeadObjectInput{Bucket: aws.String(assetBucket), Key: &key}))(w.t)
		written[key] = head.LastModified.String()
	}
	return written
}

func TestDeployLeavesAChangeSetForReview(t *testing.T) {
	w := newWorld(t)
	w.run("deploy", "--no-execute").exits(0).out("semagent deploy --change-set arn:aws:cloudformation:")
	sets := w.changeSets()
	if len(sets) != 1 || w.stacks()["ci-fleet"] != "REVIEW_IN_PROGRESS" {
		t.Fatalf("change sets are %v, stacks %v", sets, w.stacks())
	}
	w.run("deploy", "--yes").refused(1, "REVIEW_IN_PROGRESS", "semagent deploy --change-set "+sets[0])

	// AWS gives a change set's tags, moto does not: to semagent this one could be anybody's, so it is not executed.
	w.run("deploy", "--change-set", sets[0], "--yes").refused(1, "ci-fleet", "--stack-name")
	if status := w.stacks()["ci-fleet"]; status != "REVIEW_IN_PROGRESS" {
		t.Errorf("the stack is in status %s", status)
	}
	if left := w.changeSets(); !slices.Equal(left, sets) {
		t.Errorf("change sets are %v, want %v", left, sets)
	}
}

// TestUpdateFollowsTheSettings: moto updates a group by making another one with the template's sizes, so that what is
// live beforehand does not live on; that it does on AWS is tested against semagent's own local AWS.
func TestUpdateFollowsTheSettings(t *testing.T) {
	w := newWorld(t)
	w.run("deploy", "--yes").exits(0)
	w.forgetChangeSets("ci-fleet")
	w.export("SEMAPHORE_AGENT_ASG_MAX_SIZE", "7")
	w.export("SEMAPHORE_AGENT_USE_DYNAMIC_SCALING", "false")
	w.run("deploy").exits(3).out("ScalerFunction")
	w.run("deploy", "--yes").exits(0).out("Stack ci-fleet is deployed")
	if status := w.stacks()["ci-fleet"]; status != "UPDATE_COMPLETE" {
		t.Errorf("the stack is in status %s", status)
	}
	if size := aws.ToInt32(w.group().MaxSize); size != 7 {
		t.Errorf("the maximum size is %d, want 7", size)
	}
	if functions := w.functions(); len(functions) != 1 || functions["scale"].FunctionName != "" {
		t.Errorf("functions are %v, want maintenance only", functions)
	}
}

func TestStatusShowsTheLiveGroup(t *testing.T) {
	w := newWorld(t)
	w.run("status").refused(1, `stack "ci-fleet" does not exist`, "semagent deploy")
	w.export("SEMAPHORE_AGENT_ASG_MAX_SIZE", "4")
	w.run("deploy", "--yes").exits(0)
	w.fillOutputs()
	g := w.group()
	w.run("status").exits(0).onlyOut().out("ci-fleet (us-east-1)", *g.AutoScalingGroupName, "desired 1, minimum 0, maximum 4", "1 InService",
		aws.ToString(g.Instances[0].InstanceId))

	must(w.groups.SetDesiredCapacity(t.Context(), &autoscaling.SetDesiredCapacityInput{
		AutoScalingGroupName: g.AutoScalingGroupName, DesiredCapacity: aws.Int32(3),
	}))(t)
	w.run("status").exits(0).onlyOut().out("desired 3, minimum 0, maximum 4", "3 InService")
	var status struct {
		Stack struct{ Name, Region, Status string }
		Group struct {
			DesiredCapacity, MinSize, MaxSize int
			States                            map[string]int
			Instances                         []struct{ ID, Type, State string }
		}
	}
	w.run("status", "--output", "json").exits(0).onlyOut().decode(&status)
	if status.Stack.Name != "ci-fleet" || status.Group.DesiredCapacity != 3 || status.Group.States["InService"] != 3 || len(status.Group.Instances) != 3 {
		t.Errorf("status is %+v", status)
	}
}

func TestDestroy(t *testing.T) {
	w := newWorld(t)
	w.run("destroy", "--yes").exits(0).onlyOut().out("Nothing to do", "ci-fleet")
	w.run("deploy", "--yes").exits(0)
	w.fillOutputs()
	w.run("destroy").exits(3).onlyErr().err("semagent: error: ", "approval", "--yes --stack-name ci-fleet")
	w.group()
	w.run("destroy", "--yes").exits(0).out("Stack ci-fleet is deleted.", "Kept: parameter ci-token", "Kept: bucket "+assetBucket)
	w.checkDestroyed()
}

// checkDestroyed asserts that the fleet is gone, and that what several fleets may share is not.
func (w *world) checkDestroyed() {
	w.t.Helper()
	t := w.t
	if stacks := w.stacks(); len(stacks) != 1 {
		t.Errorf("stacks are %v, want the bootstrap stack only", stacks)
	}
	if groups := must(w.groups.DescribeAutoScalingGroups(t.Context(), &autoscaling.DescribeAutoScalingGroupsInput{}))(t).AutoScalingGroups; len(groups) != 0 {
		t.Errorf("a group is left: %s", *groups[0].AutoScalingGroupName)
	}
	if templates := must(w.ec2.DescribeLaunchTemplates(t.Context(), &ec2.DescribeLaunchTemplatesInput{}))(t).LaunchTemplates; len(templates) != 0 {
		t.Errorf("a launch template is left: %s", *templates[0].LaunchTemplateName)
	}
	if roles, functions, rules := w.roles(), w.functions(), w.rules(); len(roles)+len(functions)+len(rules) != 0 {
		t.Errorf("left are the roles %v, functions %v, rules %v", roles, functions, rules)
	}
	w.noParameter("ci-fleet-config")
	w.noParameter("ci-fleet-ssh-public-keys")
	if token := w.stored("ci-token"); token.Value != secret {
		t.Errorf("the token's parameter is %+v", token)
	}
	if objects := w.objects(); len(objects) != 1 {
		t.Errorf("the asset bucket holds %v", objects)
	}
}

// TestStackOfSomebodyElse: a stack without semagent's tag is neither updated nor deleted.
func TestStackOfSomebodyElse(t *testing.T) {
	w := newWorld(t)
	const body = `{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}`
	must(w.cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("ci-fleet"), TemplateBody: aws.String(body),
	}))(t)
	const hint = "choose another name with --stack-name"
	w.run("destroy", "--yes").refused(1, "ci-fleet", hint)
	w.run("diff").refused(1, "ci-fleet", hint)
	w.run("deploy", "--yes").exits(1).err("semagent: error: ", "ci-fleet", hint)
	if status := w.stacks()["ci-fleet"]; status != "CREATE_COMPLETE" || w.template("ci-fleet") != body {
		t.Errorf("the stack is in status %q, its template %s", status, w.template("ci-fleet"))
	}
	if sets := w.changeSets(); len(sets) != 0 {
		t.Errorf("change sets are left: %v", sets)
	}
}

func TestTerminationProtectionHolds(t *testing.T) {
	w := newWorld(t)
	must(w.cfn.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("ci-fleet"), TemplateBody: aws.String(`{"Resources":{"Topic":{"Type":"AWS::SNS::Topic"}}}`),
		Tags: []types.Tag{{Key: aws.String("semagent:managed"), Value: aws.String("true")}}, EnableTerminationProtection: aws.Bool(true),
	}))(t)
	w.run("destroy", "--yes").refused(1, "termination protection", "semagent destroy --stack-name ci-fleet --disable-termination-protection")
	if status := w.stacks()["ci-fleet"]; status != "CREATE_COMPLETE" {
		t.Errorf("the stack is in status %q", status)
	}
}
