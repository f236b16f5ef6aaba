package scaler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

const (
	window    = time.Minute            // the schedule's period
	farewell  = 300 * time.Millisecond // to answer the platform before it kills the invocation
	tickTime  = 1500 * time.Millisecond
	smallest  = time.Second     // a last wait shorter than this is not worth a tick
	shortest  = 3 * time.Second // between two ticks, plus jitter; docs/design/2026-11-polling.md has the reasons
	jitter    = 1500 * time.Millisecond
	mostPause = 5 * time.Minute
)

// Semaphore is what the scaler needs of *semaphore.Client.
type Semaphore interface {
	Occupancy(ctx context.Context, token string) (semaphore.Occupancy, error)
}

// Scaler raises the desired capacity of one Auto Scaling group to the demand of one agent type. It is kept from one
// invocation to the next, and is not safe for concurrent use.
type Scaler struct {
	AutoScaling AutoScaling
	Parameters  Parameters
	Semaphore   Semaphore

	StackName      string // dimension of the metrics
	Group          string // name of the Auto Scaling group
	TokenParameter string // name of the SSM parameter with the registration token
	Overprovision  Overprovision
	BootTime       time.Duration // in service, an instance has an agent by then; zero: 5 minutes

	Log     *slog.Logger
	Metrics io.Writer // one line of JSON in CloudWatch's embedded metric format at a time

	// What outlives the invocation, in a warm process.
	pauseUntil time.Time // what Retry-After asked for
	inventory  inventory
	learned    bool           // whether the ages of the instances found first were asked for
	read       time.Time      // when the activities were read last
	failure    *launchFailure // what they said, while instances are missing
	reported   report
}

// Run ticks until shortly before deadline, or for a minute where that is earlier: every 3 to 4.5 seconds, the last time
// as late as a tick still fits. It returns an error if and only if no tick succeeded: the last tick's.
func (s *Scaler) Run(ctx context.Context, deadline time.Time) error {
	end := deadline.Add(-farewell)
	if latest := time.Now().Add(window); latest.Before(end) {
		end = latest
	}
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	if !s.sleep(ctx, max(time.Until(s.pauseUntil), 0), end) && ctx.Err() == nil {
		return fmt.Errorf("scale %q: Semaphore asked to wait until %s", s.Group, s.pauseUntil.UTC().Format(time.RFC3339))
	}
	s.inventory.boot = s.BootTime
	run := invocation{Scaler: s}
	for {
		result := run.step(ctx)
		wait, more := s.next(result, time.Until(end)-tickTime)
		if !more || !s.sleep(ctx, wait, end) {
			return run.verdict()
		}
	}
}

// next is the wait until the following tick; false when it does not fit into what is left. A wait that is only a
// little too long is cut short instead, because the next invocation's first tick is still some seconds away.
func (s *Scaler) next(t tick, left time.Duration) (time.Duration, bool) {
	wait := shortest + rand.N(jitter)
	if limited, ok := errors.AsType[*semaphore.RateLimitedError](t.err); ok && limited.RetryAfter > wait {
		wait = min(limited.RetryAfter, mostPause)
		s.pauseUntil = time.Now().Add(wait)
		return wait, wait <= left
	}
	if wait <= left {
		return wait, true
	}
	return left, left >= smallest
}

// sleep reports whether it slept for all of d, without starting where d reaches beyond end.
func (s *Scaler) sleep(ctx context.Context, d time.Duration, end time.Time) bool {
	if time.Now().Add(d).After(end) {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
