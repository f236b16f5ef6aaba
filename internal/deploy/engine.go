package deploy

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/semagent/semagent/internal/awserr"
)

// Options tune an Engine. The zero value is ready for use against AWS.
type Options struct {
	// PollMin and PollMax bound the wait between two looks at something that runs; 1 s and 4 s when zero. The
	// wait grows between them while nothing happens and up to four times beyond while AWS is in trouble. Retries
	// of one call wait up to five times PollMax.
	PollMin, PollMax time.Duration

	// Owner are the tags that mark a stack as the caller's own. They are put on every stack, and a stack that
	// lacks one of them is neither updated nor deleted: *ForeignError. Empty means no such check.
	Owner map[string]string

	// Prefix begins the names of change sets and of the tokens that operations carry; "semagent" when empty. It
	// begins with a letter and holds letters, digits and hyphens.
	Prefix string

	// Trouble, when set, is told of every failed look at a running operation that is simply repeated later.
	Trouble func(error)
}

// Engine changes stacks in the account and region of its client. It is safe for concurrent use; what it returns
// is not.
type Engine struct {
	client *cloudformation.Client
	opts   Options
	retry  func(*cloudformation.Options) // for calls whose failure is the caller's
	brief  func(*cloudformation.Options) // for what a person waits for and can do without
	once   func(*cloudformation.Options) // for looks that are repeated anyway
}

// New returns an Engine. It brings its own retryers, so those of the client do not matter: the SDK's client-side
// retry quota would fail a long watch by itself, without AWS refusing anything.
func New(client *cloudformation.Client, opts Options) *Engine {
	if opts.PollMin <= 0 {
		opts.PollMin = time.Second
	}
	if opts.PollMax <= 0 {
		opts.PollMax = 4 * time.Second
	}
	opts.PollMax = max(opts.PollMin, opts.PollMax)
	if opts.Prefix == "" {
		opts.Prefix = "semagent"
	}
	return &Engine{
		client: client,
		opts:   opts,
		retry:  withRetryer(8, 5*opts.PollMax),
		brief:  withRetryer(3, opts.PollMax),
		once:   withRetryer(1, opts.PollMax),
	}
}

func withRetryer(attempts int, backoff time.Duration) func(*cloudformation.Options) {
	retryer := retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.MaxBackoff = backoff
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(retryable)}, o.Retryables...)
	})
	return func(o *cloudformation.Options) { o.Retryer = retryer }
}

// retryable corrects the SDK's opinion in two places: CloudFormation's LimitExceededException is an account's
// quota, which waiting does not raise; and an answer cut short is a lost reply like any other.
func retryable(err error) aws.Ternary {
	switch {
	case awserr.Code(err) == "LimitExceededException":
		return aws.FalseTernary
	case errors.Is(err, io.ErrUnexpectedEOF):
		return aws.TrueTernary
	}
	return aws.UnknownTernary
}

// grace is how long a call that changes something may go on after an interrupt: torn in two, nobody knows whether
// it did its work.
const grace = 5 * time.Second

// finishing is ctx for calls that change something: it ends only a grace after ctx.
func finishing(ctx context.Context) (context.Context, context.CancelFunc) {
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return late, func() {
		stop()
		cancel()
	}
}

// aside is ctx for cleaning up after it ended: it has ctx's values but not its end, and ends by itself.
func aside(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
}
