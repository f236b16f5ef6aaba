package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"
)

const (
	firstPause   = 200 * time.Millisecond
	longestPause = 10 * time.Second
)

// finalError is a refusal that no repetition changes.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// persist repeats do until it succeeds, says that it never will, or ctx ends, with pauses that grow and are never twice
// the same: a whole fleet may boot in the same second. Its error is the last attempt's.
func (m *Machine) persist(ctx context.Context, do func(context.Context) error) error {
	pause := firstPause
	for attempt := 1; ; attempt++ {
		err := do(ctx)
		if err == nil {
			return nil
		}
		if _, final := errors.AsType[finalError](err); final {
			return err
		}
		m.Log.WarnContext(ctx, "attempt failed", slog.Int("attempt", attempt), slog.String("error", err.Error()))
		if !sleep(ctx, pause/2+rand.N(pause/2)) {
			return fmt.Errorf("%w (%d attempts)", err, attempt)
		}
		pause = min(2*pause, longestPause)
	}
}

// sleep reports false, at once, when ctx would end before d is over.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// parallel runs all of do at once and waits for them. The first error ends the others, and is the result.
func parallel(ctx context.Context, do ...func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var (
		all   sync.WaitGroup
		once  sync.Once
		first error
	)
	for _, f := range do {
		all.Go(func() {
			if err := f(ctx); err != nil {
				once.Do(func() { first = err; cancel(err) })
			}
		})
	}
	all.Wait()
	return first
}
