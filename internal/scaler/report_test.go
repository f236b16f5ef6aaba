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
			{"Semaphore/StuckInstances StackName=fleet", 0, "Count"},
			{"Semaphore/Shortfall StackName=fleet", 0, "Count"},
			{"Semaphore/DecisionLatency StackName=fleet", 250, "Milliseconds"},
			{"Semaphore/TickErrors StackName=fleet", 0, "Count"},
		} {
			want[d.id] = d
		}
		if diff := cmp.Diff(want, readMetrics(t, w.emf.Bytes()), cmp.AllowUnexported(datum{})); diff != "" {
			t.Error(diff)
		}
	})
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
