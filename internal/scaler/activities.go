package scaler

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	readPause  = time.Minute      // between two reads of the record
	recordPage = 100              // the largest page that DescribeScalingActivities gives
	recent     = 10 * time.Minute // a failed launch that is older explains nothing that is missing now
	mostCause  = 300              // characters of a cause in the log
)

// launchPrefix begins the description of a launch; the instance's ID follows where there is one.
const launchPrefix = "Launching a new EC2 instance: "

// record is what a group's scaling activities tell, newest first there.
type record struct {
	launches map[string]time.Time // by instance ID
	pageEnd  time.Time            // start of the oldest activity of a full page, else zero
	failure  *launchFailure       // the newest, where it is recent
}

type launchFailure struct {
	class failureClass
	cause string // Auto Scaling's words
}

func readRecord(ctx context.Context, api AutoScaling, name string, now time.Time) (record, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	out, err := api.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{
		AutoScalingGroupName: aws.String(name),
		MaxRecords:           aws.Int32(recordPage),
	})
	if err != nil {
		return record{}, fmt.Errorf("describe scaling activities of %q: %w", name, err)
	}
	r := record{launches: map[string]time.Time{}}
	for _, a := range out.Activities {
		start := aws.ToTime(a.StartTime)
		id, isLaunch := strings.CutPrefix(aws.ToString(a.Description), launchPrefix)
		if r.failure == nil && isFailedLaunch(a) && now.Sub(start) < recent {
			r.failure = newLaunchFailure(aws.ToString(a.StatusMessage))
		}
		if isLaunch {
			r.launches[strings.TrimSpace(id)] = start
		}
	}
	if len(out.Activities) >= recordPage {
		r.pageEnd = aws.ToTime(out.Activities[len(out.Activities)-1].StartTime)
	}
	return r, nil
}

// isFailedLaunch knows a launch by its description's first word: a failed one names no instance.
func isFailedLaunch(a types.Activity) bool {
	failed := a.StatusCode == types.ScalingActivityStatusCodeFailed || a.StatusCode == types.ScalingActivityStatusCodeCancelled
	return failed && strings.HasPrefix(aws.ToString(a.Description), "Launching")
}

func newLaunchFailure(message string) *launchFailure {
	class := classify(message)
	if len(message) > mostCause {
		message = message[:mostCause] + "..."
	}
	return &launchFailure{class: class, cause: strings.ToValidUTF8(message, "")}
}
