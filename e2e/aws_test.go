//go:build e2e

package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// cloud reads and sets up what moto holds, through the APIs that AWS has for it.
type cloud struct {
	cfn    *cloudformation.Client
	s3     *s3.Client
	ssm    *ssm.Client
	kms    *kms.Client
	ec2    *ec2.Client
	groups *autoscaling.Client
	logs   *cloudwatchlogs.Client
	raw    rawClient
}

func newCloud() *cloud {
	cfg := aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(stage.moto.url),
		Credentials:  credentials.NewStaticCredentialsProvider("AKIAI44QH8DHBEXAMPLE", "example", ""),
	}
	return &cloud{
		cfn:    cloudformation.NewFromConfig(cfg),
		s3:     s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }),
		ssm:    ssm.NewFromConfig(cfg),
		kms:    kms.NewFromConfig(cfg),
		ec2:    ec2.NewFromConfig(cfg),
		groups: autoscaling.NewFromConfig(cfg),
		logs:   cloudwatchlogs.NewFromConfig(cfg),
		raw:    rawClient{cfg},
	}
}

// must gives what a call answered, or ends the test: must(client.Call(...))(t).
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
