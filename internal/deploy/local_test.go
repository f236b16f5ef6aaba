package deploy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/clock"
)

// fault is what happens to one call.
type fault string

const (
	throttled fault = "throttled twice"
	broken    fault = "503"
	reset     fault = "reset"
	lost      fault = "lost reply"
	denied    fault = "access denied"
	interrupt fault = "interrupt"
)

// local is the local CloudFormation with one fault to come.
type local struct {
	engine *cfn.Engine
	url    string

	mu      sync.Mutex
	failing map[string]string // reason by "LogicalID operation", as "A UPDATE", or by its nth time, as "A UPDATE#2"
	done    map[string]int    // operations since the last call of fail
	fault   fault
	action  string // the call that the fault hits, at its nth occurrence
	nth     int
	met     int
	hits    int
	seen    map[string]int // calls by action
	cancel  func()         // what the interrupt fault does
}

func newLocal(t *testing.T) *local {
	t.Helper()
	l := &local{done: map[string]int{}, seen: map[string]int{}}
	l.engine = cfn.New(cfn.Options{
		Partition: "aws", Account: "123456789012", Region: "us-east-1", Clock: clock.New(1),
		Duration: func(string, string) time.Duration { return 3 * time.Millisecond },
		Fail: func(_, logicalID, _, op string) error {
			l.mu.Lock()
			defer l.mu.Unlock()
			key := logicalID + " " + op
			l.done[key]++
			reason := cmp.Or(l.failing[key], l.failing[fmt.Sprintf("%s#%d", key, l.done[key])])
			if reason == "" {
				return nil
			}
			return errors.New(reason)
		},
	})
	server := httptest.NewServer(l)
	t.Cleanup(l.engine.Stop)
	t.Cleanup(server.Close)
	l.url = server.URL
	return l
}

func (l *local) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	action := r.Form.Get("Action")
	switch l.meet(action) {
	case throttled:
		refuse(w, http.StatusBadRequest, "Throttling", "Rate exceeded")
	case broken:
		http.Error(w, "<html>Service Unavailable</html>", http.StatusServiceUnavailable)
	case denied:
		refuse(w, http.StatusForbidden, "AccessDenied", "User: arn:aws:iam::123456789012:user/u is not authorized to perform: cloudformation:"+action)
	case reset:
		hangUp(w)
	case interrupt:
		l.cancel()
		l.engine.ServeAction(w, r, action, r.Form)
	case lost:
		l.engine.ServeAction(httptest.NewRecorder(), r, action, r.Form)
		hangUp(w)
	default:
		l.engine.ServeAction(w, r, action, r.Form)
	}
}

func (l *local) meet(action string) fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[action]++
	if action != l.action {
		return ""
	}
	l.met++
	last := l.nth
	if l.fault == throttled {
		last++
	}
	if l.met < l.nth || l.met > last {
		return ""
	}
	l.hits++
	return l.fault
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", code, message)
}

func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

func (l *local) fail(reasons map[string]string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failing, l.done = reasons, map[string]int{}
}

// topics is a template of SNS topics, each "LogicalID name display" and, perhaps, what it depends on.
func topics(output string, lines ...string) []byte {
	var resources []string
	for _, line := range lines {
		part := strings.Fields(line)
		depends, err := json.Marshal(part[3:])
		if err != nil {
			panic(err)
		}
		resources = append(resources, fmt.Sprintf(
			`%q:{"Type":"AWS::SNS::Topic","DependsOn":%s,"Properties":{"TopicName":%q,"DisplayName":%q}}`, part[0], depends, part[1], part[2],
		))
	}
	return fmt.Appendf(nil, `{"Resources":{%s},"Outputs":{"Name":{"Value":%q}}}`, strings.Join(resources, ","), output)
}

func deploy(t *testing.T, e *Engine, template []byte) (*Result, error) {
	t.Helper()
	cs, err := e.CreateChangeSet(t.Context(), Request{StackName: "fleet", Template: template})
	if err != nil {
		return nil, err
	}
	x, err := e.Execute(t.Context(), cs, ExecuteOptions{})
	if err != nil {
		return nil, errors.Join(err, e.Discard(t.Context(), cs))
	}
	return x.Result(t.Context())
}

// left is what a command left behind: stacks in review and change sets that can still be executed.
func left(t *testing.T, l *local) []string {
	t.Helper()
	l.mu.Lock()
	l.action = ""
	l.mu.Unlock()
	e := newTestEngine(t, l.url)
	stacks, err := New(e.client, Options{}).Stacks(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, stack := range stacks {
		if stack.Status.InReview() {
			found = append(found, "stack in review")
		}
		sets, err := e.changeSets(t.Context(), stack.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range sets {
			if !executed(set.ExecutionStatus) {
				found = append(found, fmt.Sprintf("change set %s %s", set.Status, set.ExecutionStatus))
			}
		}
	}
	return found
}
