package main

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/scaler"
)

const goodMetrics = `{"jobs":{"queued":3,"running":1},"agents":{"idle":0,"occupied":1}}`

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}

// fault spoils one request: it answers in place of the server.
type fault func(w http.ResponseWriter, r *http.Request)

// faults are used up one a request, by the name of the call.
type faults struct {
	mu    sync.Mutex
	queue map[string][]fault
	calls map[string]int
}

func (f *faults) next(call string) fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls == nil {
		f.calls = map[string]int{}
	}
	f.calls[call]++
	queue := f.queue[call]
	if len(queue) == 0 {
		return nil
	}
	f.queue[call] = queue[1:]
	return queue[0]
}

func (f *faults) count(call string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[call]
}

func (f *faults) add(call string, more ...fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.queue == nil {
		f.queue = map[string][]fault{}
	}
	f.queue[call] = append(f.queue[call], more...)
}

// heal drops what is left of the faults.
func (f *faults) heal() {
	f.mu.Lock()
	defer f.mu.Unlock()
	clear(f.queue)
}

func text(status int, body string, header ...string) fault {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// hang reads the body first: only then does the server notice that the client gave up.
func hang(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	select {
	case <-r.Context().Done():
	case <-time.After(30 * time.Second):
	}
}

func stall(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, goodMetrics[:20])
	_ = http.NewResponseController(w).Flush()
	hang(w, r)
}

// reset breaks the connection in the middle of the answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, goodMetrics)
	panic(http.ErrAbortHandler)
}

// fakeSemaphore answers body to whoever has the token.
type fakeSemaphore struct {
	faults
	token string
	body  string
}

func (s *fakeSemaphore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f := s.next("metrics"); f != nil {
		f(w, r)
		return
	}
	if r.URL.Path != "/api/v1/self_hosted_agents/metrics" {
		http.NotFound(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Token "+s.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	_, _ = io.WriteString(w, s.body)
}

// fakeAWS has one Auto Scaling group, agents, and some parameters.
type fakeAWS struct {
	faults
	state sync.Mutex

	maximum, desired int
	serving          int // instances in service
	gone             bool
	suspended        bool
	parameters       map[string]string
}

func newFakeAWS() *fakeAWS {
	return &fakeAWS{maximum: 10, desired: 1, suspended: true, parameters: map[string]string{
		"/ci/token": "s3cr3t-token", "fleet-hosts": "[]",
	}}
}

func (a *fakeAWS) with(f func()) {
	a.state.Lock()
	defer a.state.Unlock()
	f()
}

func (a *fakeAWS) desiredCapacity() (n int) {
	a.with(func() { n = a.desired })
	return n
}

func (a *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := r.Header.Get("X-Amz-Target")
	if call == "" {
		call = r.FormValue("Action")
	}
	if f := a.next(call); f != nil {
		f(w, r)
		return
	}
	a.state.Lock()
	defer a.state.Unlock()
	switch call {
	case "AmazonSSM.GetParameter", "AmazonSSM.PutParameter":
		a.parameter(w, r, call)
	case "DescribeAutoScalingGroups":
		a.describe(w)
	case "DescribeScalingActivities":
		_, _ = io.WriteString(w, activities)
	case "SetDesiredCapacity":
		a.set(w, r)
	case "SuspendProcesses":
		a.suspended = a.suspended || r.FormValue("ScalingProcesses.member.1") == "AZRebalance"
		_, _ = io.WriteString(w, `<SuspendProcessesResponse/>`)
	default:
		http.Error(w, "unknown call "+call, http.StatusNotImplemented)
	}
}

func (a *fakeAWS) parameter(w http.ResponseWriter, r *http.Request, call string) {
	var in struct{ Name, Value string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if call == "AmazonSSM.PutParameter" {
		a.parameters[in.Name] = in.Value
		_, _ = io.WriteString(w, `{"Version":2}`)
		return
	}
	value, ok := a.parameters[in.Name]
	if !ok {
		text(http.StatusBadRequest, `{"__type":"ParameterNotFound"}`)(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"Parameter": map[string]any{"Name": in.Name, "Value": value}})
}

func (a *fakeAWS) describe(w http.ResponseWriter) {
	group := ""
	if !a.gone {
		suspended := ""
		if a.suspended {
			suspended = `<member><ProcessName>AZRebalance</ProcessName></member>`
		}
		group = fmt.Sprintf(`<member><AutoScalingGroupName>agents</AutoScalingGroupName><MinSize>0</MinSize><MaxSize>%d</MaxSize>`+
			`<DesiredCapacity>%d</DesiredCapacity><SuspendedProcesses>%s</SuspendedProcesses><Instances>%s</Instances></member>`,
			a.maximum, a.desired, suspended, strings.Repeat(servingMember, a.serving))
	}
	fmt.Fprintf(w, `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>%s`+
		`</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`, group)
}

const (
	servingMember = `<member><InstanceId>i-0123456789abcdef0</InstanceId><LifecycleState>InService</LifecycleState></member>`
	activities    = `<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities><member><StatusCode>Successful</StatusCode>` +
		`<Description>Launching a new EC2 instance: i-0123456789abcdef0</Description><StartTime>2026-01-01T00:00:00Z</StartTime>` +
		`</member></Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`
)

func (a *fakeAWS) set(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.FormValue("DesiredCapacity"))
	if a.gone {
		text(http.StatusBadRequest, queryError("ValidationError", "AutoScalingGroup name not found"))(w, r)
		return
	}
	if err != nil || n > a.maximum {
		text(http.StatusBadRequest, queryError("ValidationError", "New SetDesiredCapacity value is above max value"))(w, r)
		return
	}
	a.desired = n
	_, _ = io.WriteString(w, `<SetDesiredCapacityResponse/>`)
}

func queryError(code, message string) string {
	return fmt.Sprintf(`<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>`, code, message)
}

func answerMeta(w http.ResponseWriter, _ *http.Request) {
	_ = json.NewEncoder(w).Encode(map[string]any{"ssh_keys": scaler.KnownHosts()})
}
