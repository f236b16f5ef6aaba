package awsfake_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/semagent/semagent/internal/awsfake"
)

// logged makes a group with two streams of events and returns a client.
func logged(t *testing.T) *cloudwatchlogs.Client {
	t.Helper()
	_, cfg := start(t, awsfake.Options{})
	status, _, reason := deploy(t, cfg, "st", object{"Log": object{"Type": "AWS::Logs::LogGroup", "Properties": object{"LogGroupName": "scaler", "RetentionInDays": 30}}}, false)
	if status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	client, base := cloudwatchlogs.NewFromConfig(cfg), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for stream, messages := range map[string][]string{"a": {"one", `{"level":"ERROR","msg":"two"}`}, "b": {"ERROR three", "four"}} {
		_, err := client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("scaler"), LogStreamName: &stream})
		ok(t, err)
		var events []types.InputLogEvent
		for i, m := range messages {
			events = append(events, types.InputLogEvent{Message: &m, Timestamp: aws.Int64(base.Add(time.Duration(i) * time.Minute).UnixMilli())})
		}
		_, err = client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("scaler"), LogStreamName: &stream, LogEvents: events})
		ok(t, err)
	}
	return client
}

func TestLogGroups(t *testing.T) {
	client, ctx := logged(t), t.Context()
	groups, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("sca")})
	ok(t, err)
	if g := groups.LogGroups[0]; *g.LogGroupName != "scaler" || *g.RetentionInDays != 30 || *g.Arn != "arn:aws:logs:us-east-1:123456789012:log-group:scaler:*" {
		t.Errorf("got %+v", g)
	}
	streams, err := client.DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("scaler"), OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)})
	ok(t, err)
	if len(streams.LogStreams) != 2 || streams.LogStreams[0].LastEventTimestamp == nil {
		t.Errorf("got %+v", streams.LogStreams)
	}
	_, err = client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("scaler"), RetentionInDays: aws.Int32(31)})
	wantCode(t, err, "InvalidParameterException", "retentionInDays")
	_, err = client.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("absent")})
	wantCode(t, err, "ResourceNotFoundException", "log group does not exist")
}

func TestFilterLogEvents(t *testing.T) {
	client := logged(t)
	base := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		in   cloudwatchlogs.FilterLogEventsInput
		want []string
	}{
		"all":          {cloudwatchlogs.FilterLogEventsInput{}, []string{"one", "ERROR three", `{"level":"ERROR","msg":"two"}`, "four"}},
		"term":         {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("ERROR")}, []string{"ERROR three", `{"level":"ERROR","msg":"two"}`}},
		"either":       {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("?one ?four")}, []string{"one", "four"}},
		"not":          {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("ERROR -three")}, []string{`{"level":"ERROR","msg":"two"}`}},
		"JSON":         {cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String(`{ $.level = "ERROR" }`)}, []string{`{"level":"ERROR","msg":"two"}`}},
		"stream":       {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"a"}}, []string{"one", `{"level":"ERROR","msg":"two"}`}},
		"from":         {cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(base.Add(time.Minute).UnixMilli()), LogStreamNames: []string{"b"}}, []string{"four"}},
		"until":        {cloudwatchlogs.FilterLogEventsInput{EndTime: aws.Int64(base.Add(time.Minute).UnixMilli()), LogStreamNames: []string{"b"}}, []string{"ERROR three"}},
		"one per page": {cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(1), LogStreamNames: []string{"b"}}, []string{"ERROR three", "four"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.in.LogGroupName = aws.String("scaler")
			var got []string
			for p := cloudwatchlogs.NewFilterLogEventsPaginator(client, &tc.in); p.HasMorePages(); {
				out, err := p.NextPage(t.Context())
				ok(t, err)
				for _, e := range out.Events {
					got = append(got, *e.Message)
				}
			}
			if len(got) != len(tc.want) {
				t.Fatalf("got %q, want %q", got, tc.want)
			}
			seen := map[string]bool{}
			for _, m := range got {
				seen[m] = true
			}
			for _, m := range tc.want {
				if !seen[m] {
					t.Errorf("got %q, want %q", got, tc.want)
				}
			}
		})
	}
	_, err := client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("scaler"), FilterPattern: aws.String("[ip, user]")})
	wantCode(t, err, "InvalidParameterException", "filter pattern")
}

func TestGetLogEventsPagesBothWays(t *testing.T) {
	client, ctx := logged(t), t.Context()
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("scaler"), LogStreamName: aws.String("a"), StartFromHead: aws.Bool(true), Limit: aws.Int32(1)}
	first, err := client.GetLogEvents(ctx, in)
	ok(t, err)
	in.NextToken = first.NextForwardToken
	second, err := client.GetLogEvents(ctx, in)
	ok(t, err)
	in.NextToken = second.NextForwardToken
	end, err := client.GetLogEvents(ctx, in)
	ok(t, err)
	in.NextToken = second.NextBackwardToken
	back, err := client.GetLogEvents(ctx, in)
	ok(t, err)
	if *first.Events[0].Message != "one" || len(second.Events) != 1 || len(end.Events) != 0 || *end.NextForwardToken != *second.NextForwardToken || *back.Events[0].Message != "one" {
		t.Errorf("got %v, %v, %v, %v", first.Events, second.Events, end.Events, back.Events)
	}
}
