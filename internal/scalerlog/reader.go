package scalerlog

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/semagent/semagent/internal/awserr"
)

// API is what the package needs of *cloudwatchlogs.Client.
type API interface {
	FilterLogEvents(context.Context, *cloudwatchlogs.FilterLogEventsInput, ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error)
}

// lateness is how long after its time an event may show up in FilterLogEvents.
const lateness = 30 * time.Second

// everything is no pattern. One that only leaves the metrics out would save little: a failed call is the dearer thing.
const everything = ""

// Entries are the entries of a log group since a moment, oldest first, to the end of the log.
func Entries(ctx context.Context, api API, group string, since time.Time) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for event, err := range events(ctx, api, group, everything, since) {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if e, ok := read(event); ok && !yield(e, nil) {
				return
			}
		}
	}
}

// Follow is Entries that goes on: at the end of the log it waits for pause and looks again, until ctx ends. Being throttled
// only slows it down; any other error ends it, ctx's own among them.
func Follow(ctx context.Context, api API, group string, since time.Time, pause time.Duration) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		shown := map[string]time.Time{} // by event ID
		for {
			for event, err := range events(ctx, api, group, everything, since) {
				if err != nil && !awserr.IsThrottled(err) {
					yield(Entry{}, err)
					return
				}
				if err != nil || !shown[aws.ToString(event.EventId)].IsZero() {
					continue
				}
				shown[aws.ToString(event.EventId)] = timeOf(event)
				if e, ok := read(event); ok && !yield(e, nil) {
					return
				}
			}
			since = forget(shown, since)
			select {
			case <-time.After(pause):
			case <-ctx.Done():
				yield(Entry{}, context.Cause(ctx))
				return
			}
		}
	}
}

// forget drops the IDs of events that cannot come again, and returns the moment to look from next.
func forget(shown map[string]time.Time, since time.Time) time.Time {
	for _, at := range shown {
		if from := at.Add(-lateness); from.After(since) {
			since = from
		}
	}
	for id, at := range shown {
		if at.Before(since) {
			delete(shown, id)
		}
	}
	return since
}

// LastDecision is the newest decision since a moment; ok is false when there is none.
func LastDecision(ctx context.Context, api API, group string, since time.Time) (last Entry, ok bool, err error) {
	for event, err := range events(ctx, api, group, `{ $.msg = "decision" }`, since) {
		if err != nil {
			return Entry{}, false, err
		}
		if e, readable := read(event); readable {
			last, ok = e, true
		}
	}
	return last, ok, nil
}

func events(ctx context.Context, api API, group, pattern string, since time.Time) iter.Seq2[types.FilteredLogEvent, error] {
	return func(yield func(types.FilteredLogEvent, error) bool) {
		input := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), StartTime: aws.Int64(since.UnixMilli())}
		if pattern != everything {
			input.FilterPattern = aws.String(pattern)
		}
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(api, input)
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				yield(types.FilteredLogEvent{}, fmt.Errorf("read log group %q: %w", group, err))
				return
			}
			for _, event := range page.Events {
				if !yield(event, nil) {
					return
				}
			}
		}
	}
}

func read(event types.FilteredLogEvent) (Entry, bool) {
	return parse(timeOf(event), aws.ToString(event.Message))
}

func timeOf(event types.FilteredLogEvent) time.Time {
	return time.UnixMilli(aws.ToInt64(event.Timestamp)).UTC()
}
