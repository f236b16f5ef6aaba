package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/semagent/semagent/internal/awserr"
)

// eventPages calls page with the stack's events, newest first, until it answers false or there are no more.
func (e *Engine) eventPages(
	ctx context.Context, stackID string, retry func(*cloudformation.Options), page func([]Event) (more bool),
) error {
	pages := cloudformation.NewDescribeStackEventsPaginator(e.client, &cloudformation.DescribeStackEventsInput{StackName: &stackID})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx, retry)
		if err != nil {
			return fmt.Errorf("read events of stack %q: %w", stackID, err)
		}
		events := make([]Event, 0, len(out.StackEvents))
		for _, raw := range out.StackEvents {
			events = append(events, newEvent(raw))
		}
		if !page(events) {
			return nil
		}
	}
	return nil
}

// unseen reads the events that are not in seen, oldest first, and adds them to it. It stops at the first page
// with an event that is known: everything older is, too.
func (e *Engine) unseen(ctx context.Context, stackID string, seen map[string]bool) ([]Event, error) {
	var fresh []Event
	err := e.eventPages(ctx, stackID, e.once, func(page []Event) bool {
		known := false
		for _, event := range page {
			if seen[event.ID] {
				known = true
				continue
			}
			fresh = append(fresh, event)
		}
		return !known
	})
	if err != nil {
		return nil, err // half a list would leave a gap that is never filled
	}
	slices.Reverse(fresh)
	return slices.DeleteFunc(fresh, func(event Event) bool {
		known := seen[event.ID] // a page shifts when an event arrives while paging
		seen[event.ID] = true
		return known
	}), nil
}

func newEvent(e types.StackEvent) Event {
	event := Event{
		ID:           aws.ToString(e.EventId),
		Time:         aws.ToTime(e.Timestamp),
		StackID:      aws.ToString(e.StackId),
		LogicalID:    aws.ToString(e.LogicalResourceId),
		PhysicalID:   aws.ToString(e.PhysicalResourceId),
		Type:         aws.ToString(e.ResourceType),
		Status:       string(e.ResourceStatus),
		StatusReason: aws.ToString(e.ResourceStatusReason),
		Token:        aws.ToString(e.ClientRequestToken),
		OperationID:  aws.ToString(e.OperationId),
	}
	if event.StatusReason == "" && e.HookStatusReason != nil {
		event.StatusReason = strings.TrimSpace(aws.ToString(e.HookType) + ": " + *e.HookStatusReason)
	}
	return event
}

// Failed reports whether the event says that something went wrong.
func (e Event) Failed() bool { return strings.HasSuffix(e.Status, "_FAILED") }

// InProgress reports whether the event's resource is being worked on.
func (e Event) InProgress() bool { return strings.HasSuffix(e.Status, "_IN_PROGRESS") }

// trouble reports whether a failed look is worth repeating for as long as it takes: it says something about AWS
// or the way there, and nothing about the stack.
func trouble(err error) bool {
	return awserr.IsThrottled(err) || awserr.IsTransient(err) || awserr.IsUnknownHost(err) || errors.Is(err, io.ErrUnexpectedEOF) ||
		retry.IsErrorRetryables(retry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary
}
