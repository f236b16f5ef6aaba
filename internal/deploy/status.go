package deploy

import (
	"slices"
	"strings"
)

// Status is the status of a stack, in CloudFormation's words, as UPDATE_ROLLBACK_COMPLETE.
type Status string

// InProgress reports whether an operation holds the stack. REVIEW_IN_PROGRESS is not one: nothing runs then.
func (s Status) InProgress() bool {
	return strings.HasSuffix(string(s), "_IN_PROGRESS") && !s.InReview()
}

// InReview reports whether the stack is only the shell of a change set that nobody has executed.
func (s Status) InReview() bool { return s == "REVIEW_IN_PROGRESS" }

// Gone reports whether the stack is deleted: it can be read by its ARN for 90 days, and its name is free.
func (s Status) Gone() bool { return s == "DELETE_COMPLETE" }

// Failed reports whether the last operation did not do what it was asked to: it failed, or was rolled back.
func (s Status) Failed() bool {
	return strings.HasSuffix(string(s), "_FAILED") || strings.HasSuffix(string(s), "ROLLBACK_COMPLETE")
}

// CanUpdate reports whether a change set can be made for the stack's resources.
func (s Status) CanUpdate() bool {
	return slices.Contains([]Status{
		"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
	}, s)
}

// NeedsDelete reports whether deleting the stack is the only way on.
func (s Status) NeedsDelete() bool {
	return slices.Contains([]Status{"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED"}, s)
}

// NeedsRollback reports whether the stack stopped half way through an update, and must finish going back.
func (s Status) NeedsRollback() bool { return s == "UPDATE_FAILED" || s == "UPDATE_ROLLBACK_FAILED" }

// Way is what gets a stack out of a status in which no change set can be made for it.
type Way string

// The ways out of a status.
const (
	WayReview           Way = "Review"           // execute or discard the change sets that await review
	WayRecreate         Way = "Recreate"         // delete the stack, then create it again
	WayFinishDelete     Way = "FinishDelete"     // delete again: retaining what is stuck, or by force
	WayRollBack         Way = "RollBack"         // Rollback: back to the state before the failed update
	WayContinueRollback Way = "ContinueRollback" // Rollback: go on with a rollback that got stuck
	WayUnknown          Way = "Unknown"          // a status that this version knows no way out of
)

func (s Status) way() Way {
	switch s {
	case "REVIEW_IN_PROGRESS":
		return WayReview
	case "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED":
		return WayRecreate
	case "DELETE_FAILED":
		return WayFinishDelete
	case "UPDATE_FAILED":
		return WayRollBack
	case "UPDATE_ROLLBACK_FAILED":
		return WayContinueRollback
	}
	return WayUnknown
}
