package scaler

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/semaphore"
)

var throttled = &smithy.GenericAPIError{Code: "ThrottlingException", Message: "Rate exceeded"}

func TestRunRaisesDesiredCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.minute(t); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(w.group.sets, []int32{3}) {
			t.Errorf("set desired capacity to %v, want once, to 3", w.group.sets)
		}
		const want = `"msg":"decision","stack":"fleet","reason":"3 jobs (2 queued, 1 running) need 3 machines: raise desired capacity from 1 to 3","target":3,"desired":1,"min":0,"max":10,"queued":2,"running":1`
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("log is\n%s\nwant in it\n%s", w.log, want)
		}
	})
}

func TestRunNeverLowersDesiredCapacity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group.desired = 8
		if err := w.minute(t); err != nil || len(w.group.sets) > 0 {
			t.Errorf("got %v, set %v", err, w.group.sets)
		}
	})
}

// TestRunKeepsPace runs five minutes as the schedule does and looks at the gaps between polls, the turn of each
// minute included.
func TestRunKeepsPace(t *testing.T) {
	tests := map[string]struct {
		queued            int
		shortest, longest time.Duration
	}{
		"while jobs wait": {2, smallest, 4700 * time.Millisecond},
		"when quiet":      {0, smallest, 4700 * time.Millisecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sem.jobs.Queued = tt.queued
				w.sem.ask = func(context.Context) error { time.Sleep(100 * time.Millisecond); return nil }
				for range 5 {
					start := time.Now()
					if err := w.minute(t); err != nil {
						t.Fatal(err)
					}
					left := time.Minute - time.Since(start)
					if left <= 0 {
						t.Fatalf("the invocation ended %s after its deadline", -left)
					}
					time.Sleep(left)
				}
				for i, at := range w.sem.asked[1:] {
					if gap := at.Sub(w.sem.asked[i]); gap < tt.shortest || gap > tt.longest {
						t.Errorf("poll %d came %s after the one before it, want %s to %s", i+1, gap, tt.shortest, tt.longest)
					}
				}
			})
		})
	}
}

func TestRunStaysInItsMinuteWhateverTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		if err := w.Run(t.Context(), start.Add(15*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("ran for %s, into the next invocation", took)
		}
	})
}

func TestRunTicksOnceEvenLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		if err := w.Run(t.Context(), time.Now().Add(farewell+time.Second)); err != nil || len(w.sem.asked) != 1 {
			t.Errorf("got %v after %d polls, want one", err, len(w.sem.asked))
		}
		if err := w.Run(t.Context(), time.Now().Add(-time.Second)); err == nil {
			t.Error("a deadline in the past gives no error")
		}
	})
}

func TestRunStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		start := time.Now()
		if err := w.Run(ctx, start.Add(time.Minute)); err != nil {
			t.Error(err)
		}
		if took := time.Since(start); took != 7*time.Second {
			t.Errorf("took %s", took)
		}
	})
}

// TestRunSurvives has one thing go wrong at a time, once: the invocation succeeds and the capacity is right.
func TestRunSurvives(t *testing.T) {
	tests := map[string]struct {
		spoil func(*world)
		log   string
	}{
		"metrics fail":          {func(w *world) { w.sem.ask = once(failing(semaphore.ErrMalformed)) }, "answer not understood"},
		"metrics panic":         {func(w *world) { w.sem.ask = once(func(context.Context) error { panic("surprise") }) }, "panic: surprise"},
		"metrics hang":          {func(w *world) { w.sem.ask = once(sleeping(4 * time.Second)) }, "deadline exceeded"},
		"token throttled":       {func(w *world) { w.params.get = once(failing(throttled)) }, `read parameter \"/ci/token\": api error ThrottlingException`},
		"token read hangs":      {func(w *world) { w.params.get = once(hanging) }, "read parameter"},
		"describe throttled":    {func(w *world) { w.group.describe = once(failing(throttled)) }, "describe Auto Scaling group"},
		"describe hangs":        {func(w *world) { w.group.describe = once(hanging) }, "deadline exceeded"},
		"set throttled":         {func(w *world) { w.group.set = once(failing(throttled)) }, `set desired capacity of \"agents\" to 3`},
		"set hangs":             {func(w *world) { w.group.set = once(hanging) }, "deadline exceeded"},
		"set does not answer":   {func(w *world) { w.group.set = once(lostReply(w)) }, "connection reset"},
		"maximum lowered":       {func(w *world) { w.group.set = once(lowered(w, 2)) }, "ValidationError"},
		"metrics not writable":  {func(w *world) { w.Metrics = fullWriter{} }, "metrics not written"},
		"metrics writer panics": {func(w *world) { w.Metrics = panickyWriter{} }, "decision"},
		"log panics":            {func(w *world) { w.Log = slog.New(slog.NewJSONHandler(panickyWriter{}, nil)) }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.spoil(w)
				if err := w.minute(t); err != nil {
					t.Error(err)
				}
				if want := min(3, w.group.max); w.group.desired != want {
					t.Errorf("desired capacity is %d, want %d", w.group.desired, want)
				}
				if !strings.Contains(w.log.String(), tt.log) {
					t.Errorf("log is\n%s\nwant in it %s", w.log, tt.log)
				}
			})
		})
	}
}

func sleeping(d time.Duration) func(context.Context) error {
	return func(context.Context) error { time.Sleep(d); return context.DeadlineExceeded }
}

// lostReply does what was asked for and fails all the same.
func lostReply(w *world) func(context.Context) error {
	return func(context.Context) error {
		w.group.desired = 3
		return errors.New("connection reset")
	}
}

// lowered has somebody lower the maximum between the read and the write.
func lowered(w *world, to int32) func(context.Context) error {
	return func(context.Context) error { w.group.max = to; return nil }
}

// TestRunFails has every tick fail: only then is the invocation an error, and nothing was set.
func TestRunFails(t *testing.T) {
	deleting := "Delete in progress"
	tests := map[string]struct {
		spoil func(*world)
		want  string
	}{
		"metrics":          {func(w *world) { w.sem.ask = failing(semaphore.ErrMalformed) }, "answer not understood"},
		"no such token":    {func(w *world) { clear(w.params.values) }, "ParameterNotFound"},
		"empty token":      {func(w *world) { w.params.values["/ci/token"] = "" }, "it has no value"},
		"wrong token":      {func(w *world) { w.params.values["/ci/token"] = "old" }, "registration token refused"},
		"group gone":       {func(w *world) { w.group.gone = true }, `describe Auto Scaling group "agents": it does not exist`},
		"group going":      {func(w *world) { w.group.status = &deleting }, "delete in progress"},
		"denied":           {func(w *world) { w.group.set = failing(&smithy.GenericAPIError{Code: "AccessDenied"}) }, "AccessDenied"},
		"everything hangs": {func(w *world) { w.sem.ask = hanging }, "deadline exceeded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				tt.spoil(w)
				err := w.minute(t)
				if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), `scale "agents": none of`) {
					t.Errorf("got %v, want %s", err, tt.want)
				}
				if len(w.group.sets) > 0 {
					t.Errorf("set desired capacity to %v", w.group.sets)
				}
			})
		})
	}
}
