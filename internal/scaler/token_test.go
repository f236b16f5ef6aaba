package scaler

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

func TestTokenIsReadOnceAnInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		for want := range 3 {
			if w.params.reads != want {
				t.Errorf("%d reads after %d invocations", w.params.reads, want)
			}
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestTokenRotatedInTheMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		w.sem.ask = func(context.Context) error {
			if time.Since(start) > 20*time.Second {
				w.sem.token, w.params.values["/ci/token"] = "new", "new"
				w.sem.jobs.Queued = 5
			}
			return nil
		}
		if err := w.minute(t); err != nil {
			t.Fatal(err)
		}
		if w.params.reads != 2 || w.group.desired != 6 {
			t.Errorf("%d reads, desired capacity %d; want 2 and 6", w.params.reads, w.group.desired)
		}
		if strings.Contains(w.log.String(), "tick failed") {
			t.Errorf("the rotation cost a tick:\n%s", w.log)
		}
	})
}

// TestRetryAfterIsHonoured has Semaphore ask once to be left alone.
func TestRetryAfterIsHonoured(t *testing.T) {
	limited := func(d time.Duration) func(context.Context) error {
		return once(failing(&semaphore.RateLimitedError{Status: 429, RetryAfter: d}))
	}
	tests := map[string]struct {
		asked, waits time.Duration
		failures     int // invocations without a tick that succeeded
	}{
		"within the minute":   {30 * time.Second, 30 * time.Second, 0},
		"beyond the minute":   {90 * time.Second, 90 * time.Second, 1},
		"beyond all reason":   {time.Hour, 5 * time.Minute, 5},
		"shorter than a tick": {time.Second, 3 * time.Second, 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sem.ask = limited(tt.asked)
				failures := 0
				for len(w.sem.asked) < 2 {
					minute := time.Now().Add(time.Minute)
					if err := w.minute(t); err != nil {
						failures++
					}
					time.Sleep(time.Until(minute))
				}
				if gap := w.sem.asked[1].Sub(w.sem.asked[0]); gap < tt.waits || gap > tt.waits+time.Minute {
					t.Errorf("asked again after %s, want %s", gap, tt.waits)
				}
				if failures != tt.failures {
					t.Errorf("%d invocations failed, want %d", failures, tt.failures)
				}
			})
		})
	}
}

func TestAZRebalanceIsSuspended(t *testing.T) {
	tests := map[string]struct {
		suspended []string
		spoil     func(*fakeGroup)
		calls     int
	}{
		"new group":         {nil, nil, 1},
		"another suspended": {[]string{"Launch"}, nil, 1},
		"suspended":         {[]string{"Launch", azRebalance}, nil, 0},
		"denied":            {nil, func(g *fakeGroup) { g.suspend = failing(throttled) }, 1},
		"panic":             {nil, func(g *fakeGroup) { g.suspend = func(context.Context) error { panic("surprise") } }, 1},
		"hangs":             {nil, func(g *fakeGroup) { g.suspend = hanging }, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.group.suspended = tt.suspended
				if tt.spoil != nil {
					tt.spoil(w.group)
				}
				if err := w.minute(t); err != nil {
					t.Error(err)
				}
				if w.group.suspends != tt.calls || w.group.desired != 3 {
					t.Errorf("%d calls, want %d; desired capacity %d, want 3", w.group.suspends, tt.calls, w.group.desired)
				}
			})
		})
	}
}
