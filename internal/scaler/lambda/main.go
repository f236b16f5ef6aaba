// Command bootstrap is the scaler as an AWS Lambda function, for the provided.al2023 runtime. It owns the
// environment that the function is given, and refuses everything else: what is done stands in package scaler.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	task, err := newTask(os.Getenv, os.Stdout, log)
	lambda.Start(func(ctx context.Context) error {
		// Reported by every invocation: a function that exits at its start shows only that it did.
		if err != nil {
			log.ErrorContext(ctx, "configuration refused", "error", err.Error())
			return err
		}
		return task(ctx, deadline(ctx))
	})
}

// deadline is the platform's, from the invocation's header.
func deadline(ctx context.Context) time.Time {
	if d, ok := ctx.Deadline(); ok {
		return d
	}
	return time.Now().Add(time.Minute)
}
