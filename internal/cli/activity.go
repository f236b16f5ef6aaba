package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/lookup"
)

// shownActivities is the number of different reasons that stand under an error.
const shownActivities = 5

// groupError is an operation that failed on an Auto Scaling group, with what the group itself says: CloudFormation
// often knows only that it did not become stable.
type groupError struct {
	*deploy.StackError
	group   string
	reasons []string
}

func (e *groupError) Error() string {
	return e.StackError.Error() + "\nscaling activities of " + e.group + ":\n- " + strings.Join(e.reasons, "\n- ")
}

// Unwrap gives the failed operation.
func (e *groupError) Unwrap() error { return e.StackError }

// withActivities adds to a failure of an Auto Scaling group what its scaling activities tell. Where they cannot be
// read, that is one of the reasons.
func withActivities(ctx context.Context, s *session, err error) error {
	failed, ok := errors.AsType[*deploy.StackError](err)
	if !ok || failed.Cause == nil || failed.Cause.Type != "AWS::AutoScaling::AutoScalingGroup" || failed.Cause.PhysicalID == "" {
		return err
	}
	group := failed.Cause.PhysicalID
	reasons, lookErr := lookup.FailedActivities(ctx, autoscaling.NewFromConfig(s.Config), group, shownActivities)
	if lookErr != nil {
		reasons = []string{"they cannot be read: " + awserr.Message(lookErr)}
	}
	if len(reasons) == 0 {
		return err
	}
	return &groupError{StackError: failed, group: group, reasons: reasons}
}
