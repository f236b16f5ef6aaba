package scaler

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

// reference is when agent-aws-stack's scaler ticks: every ten seconds, as long as fifteen are left of its minute.
func reference(arrival time.Duration) time.Duration {
	within := arrival % time.Minute
	for tick := range 5 {
		if at := time.Duration(tick) * 10 * time.Second; at >= within {
			return at - within
		}
	}
	return time.Minute - within
}

func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}

// TestReaction has thousands of jobs arrive at random moments of whole minutes in a fleet that is quiet before each, over the real
// loop. Calls take what they take between AWS and Semaphore, and invocations start a little late, as EventBridge's do. The
// promise is SetDesiredCapacity within 5 seconds for 95 of 100.
func TestReaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group.max, w.group.desired = 1, 0
		w.sem.jobs = semaphore.Jobs{}
		random := rand.New(rand.NewPCG(4, 2026))
		begin := time.Now()
		arrival := begin.Add(7 * time.Second)
		var ours, theirs []time.Duration

		slow := func(least, spread time.Duration) { time.Sleep(least + time.Duration(random.Int64N(int64(spread)))) }
		w.sem.ask = func(context.Context) error {
			if !time.Now().Before(arrival) {
				w.sem.jobs.Queued = 1
			}
			slow(80*time.Millisecond, 170*time.Millisecond)
			return nil
		}
		w.group.describe = func(context.Context) error { slow(20*time.Millisecond, 40*time.Millisecond); return nil }
		w.group.set = func(context.Context) error {
			slow(40*time.Millisecond, 80*time.Millisecond)
			ours = append(ours, time.Since(arrival))
			theirs = append(theirs, reference(arrival.Sub(begin)))
			return nil
		}
		for minute := range 3000 {
			time.Sleep(time.Until(begin.Add(time.Duration(minute)*time.Minute + time.Duration(random.IntN(250))*time.Millisecond)))
			w.log.Reset()
			w.emf.Reset()
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
			// The job is done, its machine gone; the next job comes some time within the next two minutes.
			if w.group.desired == 1 {
				w.group.desired, w.sem.jobs.Queued = 0, 0
				arrival = time.Now().Add(time.Duration(random.Int64N(int64(2 * time.Minute))))
			}
		}
		slices.Sort(ours)
		slices.Sort(theirs)
		t.Logf("%d arrivals; p50, p95, max: %s, %s, %s; the reference's schedule, its calls taking no time: %s, %s, %s", len(ours),
			percentile(ours, 50), percentile(ours, 95), ours[len(ours)-1], percentile(theirs, 50), percentile(theirs, 95), theirs[len(theirs)-1])
		if len(ours) < 1500 {
			t.Errorf("only %d arrivals", len(ours))
		}
		if p95 := percentile(ours, 95); p95 > 5*time.Second {
			t.Errorf("95 of 100 are answered within %s, want 5s", p95)
		}
		if most := ours[len(ours)-1]; most > 5500*time.Millisecond {
			t.Errorf("the slowest is answered after %s, want 5.5s", most)
		}
	})
}
