package deploy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestStack(t *testing.T) {
	_, e := newScript(t, map[string][]answer{"DescribeStacks": {aStack("UPDATE_COMPLETE", object{
		"StackStatusReason": "why", "LastUpdatedTime": "2026-05-02T10:00:00Z", "EnableTerminationProtection": true, "Description": "a fleet",
		"Outputs":          array{object{"OutputKey": "Group", "OutputValue": "g"}},
		"DriftInformation": object{"StackDriftStatus": "IN_SYNC"}, "ChangeSetId": testSetARN, "RoleARN": "arn:role",
	})}})
	got, err := e.Stack(t.Context(), "fleet")
	if err != nil {
		t.Fatal(err)
	}
	want := &Stack{
		Name: "fleet", ID: testStackARN, Description: "a fleet", Status: "UPDATE_COMPLETE", StatusReason: "why", Tags: testOwner,
		Outputs: map[string]string{"Group": "g"}, TerminationProtection: true, DriftStatus: "IN_SYNC", ChangeSetID: testSetARN, RoleARN: "arn:role",
		Created: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC), Updated: time.Date(2026, 5, 2, 10, 0, 0, 0, time.UTC),
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestStackMissing(t *testing.T) {
	_, e := newScript(t, map[string][]answer{
		"DescribeStacks": {noStack("fleet")}, "ListStackResources": {noStack("fleet")}, "GetTemplate": {noStack("fleet")},
	})
	_, err := e.Stack(t.Context(), "fleet")
	is(t, err, ErrStackNotFound)
	if want := `stack "fleet" does not exist`; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	_, err = e.Resources(t.Context(), "fleet")
	is(t, err, ErrStackNotFound)
	_, err = e.Template(t.Context(), "fleet")
	says(t, err, `get template of "fleet"`)
}

func TestStacks(t *testing.T) {
	foreign := aStack("CREATE_COMPLETE", object{"StackName": "foreign", "Tags": nil})["Stacks"].(array)[0]
	mine := aStack("CREATE_COMPLETE")["Stacks"].(array)[0]
	other := aStack("CREATE_COMPLETE", object{"StackName": "a-bucket"})["Stacks"].(array)[0]
	_, e := newScript(t, map[string][]answer{"DescribeStacks": {
		object{"Stacks": array{mine, foreign}, "NextToken": "2"},
		object{"Stacks": array{other}},
		object{"Stacks": array{mine, other}},
	}})
	all, err := e.Stacks(t.Context(), nil)
	if err != nil || len(all) != 2 || all[0].Name != "a-bucket" || all[1].Name != "fleet" {
		t.Errorf("got %+v, %v", all, err)
	}
	some, err := e.Stacks(t.Context(), func(s *Stack) bool { return s.Name == "fleet" })
	if err != nil || len(some) != 1 {
		t.Errorf("got %+v, %v", some, err)
	}
}

func TestResources(t *testing.T) {
	resource := func(id string) object {
		return object{
			"LogicalResourceId": id, "PhysicalResourceId": "p", "ResourceType": "AWS::SNS::Topic", "ResourceStatus": "CREATE_COMPLETE",
			"ResourceStatusReason": "r", "LastUpdatedTimestamp": "2026-05-01T10:00:00Z", "DriftInformation": object{"StackResourceDriftStatus": "IN_SYNC"},
		}
	}
	_, e := newScript(t, map[string][]answer{"ListStackResources": {
		object{"StackResourceSummaries": array{resource("B")}, "NextToken": "2"}, object{"StackResourceSummaries": array{resource("A")}},
	}})
	got, err := e.Resources(t.Context(), testStackARN)
	if err != nil {
		t.Fatal(err)
	}
	a := Resource{
		LogicalID: "A", PhysicalID: "p", Type: "AWS::SNS::Topic", Status: "CREATE_COMPLETE", StatusReason: "r", DriftStatus: "IN_SYNC",
		Updated: time.Date(2026, 5, 1, 10, 0, 0, 0, time.UTC),
	}
	b := a
	b.LogicalID = "B"
	if d := cmp.Diff([]Resource{a, b}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestWait(t *testing.T) {
	s, e := newScript(t, map[string][]answer{"DescribeStacks": {
		aStack("UPDATE_IN_PROGRESS"), failure{503, "ServiceUnavailable", "later"}, aStack("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"), aStack("UPDATE_COMPLETE"),
	}})
	got, err := e.Wait(t.Context(), "fleet")
	if err != nil || got.Status != "UPDATE_COMPLETE" {
		t.Errorf("got %+v, %v", got, err)
	}
	if name := s.form("DescribeStacks").Get("StackName"); name != testStackARN {
		t.Errorf("waited for %q, which a deletion would hide", name)
	}
}
