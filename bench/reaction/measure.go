package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/semagent/semagent/internal/awsfake/runtime"
)

// starts are measured from the start of the process.
type starts struct{ poll, set []time.Duration }

type load struct {
	ours, theirs []time.Duration // reactions, sorted
	took, billed time.Duration
	minutes      int
	bytes, polls int
	resident     int // bytes
}

// coldStarts begins a process for each.
func coldStarts(ctx context.Context, w *world, n int) (starts, error) {
	var s starts
	for range n {
		w.with(func() { w.firstPoll = time.Time{} })
		w.enqueue()
		f, begin := w.function(), time.Now()
		ended := make(chan struct{})
		go func() {
			_ = invoke(ctx, f) // it is killed in the middle of its minute
			close(ended)
		}()
		select {
		case at := <-w.answered:
			w.with(func() { s.poll = append(s.poll, w.firstPoll.Sub(begin)) })
			s.set = append(s.set, at.Sub(begin))
		case <-time.After(10 * time.Second):
			return s, errors.New("the function does not react within 10 seconds")
		}
		f.Close()
		<-ended
	}
	w.drain()
	return s, nil
}

func invoke(ctx context.Context, f *runtime.Runner) error {
	result, err := f.Invoke(ctx, []byte(`{"source":"aws.events"}`))
	if err == nil && result.Failed {
		err = fmt.Errorf("the invocation failed: %s", result.Payload)
	}
	return err
}

// schedule invokes the function as EventBridge does: every minute, a fraction of a second late.
func schedule(ctx context.Context, f *runtime.Runner, minutes int) error {
	begin, ended := time.Now(), make(chan error, minutes)
	for minute := range minutes {
		time.Sleep(time.Until(begin.Add(time.Duration(minute)*time.Minute + rand.N(250*time.Millisecond))))
		go func() { ended <- invoke(ctx, f) }()
	}
	var errs []error
	for range minutes {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// apart is how long the next arrival waits after an answer, at most. It is long beside the pace of polling: after a short
// wait an arrival would come early in an interval more often than late.
const apart = 12 * time.Second

// busyMinutes has a job arrive at a random moment, waits for the answer, takes job and machine away, and so on.
func busyMinutes(ctx context.Context, w *world, f *runtime.Runner, minutes int) (load, error) {
	begin := time.Now()
	l := load{minutes: minutes}
	w.with(func() { w.logged = 0 })
	ended := make(chan error, 1)
	go func() { ended <- schedule(ctx, f, minutes) }()
	for running := true; running; {
		select {
		case err := <-ended:
			if err != nil {
				return l, err
			}
			running = false
		case <-time.After(rand.N(apart)):
			arrival := w.enqueue()
			select {
			case at := <-w.answered:
				l.ours, l.theirs = append(l.ours, at.Sub(arrival)), append(l.theirs, reference(arrival.Sub(begin)))
			case err := <-ended: // it arrived too late for the last minute
				if err != nil {
					return l, err
				}
				running = false
			}
			w.drain()
		}
	}
	l.took = time.Since(begin)
	w.with(func() { l.bytes = w.logged })
	slices.Sort(l.ours)
	slices.Sort(l.theirs)
	return l, nil
}

func quietMinute(ctx context.Context, w *world, f *runtime.Runner) (load, error) {
	w.drain()
	w.with(func() { w.logged, w.polls = 0, 0 })
	begin := time.Now()
	if err := invoke(ctx, f); err != nil {
		return load{}, err
	}
	l := load{billed: time.Since(begin), minutes: 1}
	w.with(func() { l.bytes, l.polls = w.logged, w.polls })
	var err error
	l.resident, err = residentMemory(w.binary)
	return l, err
}

// reference is when agent-aws-stack's scaler answers: at 0, 10, 20, 30 and 40 seconds of each minute, calls taking no time.
func reference(arrival time.Duration) time.Duration {
	within := arrival % time.Minute
	for at := time.Duration(0); at <= 40*time.Second; at += 10 * time.Second {
		if at >= within {
			return at - within
		}
	}
	return time.Minute - within
}

// residentMemory is VmRSS in proc_pid_status(5) of the process that runs the binary; 0 on a system without /proc.
func residentMemory(binary string) (int, error) {
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		return 0, err
	}
	for _, link := range links {
		if target, err := os.Readlink(link); err != nil || target != binary {
			continue
		}
		status, err := os.ReadFile(filepath.Join(filepath.Dir(link), "status"))
		if err != nil {
			return 0, err
		}
		_, rest, _ := bytes.Cut(status, []byte("VmRSS:"))
		fields := bytes.Fields(rest)
		if len(fields) == 0 {
			return 0, errors.New("no VmRSS")
		}
		kilobytes, err := strconv.Atoi(string(fields[0]))
		return kilobytes << 10, err
	}
	return 0, nil
}

func median(values []time.Duration) time.Duration {
	if len(values) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(values))[len(values)/2]
}

func spread(sorted []time.Duration) string {
	if len(sorted) == 0 {
		return "-"
	}
	at := func(p int) time.Duration {
		return sorted[min(len(sorted)*p/100, len(sorted)-1)].Round(10 * time.Millisecond)
	}
	return fmt.Sprintf("%s, %s, %s", at(50), at(95), sorted[len(sorted)-1].Round(10*time.Millisecond))
}
