package deploy

import (
	"slices"
	"strings"
)

// rootCause is the first real failure of an operation, in time order: a resource's before any of the stack, none
// that only suffered another's failure, none of a clean-up, and a failed deletion only if it was not made good
// later. Nil when no event tells.
func rootCause(events []Event) *Event {
	if i := slices.IndexFunc(events, func(e Event) bool { return genuine(events, e) }); i >= 0 {
		return explained(events, i)
	}
	i := slices.IndexFunc(events, func(e Event) bool {
		return e.OfStack() && e.StatusReason != "" && e.StatusReason != "User Initiated" &&
			(e.Failed() || strings.Contains(e.Status, "ROLLBACK"))
	})
	if i < 0 {
		return nil
	}
	cause := events[i]
	return &cause
}

// rollbackCause is the first real failure after the rollback began, other than the operation's own cause.
func rollbackCause(events []Event, cause *Event) *Event {
	begin := rollbackBegin(events)
	if begin < 0 {
		return nil
	}
	for i, e := range events[begin:] {
		if genuine(events, e) && (cause == nil || e.ID != cause.ID) {
			return explained(events, begin+i)
		}
	}
	return nil
}

// rollbackBegin is the position of the stack's own event that begins a rollback; -1 for none.
func rollbackBegin(events []Event) int {
	return slices.IndexFunc(events, func(e Event) bool { return e.OfStack() && strings.HasSuffix(e.Status, "ROLLBACK_IN_PROGRESS") })
}

// stuck is what a deletion or rollback failed on in the end. What only the update before failed on is not: it cannot
// be skipped (ContinueUpdateRollback's ResourcesToSkip).
func stuck(events []Event) []Event {
	return lastOf(events[max(rollbackBegin(events), 0):], Event.Failed)
}

func genuine(events []Event, e Event) bool {
	if e.OfStack() || !e.Failed() || consequence(e.StatusReason) {
		return false
	}
	if e.Status != "DELETE_FAILED" {
		return true
	}
	return slices.ContainsFunc(lastOf(events, Event.Failed), func(last Event) bool {
		return last.LogicalID == e.LogicalID && last.PhysicalID == e.PhysicalID
	})
}

// consequence reports whether a status reason only says that something else failed.
func consequence(reason string) bool {
	for _, prefix := range []string{
		"Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled", "Resource import cancelled",
		"The following resource(s) failed to", "Rollback of the stack",
	} {
		if strings.HasPrefix(reason, prefix) {
			return true
		}
	}
	return false
}

// explained is the event with the reason of the hook that refused it, which stands in an earlier event of the
// same resource: the failure itself only names the hook.
func explained(events []Event, at int) *Event {
	cause := events[at]
	if !strings.Contains(cause.StatusReason, "hook(s) failed") {
		return &cause
	}
	for _, e := range slices.Backward(events[:at]) {
		if e.LogicalID == cause.LogicalID && strings.Contains(e.StatusReason, "::") && e.StatusReason != cause.StatusReason {
			cause.StatusReason += ": " + e.StatusReason
			break
		}
	}
	return &cause
}
