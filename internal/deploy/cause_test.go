package deploy

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// told makes events of lines "LogicalID STATUS reason"; the stack's own logical ID is "fleet".
func told(lines ...string) []Event {
	var list []Event
	for i, line := range lines {
		parts := append(strings.SplitN(line, " ", 3), "")
		e := Event{
			ID: strconv.Itoa(i), Time: time.Unix(int64(i), 0), StackID: testStackARN, LogicalID: parts[0], PhysicalID: "physical-" + parts[0],
			Type: "AWS::Test::Thing", Status: parts[1], StatusReason: parts[2],
		}
		if e.LogicalID == "fleet" {
			e.PhysicalID = testStackARN
		}
		list = append(list, e)
	}
	return list
}

func TestRootCause(t *testing.T) {
	for name, tc := range map[string]struct {
		events   []string
		want     string // the cause's line; empty for none
		rollback string
	}{
		"the first in time, not who was cancelled": {
			events: []string{
				"fleet CREATE_IN_PROGRESS User Initiated",
				"A CREATE_FAILED Resource creation cancelled",
				"B CREATE_FAILED Bucket name taken",
				"C CREATE_FAILED Also bad",
				"fleet ROLLBACK_IN_PROGRESS The following resource(s) failed to create: [A, B, C]. Rollback requested by user.",
				"B DELETE_COMPLETE",
				"fleet ROLLBACK_COMPLETE",
			},
			want: "B CREATE_FAILED Bucket name taken",
		},
		"a stuck rollback has two causes": {
			events: []string{
				"fleet UPDATE_IN_PROGRESS User Initiated",
				"A UPDATE_FAILED No such AMI",
				"fleet UPDATE_ROLLBACK_IN_PROGRESS The following resource(s) failed to update: [A].",
				"B UPDATE_FAILED Old zip is gone",
				"fleet UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [B].",
			},
			want:     "A UPDATE_FAILED No such AMI",
			rollback: "B UPDATE_FAILED Old zip is gone",
		},
		"a continued rollback has the rollback's cause": {
			events: []string{
				"fleet UPDATE_ROLLBACK_IN_PROGRESS User Initiated",
				"B UPDATE_FAILED Old zip is gone",
				"fleet UPDATE_ROLLBACK_FAILED The following resource(s) failed to update: [B].",
			},
			want: "B UPDATE_FAILED Old zip is gone",
		},
		"a deletion made good later is none": {
			events: []string{
				"fleet DELETE_IN_PROGRESS User Initiated",
				"A DELETE_FAILED In use",
				"B DELETE_FAILED Not empty",
				"A DELETE_IN_PROGRESS",
				"A DELETE_COMPLETE",
				"fleet DELETE_FAILED The following resource(s) failed to delete: [B].",
			},
			want: "B DELETE_FAILED Not empty",
		},
		"only the stack tells": {
			events: []string{
				"fleet UPDATE_IN_PROGRESS User Initiated",
				"fleet UPDATE_ROLLBACK_IN_PROGRESS Template error: no such thing",
				"fleet UPDATE_ROLLBACK_COMPLETE",
			},
			want: "fleet UPDATE_ROLLBACK_IN_PROGRESS Template error: no such thing",
		},
		"a hook's reason is added to its name": {
			events: []string{
				"A CREATE_IN_PROGRESS Org::Guard::Hook: encryption is off",
				"A CREATE_FAILED The following hook(s) failed: [Org::Guard::Hook]",
			},
			want: "A CREATE_FAILED The following hook(s) failed: [Org::Guard::Hook]: Org::Guard::Hook: encryption is off",
		},
		"a resource named like the stack is not the stack": {
			events: []string{"fleet2 CREATE_FAILED Bad"},
			want:   "fleet2 CREATE_FAILED Bad",
		},
		"nothing failed": {events: []string{"fleet UPDATE_IN_PROGRESS User Initiated", "A UPDATE_COMPLETE", "fleet UPDATE_COMPLETE"}},
		"no events":      {},
	} {
		t.Run(name, func(t *testing.T) {
			list := told(tc.events...)
			cause := rootCause(list)
			if d := cmp.Diff(tc.want, line(cause)); d != "" {
				t.Errorf("cause (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tc.rollback, line(rollbackCause(list, cause))); d != "" {
				t.Errorf("rollback cause (-want +got):\n%s", d)
			}
		})
	}
}

func line(e *Event) string {
	if e == nil {
		return ""
	}
	return strings.TrimSpace(e.LogicalID + " " + e.Status + " " + e.StatusReason)
}

func TestStackErrorSentence(t *testing.T) {
	list := told("fleet UPDATE_IN_PROGRESS", "Group UPDATE_FAILED Image ami-1 not found", "fleet UPDATE_ROLLBACK_IN_PROGRESS", "Role UPDATE_FAILED Denied")
	err := &StackError{StackName: "fleet", Status: "UPDATE_ROLLBACK_FAILED", Cause: &list[1], RollbackCause: &list[3]}
	want := `stack "fleet" ended in status UPDATE_ROLLBACK_FAILED: Group (AWS::Test::Thing): Image ami-1 not found; ` +
		`the rollback stopped: Role (AWS::Test::Thing): Denied`
	if got := err.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	bare := &StackError{StackName: "fleet", Status: "DELETE_FAILED", StatusReason: "because"}
	if got, want := bare.Error(), `stack "fleet" ended in status DELETE_FAILED: because`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestStatus(t *testing.T) {
	type facts struct {
		InProgress, InReview, Gone, Failed, CanUpdate, NeedsDelete, NeedsRollback bool
		Way                                                                       Way
	}
	for status, want := range map[Status]facts{
		"CREATE_IN_PROGRESS":                           {InProgress: true, Way: WayUnknown},
		"CREATE_FAILED":                                {Failed: true, NeedsDelete: true, Way: WayRecreate},
		"CREATE_COMPLETE":                              {CanUpdate: true, Way: WayUnknown},
		"ROLLBACK_IN_PROGRESS":                         {InProgress: true, Way: WayUnknown},
		"ROLLBACK_FAILED":                              {Failed: true, NeedsDelete: true, Way: WayRecreate},
		"ROLLBACK_COMPLETE":                            {Failed: true, NeedsDelete: true, Way: WayRecreate},
		"DELETE_IN_PROGRESS":                           {InProgress: true, Way: WayUnknown},
		"DELETE_FAILED":                                {Failed: true, NeedsDelete: true, Way: WayFinishDelete},
		"DELETE_COMPLETE":                              {Gone: true, Way: WayUnknown},
		"UPDATE_IN_PROGRESS":                           {InProgress: true, Way: WayUnknown},
		"UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":          {InProgress: true, Way: WayUnknown},
		"UPDATE_COMPLETE":                              {CanUpdate: true, Way: WayUnknown},
		"UPDATE_FAILED":                                {Failed: true, NeedsRollback: true, Way: WayRollBack},
		"UPDATE_ROLLBACK_IN_PROGRESS":                  {InProgress: true, Way: WayUnknown},
		"UPDATE_ROLLBACK_FAILED":                       {Failed: true, NeedsRollback: true, Way: WayContinueRollback},
		"UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": {InProgress: true, Way: WayUnknown},
		"UPDATE_ROLLBACK_COMPLETE":                     {Failed: true, CanUpdate: true, Way: WayUnknown},
		"REVIEW_IN_PROGRESS":                           {InReview: true, Way: WayReview},
		"IMPORT_IN_PROGRESS":                           {InProgress: true, Way: WayUnknown},
		"IMPORT_COMPLETE":                              {CanUpdate: true, Way: WayUnknown},
		"IMPORT_ROLLBACK_IN_PROGRESS":                  {InProgress: true, Way: WayUnknown},
		"IMPORT_ROLLBACK_FAILED":                       {Failed: true, Way: WayUnknown},
		"IMPORT_ROLLBACK_COMPLETE":                     {Failed: true, CanUpdate: true, Way: WayUnknown},
	} {
		t.Run(string(status), func(t *testing.T) {
			got := facts{
				status.InProgress(), status.InReview(), status.Gone(), status.Failed(), status.CanUpdate(), status.NeedsDelete(),
				status.NeedsRollback(), status.way(),
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
}
