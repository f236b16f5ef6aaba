package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/runtime"
)

const token = "bench-token"

// world is the Semaphore and the AWS that the function sees: one group, one token, and jobs that arrive when told.
type world struct {
	binary, certificate string
	semaphore, aws      *httptest.Server

	mu        sync.Mutex
	arrival   time.Time // of the job that waits; zero: none
	desired   int
	firstPoll time.Time
	polls     int
	logged    int            // bytes
	answered  chan time.Time // gets the moment of each SetDesiredCapacity
}

func newWorld(dir string) (*world, error) {
	w := &world{answered: make(chan time.Time, 1), certificate: filepath.Join(dir, "roots.pem")}
	w.semaphore = httptest.NewTLSServer(http.HandlerFunc(w.metrics))
	w.aws = httptest.NewServer(http.HandlerFunc(w.call))
	block := &pem.Block{Type: "CERTIFICATE", Bytes: w.semaphore.Certificate().Raw}
	return w, os.WriteFile(w.certificate, pem.EncodeToMemory(block), 0o600)
}

func (w *world) close() {
	w.semaphore.Close()
	w.aws.Close()
}

// function is the binary with an environment as the template gives it.
func (w *world) function() *runtime.Runner {
	return runtime.New(runtime.Function{
		Name: "scaler", ARN: "arn:aws:lambda:us-east-1:123456789012:function:scaler", Binary: w.binary,
		Timeout: time.Minute, Memory: 128, Concurrency: 2,
		Env: []string{
			"AWS_ENDPOINT_URL=" + w.aws.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example",
			"SSL_CERT_FILE=" + w.certificate, "SEMAPHORE_ENDPOINT=" + strings.TrimPrefix(w.semaphore.URL, "https://"),
			"SEMAPHORE_AGENT_STACK_NAME=fleet", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token", "SEMAGENT_GROUP_NAME=agents", "SEMAGENT_TASK=scale",
		},
		// A line of the log costs its bytes and 26 more.
		Log: func(_, line string) { w.with(func() { w.logged += len(line) + 26 }) },
	})
}

func (w *world) with(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// enqueue has one job arrive now in a fleet without machines.
func (w *world) enqueue() time.Time {
	now := time.Now()
	w.with(func() { w.arrival, w.desired = now, 0 })
	return now
}

func (w *world) drain() { w.with(func() { w.arrival, w.desired = time.Time{}, 0 }) }

func (w *world) metrics(rw http.ResponseWriter, _ *http.Request) {
	queued := 0
	w.with(func() {
		if w.polls++; w.firstPoll.IsZero() {
			w.firstPoll = time.Now()
		}
		if !w.arrival.IsZero() {
			queued = 1
		}
	})
	time.Sleep(100 * time.Millisecond) // from a region to Semaphore and back
	_, _ = fmt.Fprintf(rw, `{"jobs":{"queued":%d,"running":0},"agents":{"idle":0,"occupied":0}}`, queued)
}

func (w *world) call(rw http.ResponseWriter, r *http.Request) {
	switch call := r.Header.Get("X-Amz-Target") + r.FormValue("Action"); call {
	case "AmazonSSM.GetParameter":
		_, _ = io.WriteString(rw, `{"Parameter":{"Value":"`+token+`"}}`)
	case "DescribeAutoScalingGroups":
		desired := 0
		w.with(func() { desired = w.desired })
		_, _ = fmt.Fprintf(rw, `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups><member>`+
			`<AutoScalingGroupName>agents</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>10</MaxSize><DesiredCapacity>%d</DesiredCapacity>`+
			`<SuspendedProcesses><member><ProcessName>AZRebalance</ProcessName></member></SuspendedProcesses></member></AutoScalingGroups>`+
			`</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`, desired)
	case "DescribeScalingActivities":
		_, _ = io.WriteString(rw, `<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities/></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`)
	case "SetDesiredCapacity":
		n, _ := strconv.Atoi(r.FormValue("DesiredCapacity")) // the function sends a number
		w.with(func() { w.desired = n })
		_, _ = io.WriteString(rw, `<SetDesiredCapacityResponse/>`)
		w.answered <- time.Now()
	default:
		http.Error(rw, "unknown call "+call, http.StatusNotImplemented)
	}
}
