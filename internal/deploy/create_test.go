package deploy

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var testTemplate = []byte(`{"Resources":{"A":{"Type":"AWS::SNS::Topic"}},"Outputs":{"Name":{"Value":{"Ref":"A"}}}}`)

func testRequest() Request {
	return Request{StackName: "fleet", Template: testTemplate, Tags: map[string]string{"team": "ci"}, Name: func() string { return "set" }}
}

func topic(action, display string) object {
	return object{"Type": "Resource", "ResourceChange": object{
		"Action": action, "LogicalResourceId": "A", "ResourceType": "AWS::SNS::Topic",
		"AfterContext": `{"Properties":{"DisplayName":"` + display + `"}}`,
	}}
}

// made answers DescribeChangeSet.
func made(status string, more object) object {
	set := object{"ChangeSetId": testSetARN, "ChangeSetName": "set", "StackId": testStackARN, "StackName": "fleet", "Status": status}
	maps.Copy(set, more)
	return set
}

var created = object{"Id": testSetARN, "StackId": testStackARN}

// quiet are the answers of calls that most cases do not care about.
func quiet(more map[string][]answer) map[string][]answer {
	answers := map[string][]answer{
		"DescribeEvents":      {object{}},
		"GetTemplate":         {object{"TemplateBody": string(testTemplate)}},
		"CreateChangeSet":     {created},
		"DescribeStackEvents": {object{}},
		"DeleteChangeSet":     {object{}},
		"DeleteStack":         {object{}},
		"ListChangeSets":      {object{}},
	}
	maps.Copy(answers, more)
	return answers
}

func TestCreateChangeSet(t *testing.T) {
	s, e := newScript(t, quiet(map[string][]answer{
		"DescribeStacks": {aStack("UPDATE_COMPLETE")},
		"DescribeChangeSet": {
			failure{404, "ChangeSetNotFound", "ChangeSet [set] does not exist"}, // not visible at once
			made("CREATE_PENDING", nil),
			made("CREATE_COMPLETE", object{"ExecutionStatus": "AVAILABLE", "NextToken": "2", "Changes": array{topic("Modify", "b")}}),
			made("CREATE_COMPLETE", object{
				"ExecutionStatus": "AVAILABLE",
				"Changes":         array{object{"Type": "Resource", "ResourceChange": object{"Action": "Add", "LogicalResourceId": "B"}}, object{"Type": "Hook"}},
				"Tags":            array{object{"Key": "team", "Value": "ci"}},
			}),
		},
		"DescribeEvents": {object{"OperationEvents": array{
			object{"EventType": "STACK_EVENT"},
			object{
				"EventType": "VALIDATION_ERROR", "LogicalResourceId": "A", "ValidationPath": "/Properties/TopicName", "ValidationFailureMode": "WARN",
				"ValidationName": "NAME_CONFLICT", "ValidationStatusReason": "a topic of that name exists",
			},
		}}},
		"GetTemplate": {object{"TemplateBody": "Outputs:\n  Name:\n    Value: !Ref B\n  Old:\n    Value: x\n"}},
	}))
	cs, err := e.CreateChangeSet(t.Context(), testRequest())
	if err != nil {
		t.Fatal(err)
	}
	want := &ChangeSet{
		ID: testSetARN, Name: "set", StackID: testStackARN, StackName: "fleet", Executable: "AVAILABLE",
		Changes: []Change{
			{Action: Modify, LogicalID: "A", Type: "AWS::SNS::Topic", Replacement: ReplaceNever, After: map[string]any{"Properties": map[string]any{"DisplayName": "b"}}},
			{Action: Add, LogicalID: "B", Replacement: ReplaceNever},
		},
		Outputs: []PropertyChange{
			{Path: "/Outputs/Name/Value", Action: Modify, Before: `{"Ref":"B"}`, After: `{"Ref":"A"}`, Replacement: ReplaceNever},
			{Path: "/Outputs/Old", Action: Remove, Before: `{"Value":"x"}`, Replacement: ReplaceNever},
		},
		Warnings: []string{"A/Properties/TopicName: a topic of that name exists (NAME_CONFLICT)"},
	}
	if d := cmp.Diff(want, cs); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	form := s.form("CreateChangeSet")
	for key, want := range map[string]string{
		"ChangeSetType": "UPDATE", "ChangeSetName": "set", "OnStackFailure": "", "TemplateBody": string(testTemplate),
		"Tags.member.1.Key": "semagent:managed", "Tags.member.2.Key": "team", "Tags.member.3.Key": "",
	} {
		if got := form.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if form.Get("ClientToken") == "" {
		t.Error("no token to retry with")
	}
	if n := s.called("DeleteChangeSet"); n != 0 {
		t.Errorf("deleted a change set that is wanted (%d times)", n)
	}
}

func TestIncompleteValues(t *testing.T) {
	const reason = "[WARN] --include-property-values option can return incomplete ChangeSet data because: Template error in B."
	_, e := newScript(t, quiet(map[string][]answer{
		"DescribeStacks": {aStack("UPDATE_COMPLETE")},
		"DescribeChangeSet": {
			made("CREATE_COMPLETE", object{"StatusReason": reason, "Changes": array{topic("Add", "x")}}),
			made("CREATE_COMPLETE", object{"Changes": array{
				topic("Add", "x"),
				object{"Type": "Resource", "ResourceChange": object{"Action": "Modify", "Replacement": "False", "LogicalResourceId": "B", "Details": array{
					object{"Evaluation": "Dynamic", "CausingEntity": "A.Arn", "Target": object{"Attribute": "Properties", "Name": "Name", "RequiresRecreation": "Never"}},
				}}},
			}}),
		},
	}))
	cs, err := e.CreateChangeSet(t.Context(), testRequest())
	if err != nil {
		t.Fatal(err)
	}
	want := Change{Action: Modify, LogicalID: "B", Replacement: ReplaceNever, Incomplete: true, Properties: []PropertyChange{
		{Path: "/Properties/Name", Action: Modify, Replacement: ReplaceNever, Dynamic: true, Cause: "A.Arn"},
	}}
	if d := cmp.Diff(want, cs.Changes[1]); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"CloudFormation could not tell all property values (none of B): Template error in B."}, cs.Warnings); d != "" {
		t.Errorf("warnings (-want +got):\n%s", d)
	}
}

func TestCreateChangeSetFails(t *testing.T) {
	for name, tc := range map[string]struct {
		answers map[string][]answer
		check   func(error) bool
		deleted []string // calls that clean up
	}{
		"no changes": {
			answers: map[string][]answer{
				"DescribeStacks":    {aStack("CREATE_COMPLETE")},
				"DescribeChangeSet": {made("FAILED", object{"StatusReason": "The submitted information didn't contain changes. Submit different information to create a change set."})},
			},
			check:   isA(ErrNoChanges),
			deleted: []string{"DeleteChangeSet"},
		},
		"no changes, in other words": {
			answers: map[string][]answer{
				"DescribeStacks":    {aStack("CREATE_COMPLETE")},
				"DescribeChangeSet": {made("FAILED", object{"StatusReason": "No updates are to be performed."})},
			},
			check:   isA(ErrNoChanges),
			deleted: []string{"DeleteChangeSet"},
		},
		"a failed set of a new stack, with findings": {
			answers: map[string][]answer{
				"DescribeStacks":    {noStack("fleet"), aStack("REVIEW_IN_PROGRESS"), aStack("DELETE_IN_PROGRESS"), aStack("DELETE_COMPLETE")},
				"DescribeChangeSet": {made("FAILED", object{"StatusReason": "Validation failed."})},
				"DescribeEvents": {object{"OperationEvents": array{
					object{"EventType": "VALIDATION_ERROR", "LogicalResourceId": "A", "ValidationStatusReason": "name taken"},
				}}},
				"ListChangeSets": {object{"Summaries": array{object{"ChangeSetId": testSetARN, "ChangeSetName": "set", "Status": "FAILED"}}}},
			},
			check: func(err error) bool {
				return hasA[*ChangeSetError](err) && err.Error() == `create change set for stack "fleet": Validation failed.; A: name taken`
			},
			deleted: []string{"DeleteChangeSet", "DeleteStack"},
		},
		"a failed set of a new stack that another set shares": {
			answers: map[string][]answer{
				"DescribeStacks":    {noStack("fleet"), aStack("REVIEW_IN_PROGRESS")},
				"DescribeChangeSet": {made("FAILED", object{"StatusReason": "Bad."})},
				"ListChangeSets":    {object{"Summaries": array{object{"ChangeSetId": "arn:other", "ChangeSetName": "other", "Status": "CREATE_COMPLETE"}}}},
			},
			check:   hasA[*ChangeSetError],
			deleted: []string{"DeleteChangeSet"},
		},
		"the template is refused": {
			answers: map[string][]answer{
				"DescribeStacks":  {aStack("CREATE_COMPLETE")},
				"CreateChangeSet": {failure{400, "ValidationError", "Template format error: nonsense"}},
			},
			check: mentions("Template format error"),
		},
		"an account's limit is not waited out": {
			answers: map[string][]answer{
				"DescribeStacks":  {aStack("CREATE_COMPLETE")},
				"CreateChangeSet": {failure{400, "LimitExceededException", "Stack limit"}, failure{400, "Unexpected", "a second try"}},
			},
			check: mentions("Stack limit"),
		},
		"overtaken by another operation": {
			answers: map[string][]answer{
				"DescribeStacks":  {aStack("CREATE_COMPLETE"), aStack("UPDATE_IN_PROGRESS")},
				"CreateChangeSet": {failure{400, "ValidationError", "Stack:" + testStackARN + " is in UPDATE_IN_PROGRESS state and can not be updated."}},
			},
			check: hasA[*BusyError],
		},
		"cleaning up is denied": {
			answers: map[string][]answer{
				"DescribeStacks":    {aStack("CREATE_COMPLETE")},
				"DescribeChangeSet": {made("FAILED", object{"StatusReason": "No updates are to be performed."})},
				"DeleteChangeSet":   {failure{403, "AccessDenied", "not you"}},
			},
			check:   func(err error) bool { return isA(ErrNoChanges)(err) && mentions("not you")(err) },
			deleted: []string{"DeleteChangeSet"},
		},
		"deleted by somebody while it is made": {
			answers: map[string][]answer{
				"DescribeStacks":    {aStack("CREATE_COMPLETE")},
				"DescribeChangeSet": {made("DELETE_COMPLETE", nil)},
			},
			check:   hasA[*StaleError],
			deleted: []string{"DeleteChangeSet"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newScript(t, quiet(tc.answers))
			cs, err := e.CreateChangeSet(t.Context(), testRequest())
			if err == nil {
				t.Fatalf("no error, but %+v", cs)
			}
			if !tc.check(err) {
				t.Errorf("got error %v", err)
			}
			for _, action := range []string{"DeleteChangeSet", "DeleteStack"} {
				if got, want := s.called(action) > 0, slices.Contains(tc.deleted, action); got != want {
					t.Errorf("called %s: %t, want %t", action, got, want)
				}
			}
		})
	}
}

func TestCreateChangeSetRefusals(t *testing.T) {
	log := events(
		anEvent(1, "fleet", "CREATE_COMPLETE", "", "before"),
		anEvent(2, "fleet", "UPDATE_IN_PROGRESS", "User Initiated", "console-1"),
		anEvent(3, "A", "UPDATE_FAILED", "No such image", "console-1"),
		anEvent(4, "fleet", "UPDATE_ROLLBACK_IN_PROGRESS", "", "console-1"),
	)
	for status, want := range map[string]Way{
		"ROLLBACK_COMPLETE":      WayRecreate,
		"ROLLBACK_FAILED":        WayRecreate,
		"CREATE_FAILED":          WayRecreate,
		"DELETE_FAILED":          WayFinishDelete,
		"UPDATE_FAILED":          WayRollBack,
		"UPDATE_ROLLBACK_FAILED": WayContinueRollback,
		"IMPORT_ROLLBACK_FAILED": WayUnknown,
	} {
		t.Run(status, func(t *testing.T) {
			_, e := newScript(t, quiet(map[string][]answer{"DescribeStacks": {aStack(status)}, "DescribeStackEvents": {log}}))
			_, err := e.CreateChangeSet(t.Context(), testRequest())
			state := as[*StateError](t, err)
			if state.Way != want || state.Status != Status(status) || state.Cause == nil || state.Cause.LogicalID != "A" {
				t.Errorf("got %+v, cause %+v", state, state.Cause)
			}
			says(t, err, "A (AWS::Test::Thing): No such image")
		})
	}
	for _, status := range []string{"UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"} {
		t.Run(status, func(t *testing.T) {
			_, e := newScript(t, quiet(map[string][]answer{"DescribeStacks": {aStack(status)}, "DescribeStackEvents": {log}}))
			_, err := e.CreateChangeSet(t.Context(), testRequest())
			busy := as[*BusyError](t, err)
			want := &BusyError{
				StackName: "fleet", StackID: testStackARN, Status: Status(status), Since: time.Date(2026, 5, 1, 10, 0, 2, 0, time.UTC), Token: "console-1",
			}
			if d := cmp.Diff(want, busy); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	t.Run("events denied", func(t *testing.T) {
		_, e := newScript(t, quiet(map[string][]answer{
			"DescribeStacks":      {aStack("UPDATE_IN_PROGRESS", object{"LastUpdatedTime": "2026-05-02T10:00:00Z"})},
			"DescribeStackEvents": {failure{403, "AccessDenied", "no"}},
		}))
		_, err := e.CreateChangeSet(t.Context(), testRequest())
		if busy := as[*BusyError](t, err); busy.Since.Day() != 2 {
			t.Errorf("since %v", busy.Since)
		}
	})
}

func TestCreateChangeSetInReview(t *testing.T) {
	describe := made("CREATE_COMPLETE", object{"Changes": array{topic("Add", "x")}})
	for name, tc := range map[string]struct {
		sets []string // status of the sets that are there
		want int      // of them await review
	}{
		"a shell that is left over":             {nil, 0},
		"only sets that can never be executed":  {[]string{"FAILED", "DELETE_COMPLETE"}, 0},
		"somebody's reviewed set":               {[]string{"CREATE_COMPLETE"}, 1},
		"two, one of which is still being made": {[]string{"CREATE_COMPLETE", "FAILED", "CREATE_IN_PROGRESS"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			var summaries array
			for _, status := range tc.sets {
				summaries = append(summaries, object{"ChangeSetId": "arn:" + status, "Status": status})
			}
			s, e := newScript(t, quiet(map[string][]answer{
				"DescribeStacks":    {aStack("REVIEW_IN_PROGRESS", object{"Tags": nil})},
				"ListChangeSets":    {object{"Summaries": summaries}},
				"DescribeChangeSet": {describe},
			}))
			cs, err := e.CreateChangeSet(t.Context(), testRequest())
			if tc.want > 0 {
				if state := as[*StateError](t, err); state.Way != WayReview || len(state.ChangeSets) != tc.want {
					t.Errorf("got %+v", state)
				}
				return
			}
			if err != nil || !cs.NewStack || s.form("CreateChangeSet").Get("ChangeSetType") != "CREATE" {
				t.Errorf("got %+v, %v", cs, err)
			}
		})
	}
}

func TestForeignStack(t *testing.T) {
	foreign := aStack("CREATE_COMPLETE", object{"Tags": array{object{"Key": "semagent:managed", "Value": "false"}}})
	_, e := newScript(t, quiet(map[string][]answer{
		"DescribeStacks":    {foreign},
		"DescribeChangeSet": {made("CREATE_COMPLETE", object{"Changes": array{topic("Add", "x")}, "Tags": nil})},
	}))
	_, err := e.CreateChangeSet(t.Context(), testRequest())
	isOf[*ForeignError](t, err)
	r := testRequest()
	r.Adopt = true
	if _, err := e.CreateChangeSet(t.Context(), r); err != nil {
		t.Errorf("adopt: %v", err)
	}
	_, err = e.Delete(t.Context(), &Stack{ID: testStackARN}, DeleteOptions{})
	isOf[*ForeignError](t, err)
	_, err = e.ChangeSet(t.Context(), testSetARN)
	isOf[*ForeignError](t, err)
}

func TestRequestCheck(t *testing.T) {
	_, e := newScript(t, nil) // every call is unplanned
	for name, tc := range map[string]struct {
		request Request
		want    string
	}{
		"no name":      {Request{Template: testTemplate}, "no stack name"},
		"no template":  {Request{StackName: "fleet"}, "no template"},
		"too long":     {Request{StackName: "fleet", Template: make([]byte, 51201)}, "51201 bytes"},
		"no such kind": {Request{StackName: "", TemplateURL: "https://x"}, "no stack name"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := e.CreateChangeSet(t.Context(), tc.request)
			says(t, err, tc.want)
		})
	}
	if _, err := e.ChangeSet(t.Context(), "my-set"); err == nil || !strings.Contains(err.Error(), "not the ARN") {
		t.Errorf("a name for an ARN: %v", err)
	}
}

func TestInterruptedCreate(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, e := newScript(t, quiet(map[string][]answer{
		"DescribeStacks":    {noStack("fleet"), aStack("REVIEW_IN_PROGRESS"), noStack(testStackARN)},
		"DescribeChangeSet": {made("CREATE_PENDING", nil)},
	}))
	go func() {
		for s.called("DescribeChangeSet") < 3 {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	_, err := e.CreateChangeSet(ctx, testRequest())
	is(t, err, context.Canceled)
	if s.called("DeleteChangeSet") != 1 || s.called("DeleteStack") != 1 {
		t.Errorf("left something behind: %v", s.calls)
	}
}

func is(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("got error %v, want %v", err, target)
	}
}

func as[E error](t *testing.T, err error) E {
	t.Helper()
	target, ok := errors.AsType[E](err)
	if !ok {
		t.Fatalf("got error %v, want a %T", err, target)
	}
	return target
}

func isOf[E error](t *testing.T, err error) {
	t.Helper()
	_ = as[E](t, err)
}

func says(t *testing.T, err error, part string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), part) {
		t.Errorf("got error %v, want %q in it", err, part)
	}
}

func isA(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func hasA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func mentions(part string) func(error) bool {
	return func(err error) bool { return err != nil && strings.Contains(err.Error(), part) }
}
