package main

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

const attemptTime = 1800 * time.Millisecond

// awsConfig is built by hand from what Lambda puts into the environment: the SDK's config package would bring along
// profiles, SSO and instance metadata, a sixth of the binary, and none of it is ever used here.
func awsConfig(env *environment) aws.Config {
	config := aws.Config{
		Region: env.required("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			env.required("AWS_ACCESS_KEY_ID"),
			env.required("AWS_SECRET_ACCESS_KEY"),
			env.getenv("AWS_SESSION_TOKEN"),
		),
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(attemptTime),
		Retryer:    newRetryer,
	}
	if url := env.getenv("AWS_ENDPOINT_URL"); url != "" {
		config.BaseEndpoint = aws.String(url)
	}
	return config
}

// newRetryer gives up early: the next tick is the better retry.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 2
		o.MaxBackoff = 400 * time.Millisecond
	})
}
