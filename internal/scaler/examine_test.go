package scaler

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/semagent/semagent/internal/semaphore"
)

const noCapacity = "We currently do not have sufficient t2.micro capacity in the Availability Zone you requested. Launching EC2 instance failed."

func failedLaunch(message string, age time.Duration) astypes.Activity {
	return astypes.Activity{
		Description: aws.String("Launching a new EC2 instance.  Status Reason: " + message), StatusMessage: aws.String(message),
		StatusCode: astypes.ScalingActivityStatusCodeFailed, StartTime: aws.Time(time.Now().Add(-age)),
	}
}

// TestMissingInstancesAreExplained has Auto Scaling launch nothing for five minutes.
func TestMissingInstancesAreExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sem.jobs = semaphore.Jobs{Queued: 3}
		w.group.record = func(context.Context) error {
			w.group.activities = []astypes.Activity{failedLaunch(noCapacity, time.Minute)}
			return nil
		}
		for range 5 {
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
		}
		for _, want := range []string{`"shortfall":3,"class":"InsufficientCapacity","cause":"We currently do not have`} {
			if !strings.Contains(w.log.String(), want) {
				t.Errorf("log is\n%s\nwant in it %s", w.log, want)
			}
		}
		if w.group.reads < 2 || w.group.reads > 5 {
			t.Errorf("the activities were read %d times in 5 minutes, want at most once a minute", w.group.reads)
		}
		metrics := readMetrics(t, lastMinute(w.emf.Bytes()))
		for _, id := range []string{"Semaphore/Shortfall StackName=fleet", "Semaphore/Shortfall StackName=fleet ShortfallClass=InsufficientCapacity"} {
			if metrics[id].value != 3 {
				t.Errorf("%s is %v, want 3", id, metrics[id].value)
			}
		}
	})
}

// lastMinute is the newest two lines: readMetrics refuses what is old.
func lastMinute(emf []byte) []byte {
	lines := strings.SplitAfter(strings.TrimSuffix(string(emf), "\n"), "\n")
	return []byte(strings.Join(lines[len(lines)-2:], ""))
}

func TestUnreadableActivitiesCostNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group.record = hanging
		for range 3 {
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
		}
		if w.group.desired != 3 || !strings.Contains(w.log.String(), "activities not read") {
			t.Errorf("desired capacity is %d, log\n%s", w.group.desired, w.log)
		}
	})
}

// TestOldFailuresExplainNothing has a failure of the day before in the record, and one that succeeded.
func TestOldFailuresExplainNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.group.activities = []astypes.Activity{
			{Description: aws.String("Launching a new EC2 instance: i-7"), StatusCode: astypes.ScalingActivityStatusCodeSuccessful, StartTime: aws.Time(time.Now())},
			{Description: aws.String("Terminating EC2 instance: i-6"), StatusCode: astypes.ScalingActivityStatusCodeFailed, StartTime: aws.Time(time.Now())},
			failedLaunch(noCapacity, 24*time.Hour),
		}
		for range 3 {
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
		}
		if !strings.Contains(w.log.String(), `"shortfall":3`) || strings.Contains(w.log.String(), `"class"`) {
			t.Errorf("log is\n%s", w.log)
		}
	})
}

// TestColdStartLearnsAges starts a process beside instances that have been stuck for long.
func TestColdStartLearnsAges(t *testing.T) {
	tests := map[string]struct {
		known bool // whether the record says when they were launched
		stuck bool // whether they are recognized in four minutes
	}{"from the record": {true, true}, "not without it": {false, false}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sem.jobs, w.sem.agents = semaphore.Jobs{Queued: 2}, &semaphore.Agents{}
				w.group.desired, w.group.instances = 2, []astypes.LifecycleState{"InService", "InService"}
				for i := range 2 {
					if tt.known {
						w.group.activities = append(w.group.activities, astypes.Activity{
							Description: aws.String(fmt.Sprintf("Launching a new EC2 instance: i-%d", i)),
							StatusCode:  astypes.ScalingActivityStatusCodeSuccessful, StartTime: aws.Time(time.Now().Add(-time.Hour)),
						})
					}
				}
				for range 4 {
					if err := w.minute(t); err != nil {
						t.Fatal(err)
					}
				}
				if got := strings.Contains(w.log.String(), `"stuck":2,"suspects":["i-0","i-1"]`); got != tt.stuck {
					t.Errorf("recognized: %t, want %t; log\n%s", got, tt.stuck, w.log)
				}
				if w.group.reads == 0 || tt.stuck && w.group.desired != 4 {
					t.Errorf("%d reads, desired capacity %d", w.group.reads, w.group.desired)
				}
			})
		})
	}
}

// TestOldestPageIsAsOldAsCanBe fills the record with others' launches.
func TestOldestPageIsAsOldAsCanBe(t *testing.T) {
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	v := inventory{machines: map[string]*machine{"i-x": {served: at}, "i-boots": {}}}
	v.learn(map[string]time.Time{"i-y": at.Add(-time.Hour)}, at.Add(-2*time.Hour))
	if got := v.machines["i-x"].served; !got.Equal(at.Add(-2 * time.Hour)) {
		t.Errorf("served since %s", got)
	}
	if !v.machines["i-boots"].served.IsZero() {
		t.Error("an instance that boots has been given an age")
	}
}

// TestQuietMinuteWritesLittle counts the lines of an hour in which nothing changes.
func TestQuietMinuteWritesLittle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sem.jobs = semaphore.Jobs{}
		for range 60 {
			if err := w.minute(t); err != nil {
				t.Fatal(err)
			}
		}
		if lines := strings.Count(w.log.String(), "\n"); lines < 60 || lines > 150 {
			t.Errorf("%d decisions are logged in a quiet hour of %d polls", lines, len(w.sem.asked))
		}
	})
}
