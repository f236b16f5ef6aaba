//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

// diff is the part of `semagent diff --output json` that moto can answer: its change sets name resources and actions,
// and carry no property.
type diff struct {
	Stack   struct{ New bool }
	Changes []struct{ Effect, LogicalID, Type string }
	Summary struct{ Add, Change, Replace, Remove int }
}

func TestDiffOfANewStackLeavesNothing(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct {
		code int
		args []string
	}{{0, nil}, {5, []string{"--exit-code"}}} {
		w.run(append([]string{"diff"}, tt.args...)...).exits(tt.code).onlyOut().
			out("AgentGroup", "AWS::AutoScaling::AutoScalingGroup", "to add, 0 to change, 0 to replace, 0 to remove")
		w.nothingLeft()
	}
	var d diff
	w.run("diff", "--output", "json").exits(0).onlyOut().decode(&d)
	if !d.Stack.New || d.Summary.Add != len(d.Changes) || d.Summary.Change+d.Summary.Replace+d.Summary.Remove != 0 {
		t.Errorf("diff is %+v", d)
	}
	w.nothingLeft()
	if objects := w.objects(); len(objects) != 0 {
		t.Errorf("diff uploaded %v", objects)
	}
}

func TestDiffOfADeployedStack(t *testing.T) {
	w := newWorld(t)
	w.run("deploy", "--yes").exits(0)
	w.forgetChangeSets("ci-fleet")
	before := w.template("ci-fleet")

	w.run("diff", "--exit-code").exits(0).onlyOut().out("Nothing to do")

	var d diff
	w.run("diff", "--exit-code", "--output", "json", "--set", "SEMAPHORE_AGENT_USE_DYNAMIC_SCALING=false").exits(5).decode(&d)
	var removed []string
	for _, c := range d.Changes {
		if c.Effect == "remove" {
			removed = append(removed, c.LogicalID)
		}
	}
	if d.Stack.New || d.Summary.Remove != len(removed) || !slices.Contains(removed, "ScalerFunction") || slices.Contains(removed, "AgentGroup") {
		t.Errorf("without dynamic scaling, the diff is %+v", d)
	}
	if sets := w.changeSets(); len(sets) != 0 {
		t.Errorf("change sets are left: %v", sets)
	}
	if status := w.stacks()["ci-fleet"]; status != "CREATE_COMPLETE" {
		t.Errorf("the stack is in status %s", status)
	}
	if after := w.template("ci-fleet"); after != before {
		t.Errorf("template changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

// objects are the keys in the asset bucket.
func (w *world) objects() []string {
	w.t.Helper()
	var keys []string
	for _, object := range must(w.s3.ListObjectsV2(w.t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(assetBucket)}))(w.t).Contents {
		keys = append(keys, aws.ToString(object.Key))
	}
	return keys
}
