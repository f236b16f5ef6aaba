package cli_test

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptLambdaLog writes a file's lines to a log group as Lambda would, dated so far back: lambda-log GROUP AGE FILE.
func scriptLambdaLog(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: lambda-log GROUP AGE FILE")
	}
	age, err := time.ParseDuration(args[1])
	ts.Check(err)
	ctx, stream := context.Background(), "2026/11/23/[$LATEST]"+strings.TrimSuffix(args[2], ".log")
	client := cloudwatchlogs.NewFromConfig(sdk(ts))
	_, err = client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &args[0], LogStreamName: &stream})
	ts.Check(err)
	input := &cloudwatchlogs.PutLogEventsInput{LogGroupName: &args[0], LogStreamName: &stream}
	at := time.Now().Add(-age).UnixMilli()
	for line := range strings.Lines(ts.ReadFile(args[2])) {
		at++
		input.LogEvents = append(input.LogEvents, types.InputLogEvent{Message: aws.String(strings.TrimSpace(line)), Timestamp: aws.Int64(at)})
	}
	_, err = client.PutLogEvents(ctx, input)
	ts.Check(err)
}
