package cli

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"

	"github.com/semagent/semagent/internal/asset"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/lookup"
)

// pollVariable shortens the pause between two looks at a stack, for tests against a local AWS that runs fast.
const pollVariable = "SEMAGENT_POLL_INTERVAL"

// session is one account and region, reached with one set of credentials.
type session struct {
	aws.Config
	lookup.Caller
	engine *deploy.Engine
}

// session finds region and credentials and asks AWS whose they are, so that every command fails for want of
// them in the same words and before it does anything.
func (a *app) session(ctx context.Context) (*session, error) {
	cfg, err := a.awsConfig(ctx)
	if err != nil {
		return nil, a.unreached(ctx, cfg.Region, err)
	}
	if cfg.Region == "" {
		return nil, fail(exitUsage, "export AWS_REGION=us-east-1", "no AWS region is set")
	}
	id, err := lookup.Identity(ctx, sts.NewFromConfig(cfg))
	if err != nil {
		return nil, a.unreached(ctx, cfg.Region, err)
	}
	options, err := a.engineOptions()
	if err != nil {
		return nil, err
	}
	engine := deploy.New(cloudformation.NewFromConfig(cfg), options)
	return &session{Config: cfg, Caller: id, engine: engine}, nil
}

// atStack is what a command on one stack begins with: the stack's name, and a session to reach it.
func (a *app) atStack(ctx context.Context) (name string, s *session, err error) {
	if name, err = a.stackName(); err != nil {
		return "", nil, err
	}
	s, err = a.session(ctx)
	return name, s, err
}

func (a *app) awsConfig(ctx context.Context) (aws.Config, error) {
	poll, err := a.pollInterval()
	if err != nil {
		return aws.Config{}, err
	}
	options := []func(*awsconfig.LoadOptions) error{
		awsconfig.WithRetryer(func() aws.Retryer { return newRetryer(poll) }),
		awsconfig.WithAppID("semagent"),
		// The SDK's log would write over the live table; what it has to say comes back as errors.
		awsconfig.WithLogger(logging.Nop{}),
	}
	if a.globals.region != "" {
		options = append(options, awsconfig.WithRegion(a.globals.region))
	}
	if a.globals.profile != "" {
		options = append(options, awsconfig.WithSharedConfigProfile(a.globals.profile))
	}
	return awsconfig.LoadDefaultConfig(ctx, options...)
}

// newRetryer tries five times. The SDK's client-side token bucket is off: after some throttled answers it would
// fail calls that were never sent, and a long watch would end for it. A poll interval that a test shortened shortens
// the waits, too; 0 leaves them.
func newRetryer(poll time.Duration) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 5
		o.MaxBackoff = 8 * time.Second
		if poll > 0 {
			o.MaxBackoff = min(o.MaxBackoff, 8*poll)
		}
		o.RateLimiter = ratelimit.None
	})
}

func (a *app) engineOptions() (deploy.Options, error) {
	poll, err := a.pollInterval()
	return deploy.Options{Owner: map[string]string{tagManaged: "true"}, PollMin: poll, PollMax: poll}, err
}

// pollInterval is 0 unless the environment sets it.
func (a *app) pollInterval() (time.Duration, error) {
	text := a.getenv(pollVariable)
	if text == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, fail(exitUsage, "unset "+pollVariable, "%s is %q: not a duration like 200ms", pollVariable, text)
	}
	return d, nil
}

// store is the asset bucket of the session's account and region.
func (s *session) store() *asset.Store {
	return asset.NewStore(s3.NewFromConfig(s.Config), s.Account, s.Region)
}
