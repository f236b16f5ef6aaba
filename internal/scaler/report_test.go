package scaler

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/semaphore"
)

// datum is a metric as CloudWatch makes it of a line: its name, then its dimensions as Name=value.
type datum struct {
	id    string
	value float64
	unit  string
}

// readMetrics follows the embedded metric format's specification: each directive's metrics and dimensions are keys
// at the root of the document.
func readMetrics(t *testing.T, lines []byte) map[string]datum {
	t.Helper()
	found := map[string]datum{}
	for line := range bytes.Lines(lines) {
		var root map[string]any
		if err := json.Unmarshal(line, &root); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		var header struct {
			AWS struct {
				Timestamp         int64
				CloudWatchMetrics []struct {
					Namespace  string
					Dimensions [][]string
					Metrics    []struct{ Name, Unit string }
				}
			} `json:"_aws"`
		}
		if err := json.Unmarshal(line, &header); err != nil {
			t.Fatal(err)
		}
		if age := time.Since(time.UnixMilli(header.AWS.Timestamp)); age < 0 || age > time.Minute {
			t.Errorf("the timestamp is %s old", age)
		}
		for _, directive := range header.AWS.CloudWatchMetrics {
			for _, m := range directive.Metrics {
				id := directive.Namespace + "/" + m.Name
				for _, dimension := range directive.Dimensions[0] {
					id += " " + dimension + "=" + root[dimension].(string)
				}
				found[id] = datum{id, root[m.Name].(float64), m.Unit}
			}
		}
	}
	return found
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sem.jobs = semaphore.Jobs{Queued: 4, Running: 1}
		w.group.desired = 3
		w.group.instances = []astypes.LifecycleState{"InService", "Pending", "Pending:Wait", "Terminating", "InService"}
		w.group.set = func(context.Context) error { time.Sleep(250 * time.Millisecond); return nil }
		if err := w.Run(t.Context(), time.Now().Add(farewell+time.Second)); err != nil {
			t.Fatal(err)
		}
		want := map[string]datum{}
		for _, d := range []datum{
			{"Semaphore/JobCount StackName=fleet JobState=queued", 4, "Count"},
			{"Semaphore/JobCount StackName=fleet JobState=running", 1, "Count"},
			{"Semaphore/AgentCount StackName=fleet AgentState=idle", 1, "Count"},
			{"Semaphore/AgentCount StackName=fleet AgentState=occupied", 1, "Count"},
			{"Semaphore/DesiredCapacity StackName=fleet", 5, "Count"},
			{"Semaphore/InServiceInstances StackName=fleet", 2, "Count"},
			{"Semaphore/BootingInstances StackName=fleet", 2, "Count"},
			{"Semaphore/DecisionLatency StackName=fleet", 250, "Milliseconds"},
		} {
			want[d.id] = d
		}
		if diff := cmp.Diff(want, readMetrics(t, w.emf.Bytes()), cmp.AllowUnexported(datum{})); diff != "" {
			t.Error(diff)
		}
	})
}

// TestTroubleIsAMetricOnlyWhileThereIsSome: CloudWatch charges for a metric by the hour, and not for a value.
func TestTroubleIsAMetricOnlyWhileThereIsSome(t *testing.T) {
	now := time.Now()
	calm := metricLines("fleet", tick{}, now)
	trouble := metricLines("fleet", tick{
		census:  census{stuck: 1, shortfall: 2, held: true, failures: 3},
		failure: &launchFailure{class: failedQuota},
	}, now)
	for name, want := range map[string]int{"StuckInstances": 1, "Shortfall": 2, "BootFailures": 3} {
		if n := declared(calm, name); n != 0 {
			t.Errorf("%s is a metric %d times in the calm", name, n)
		}
		if trouble[0][name] != want || declared(trouble, name) == 0 {
			t.Errorf("%s is %v, declared %d times, want %d", name, trouble[0][name], declared(trouble, name), want)
		}
	}
	looping := metricLines("fleet", tick{census: census{held: true, failures: 3}}, now)
	if declared(looping, "StuckInstances") != 1 || declared(looping, "BootFailures") != 1 {
		t.Error("of the two that the alarm adds up only one is a metric")
	}
	for _, name := range []string{"StuckInstances", "Shortfall", "TickErrors"} {
		if calm[0][name] != 0 {
			t.Errorf("%s is %v in the calm, want 0", name, calm[0][name])
		}
	}
}

// declared counts the directives that make a metric of name.
func declared(lines []metricLine, name string) (n int) {
	for _, line := range lines {
		for _, d := range line["_aws"].(*metricHeader).CloudWatchMetrics {
			for _, m := range d.Metrics {
				if m.Name == name {
					n++
				}
			}
		}
	}
	return n
}

// TestMetricsOfAFailedTick shows that a tick that saw nothing publishes no zeros.
func TestMetricsOfAFailedTick(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sem.ask = failing(semaphore.ErrMalformed)
		if err := w.Run(t.Context(), time.Now().Add(farewell+time.Second)); err == nil {
			t.Fatal("no error")
		}
		want := map[string]datum{
			"Semaphore/TickErrors StackName=fleet": {"Semaphore/TickErrors StackName=fleet", 1, "Count"},
		}
		if diff := cmp.Diff(want, readMetrics(t, w.emf.Bytes()), cmp.AllowUnexported(datum{})); diff != "" {
			t.Error(diff)
		}
	})
}
