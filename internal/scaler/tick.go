package scaler

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

// invocation is one run of the loop: what is read once for it, and how it went.
type invocation struct {
	*Scaler

	token           string
	settled         bool
	ticks, failures int
	lastErr         error
}

// tick is one turn of the loop. Where err is set, what was not reached is zero.
type tick struct {
	occupancy semaphore.Occupancy
	group     group
	census    census
	decision  Decision
	failure   *launchFailure // why instances are missing, where that is known
	latency   time.Duration  // from the start to the decision's effect
	err       error
}

// step decides first and reports later: whatever happens to the report, the decision has been applied.
func (r *invocation) step(ctx context.Context) tick {
	t := r.decide(ctx)
	r.ticks++
	if t.err != nil {
		r.failures++
		r.lastErr = t.err
	}
	_ = guard(func() error { r.examine(ctx, &t); return nil })
	_ = guard(func() error { r.report(ctx, t); return nil })
	_ = guard(func() error { r.settle(ctx, t); return nil })
	return t
}

func (r *invocation) decide(ctx context.Context) (t tick) {
	start := time.Now()
	t.err = guard(func() error { return r.apply(ctx, &t) })
	t.latency = time.Since(start)
	return t
}

// apply reads the group after the metrics, just before the write: nothing can compare and set a group's desired
// capacity, so the time in which somebody else may change it is kept short.
func (r *invocation) apply(ctx context.Context, t *tick) (err error) {
	if t.occupancy, err = r.occupancy(ctx); err != nil {
		return err
	}
	if t.group, err = describe(ctx, r.AutoScaling, r.Group); err != nil {
		return err
	}
	t.census = r.inventory.observe(time.Now(), t.group, t.occupancy)
	t.decision = Decide(State{
		Queued:        t.occupancy.Jobs.Queued,
		Running:       t.occupancy.Jobs.Running,
		Min:           t.group.min,
		Max:           t.group.max,
		Desired:       t.group.desired,
		Overprovision: r.Overprovision,
		Stuck:         t.census.stuck,
		Held:          t.census.held,
		Ceiling:       t.census.ceiling,
	})
	if t.decision.Target == t.group.desired {
		return nil
	}
	return setDesired(ctx, r.AutoScaling, r.Group, t.decision.Target)
}

// occupancy reads the token once for the invocation, and again when Semaphore refuses it: it may have been rotated.
func (r *invocation) occupancy(ctx context.Context) (semaphore.Occupancy, error) {
	if r.token == "" {
		if err := r.readToken(ctx); err != nil {
			return semaphore.Occupancy{}, err
		}
	}
	refused := r.token
	o, err := r.Semaphore.Occupancy(ctx, r.token)
	if !errors.Is(err, semaphore.ErrUnauthorized) {
		return o, err
	}
	if readErr := r.readToken(ctx); readErr != nil {
		return o, errors.Join(err, readErr)
	}
	if r.token == refused {
		return o, err
	}
	return r.Semaphore.Occupancy(ctx, r.token)
}

func (r *invocation) readToken(ctx context.Context) error {
	token, err := readParameter(ctx, r.Parameters, r.TokenParameter)
	if err == nil {
		r.token = token
	}
	return err
}

// examine reads the record of scaling activities where instances are missing, at most once a minute, and once in a
// process that finds instances whose age it cannot know.
func (r *invocation) examine(ctx context.Context, t *tick) {
	if t.err != nil {
		return
	}
	short, strange := t.census.shortfall > 0, !r.learned && t.group.inService > 0
	if !short {
		r.failure = nil
	}
	r.learned = true
	if now := time.Now(); (short || strange) && now.Sub(r.read) >= readPause {
		r.read = now
		found, err := readRecord(ctx, r.AutoScaling, r.Group, now)
		if err != nil {
			r.Log.WarnContext(ctx, "activities not read", "error", err.Error())
			return
		}
		if strange {
			r.inventory.learn(found.launches, found.pageEnd)
		}
		if short {
			r.failure = found.failure
		}
	}
	t.failure = r.failure
}

// settle suspends AZRebalance on a group that still has it, which a new one has. It is tried once an invocation.
func (r *invocation) settle(ctx context.Context, t tick) {
	if !t.group.rebalancesOverZones || r.settled {
		return
	}
	r.settled = true
	if err := suspendAZRebalance(ctx, r.AutoScaling, r.Group); err != nil {
		r.Log.WarnContext(ctx, "suspension failed", "error", err.Error())
		return
	}
	r.Log.InfoContext(ctx, "suspended "+azRebalance, "group", r.Group)
}

// verdict is an error if and only if no tick succeeded.
func (r *invocation) verdict() error {
	if r.failures < r.ticks {
		return nil
	}
	return fmt.Errorf("scale %q: none of %d ticks succeeded, the last one: %w", r.Group, r.ticks, r.lastErr)
}

// guard turns a panic into an error: the next tick may well succeed.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f()
}
