package main

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestScaleWhileTheGroupChanges has somebody change the group after the tick has read it and before it writes. Auto
// Scaling cannot compare and set. What it refuses is an error of this tick only, and the next one goes by what it then
// finds. What it accepts is never below what the jobs need.
func TestScaleWhileTheGroupChanges(t *testing.T) {
	tests := map[string]struct {
		change  func(*fakeAWS)
		message string // of the failed first invocation; empty: it succeeds
		first   int    // desired capacity after it
		restore func(*fakeAWS)
		second  int
	}{
		"maximum lowered": {func(a *fakeAWS) { a.maximum = 2 }, "above max value", 1, func(*fakeAWS) {}, 2},
		"group deleted": {
			func(a *fakeAWS) { a.gone = true }, "AutoScalingGroup name not found", 1,
			func(a *fakeAWS) { a.gone = false }, 4,
		},
		"desired capacity raised a little":                        {func(a *fakeAWS) { a.desired = 2 }, "", 4, func(*fakeAWS) {}, 4},
		"desired capacity lowered":                                {func(a *fakeAWS) { a.desired = 0 }, "", 4, func(*fakeAWS) {}, 4},
		"desired capacity raised far: the need of the jobs stays": {func(a *fakeAWS) { a.desired = 9 }, "", 4, func(*fakeAWS) {}, 4},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			f.aws.add("SetDesiredCapacity", func(w http.ResponseWriter, r *http.Request) {
				f.aws.with(func() {
					tt.change(f.aws)
					f.aws.set(w, r)
				})
			})
			o := f.invoke(t, brief)
			if o.failed != (tt.message != "") || !strings.Contains(o.message, tt.message) {
				t.Errorf("got %+v, want %q", o, tt.message)
			}
			if n := f.aws.desiredCapacity(); n != tt.first {
				t.Errorf("desired capacity is %d, want %d", n, tt.first)
			}
			f.aws.with(func() { tt.restore(f.aws) })
			if o := f.invoke(t, brief); o.failed {
				t.Errorf("the second invocation fails: %s", o.message)
			}
			if n := f.aws.desiredCapacity(); n != tt.second {
				t.Errorf("desired capacity is %d in the end, want %d", n, tt.second)
			}
		})
	}
}

// TestScaleLearnsFromTheRecord starts beside an instance that has been there for long.
func TestScaleLearnsFromTheRecord(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.aws.serving = 1
	for range 3 {
		if o := f.invoke(t, brief); o.failed {
			t.Fatal(o.message)
		}
	}
	if n := f.aws.count("DescribeScalingActivities"); n != 1 {
		t.Errorf("the record was read %d times by one process, want once", n)
	}
	f.output.wait(t, `"StuckInstances":0`)
}

// TestScaleEndsAtItsDeadline has every call hang: the invocation still answers in its time, with an error.
func TestScaleEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.semaphore.add("metrics", hang, hang, hang, hang)
	f.aws.add("DescribeAutoScalingGroups", hang, hang, hang, hang)
	if o := f.invoke(t, brief); !o.failed { // invoke fails the test if the answer is late
		t.Errorf("got %+v", o)
	}
}

// TestScaleWithADeadlineThatIsOver is what a sandbox sees that was frozen, or whose clock is ahead.
func TestScaleWithADeadlineThatIsOver(t *testing.T) {
	t.Parallel()
	f := start(t)
	if o := f.invoke(t, 0); !o.failed {
		t.Errorf("got %+v, want an error: there was no time for a tick", o)
	}
	if o := f.invoke(t, brief); o.failed || f.aws.desiredCapacity() != 4 {
		t.Errorf("the next invocation: %+v, desired capacity %d", o, f.aws.desiredCapacity())
	}
}

// TestOneTickSuffices has the first tick of an invocation fail and the second succeed.
func TestOneTickSuffices(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.semaphore.add("metrics", text(404, ""))
	if o := f.invoke(t, 8*time.Second); o.failed || f.aws.desiredCapacity() != 4 {
		t.Errorf("got %+v, desired capacity %d", o, f.aws.desiredCapacity())
	}
	f.output.wait(t, `"msg":"tick failed"`)
	f.output.wait(t, `"TickErrors":1`)
}
