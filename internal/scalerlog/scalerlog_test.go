package scalerlog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		line, want string // want is kind: text; empty: left out
	}{
		"decision": {`{"level":"INFO","msg":"decision","reason":"no jobs: desired capacity of 0 stays","target":0}`, "decision: no jobs: desired capacity of 0 stays"},
		"stuck":    {`{"msg":"decision","reason":"r","stuck":1,"suspects":["i-a","i-b"]}`, "decision: r [without an agent: 1 of i-a, i-b]"},
		"missing": {
			`{"msg":"decision","reason":"r","shortfall":2,"class":"Quota","cause":"limit of 32"}`, "decision: r [not launched: 2, Quota: limit of 32]",
		},
		"missing for reasons unknown": {`{"msg":"decision","reason":"r","shortfall":2}`, "decision: r [not launched: 2]"},
		"failed tick":                 {`{"level":"ERROR","msg":"tick failed","error":"panic: x\ngoroutine 1"}`, "error: tick failed: panic: x"},
		"warning":                     {`{"level":"WARN","msg":"suspension failed","error":"denied"}`, "warning: suspension failed: denied"},
		"notice":                      {`{"level":"INFO","msg":"suspended AZRebalance"}`, "notice: suspended AZRebalance"},
		"metrics":                     {`{"_aws":{"CloudWatchMetrics":[]},"JobCount":1}`, ""},
		"start":                       {"START RequestId: 1 Version: $LATEST", ""},
		"report":                      {"REPORT RequestId: 1\tDuration: 1 ms", ""},
		"report of a success":         {`{"type":"platform.report","record":{"status":"success"}}`, ""},
		"report of a time-out":        {`{"type":"platform.report","record":{"status":"timeout"}}`, "error: the invocation ended with status timeout"},
		"start as JSON":               {`{"type":"platform.start","record":{}}`, ""},
		"time-out as text":            {"2026-11-23T12:00:00Z 1 Task timed out after 60.00 seconds", "error: 2026-11-23T12:00:00Z 1 Task timed out after 60.00 seconds"},
		"crash":                       {"panic: runtime error\n", "error: panic: runtime error"},
		"empty":                       {"\n", ""},
		"some JSON":                   {`{"a":1}`, ""},
		"a number":                    {`17`, "error: 17"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := ""
			if e, ok := parse(time.Time{}, test.line); ok {
				got = string(e.Kind) + ": " + e.Text
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"msg":"decision","reason":1,"suspects":"x","shortfall":{},"class":[]}`)
	f.Add(`{"type":"platform.report","record":[]}`)
	f.Fuzz(func(t *testing.T, line string) {
		if e, ok := parse(time.Time{}, line); ok && e.Kind == "" {
			t.Errorf("%q has no kind", line)
		}
	})
}

// group is a log group that gives two events a page.
type group struct {
	mu     sync.Mutex
	events []types.FilteredLogEvent
	fail   []error // one a call, nil for none
}

func (g *group) add(line string) {
	g.put(types.FilteredLogEvent{EventId: aws.String(line), Message: aws.String(line), Timestamp: aws.Int64(time.Now().UnixMilli())})
}

func (g *group) put(e types.FilteredLogEvent) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events = append(g.events, e)
}

func (g *group) FilterLogEvents(ctx context.Context, in *cloudwatchlogs.FilterLogEventsInput, _ ...func(*cloudwatchlogs.Options)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.fail) > 0 {
		err := g.fail[0]
		g.fail = g.fail[1:]
		if err != nil {
			return nil, err
		}
	}
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	start := 0
	if in.NextToken != nil {
		_, _ = fmt.Sscan(*in.NextToken, &start)
	}
	out := &cloudwatchlogs.FilterLogEventsOutput{}
	for i, e := range g.events {
		if i < start || *e.Timestamp < *in.StartTime {
			continue
		}
		if len(out.Events) == 2 {
			out.NextToken = aws.String(fmt.Sprint(i))
			break
		}
		out.Events = append(out.Events, e)
	}
	return out, nil
}

func said(reason string) string { return `{"msg":"decision","reason":"` + reason + `"}` }

func TestEntriesTakesAllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{}
		g.add(said("too old"))
		time.Sleep(time.Minute)
		since := time.Now()
		for i := range 5 {
			g.add(said(fmt.Sprint(i)))
		}
		var got []string
		for e, err := range Entries(t.Context(), g, "g", since) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, e.Text)
		}
		if diff := cmp.Diff([]string{"0", "1", "2", "3", "4"}, got); diff != "" {
			t.Error(diff)
		}
		last, ok, err := LastDecision(t.Context(), g, "g", since)
		if err != nil || !ok || last.Text != "4" {
			t.Errorf("the last is %+v, %t, %v", last, ok, err)
		}
		if _, ok, err := LastDecision(t.Context(), g, "g", since.Add(time.Hour)); ok || err != nil {
			t.Errorf("there is one in the future: %v", err)
		}
	})
}

// TestFollow shows each entry once, late ones too, and gets over throttling.
func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := &group{fail: []error{nil, &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}}}
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("enough")
		g.add(said("first"))
		go func() {
			time.Sleep(3 * time.Second)
			g.add(said("second"))
			time.Sleep(time.Minute)
			g.add(said("third"))
			late := types.FilteredLogEvent{
				EventId: aws.String("late"), Message: aws.String(said("late")),
				Timestamp: aws.Int64(time.Now().Add(-10 * time.Second).UnixMilli()),
			}
			time.Sleep(5 * time.Second)
			g.put(late)
			time.Sleep(time.Minute)
			cancel(stop)
		}()
		var got []string
		var end error
		for e, err := range Follow(ctx, g, "g", time.Now().Add(-time.Second), 2*time.Second) {
			if end = err; err == nil {
				got = append(got, e.Text)
			}
		}
		if diff := cmp.Diff([]string{"first", "second", "third", "late"}, got); diff != "" {
			t.Error(diff)
		}
		if !errors.Is(end, stop) && !errors.Is(end, context.Canceled) {
			t.Errorf("ended with %v", end)
		}
	})
}

func TestErrorsNameTheGroup(t *testing.T) {
	t.Parallel()
	g := &group{fail: []error{errors.New("no")}}
	for _, err := range Entries(t.Context(), g, "/aws/lambda/x", time.Now()) {
		if err == nil || !strings.Contains(err.Error(), `read log group "/aws/lambda/x": no`) {
			t.Errorf("got %v", err)
		}
	}
}
