package cfn_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/clock"
)

// node is one element of an answer.
type node struct {
	XMLName  xml.Name
	Text     string `xml:",chardata"`
	Children []node `xml:",any"`
}

func (n node) get(path ...string) node {
	for _, name := range path {
		i := slices.IndexFunc(n.Children, func(c node) bool { return c.XMLName.Local == name })
		if i < 0 {
			return node{}
		}
		n = n.Children[i]
	}
	return n
}

func (n node) text(path ...string) string { return n.get(path...).Text }

func (n node) has(name string) bool { return n.get(name).XMLName.Local == name }

// service is a local CloudFormation behind real HTTP.
type service struct {
	t      *testing.T
	engine *cfn.Engine
	url    string
}

func serve(t *testing.T, o cfn.Options) *service {
	t.Helper()
	o.Partition, o.Account, o.Region = "aws", "123456789012", "eu-west-1"
	if o.Clock == nil {
		o.Clock = clock.New(2000)
	}
	e := cfn.New(o)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		e.ServeAction(w, r, r.Form.Get("Action"), r.Form)
	}))
	t.Cleanup(func() { srv.Close(); e.Stop() })
	return &service{t: t, engine: e, url: srv.URL}
}

// apiError is an error answer.
type apiError struct {
	status        int
	code, message string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

// try sends one action; args are names and values in turn.
func (s *service) try(action string, args ...string) (node, error) {
	s.t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-15"}}
	for i := 0; i+1 < len(args); i += 2 {
		form.Set(args[i], args[i+1])
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var root node
	if err := xml.NewDecoder(res.Body).Decode(&root); err != nil {
		s.t.Fatalf("%s: %v", action, err)
	}
	if res.StatusCode != http.StatusOK {
		return node{}, &apiError{res.StatusCode, root.text("Error", "Code"), root.text("Error", "Message")}
	}
	return root.get(action + "Result"), nil
}

func (s *service) call(action string, args ...string) node {
	s.t.Helper()
	n, err := s.try(action, args...)
	if err != nil {
		s.t.Fatalf("%s: %v", action, err)
	}
	return n
}

// refused expects an error with that code and a message that contains text.
func (s *service) refused(code, text, action string, args ...string) {
	s.t.Helper()
	_, err := s.try(action, args...)
	var failure *apiError
	if !errors.As(err, &failure) || failure.code != code || !strings.Contains(failure.message, text) {
		s.t.Errorf("%s: got %v, want %s: ...%s...", action, err, code, text)
	}
}

const patience = 20 * time.Second

func (s *service) eventually(what string, ok func() bool) {
	s.t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			s.t.Fatalf("%s did not happen", what)
		}
		time.Sleep(time.Millisecond)
	}
}

func (s *service) stack(name string) node {
	s.t.Helper()
	return s.call("DescribeStacks", "StackName", name).get("Stacks", "member")
}

// settled waits until the stack rests, and expects the status.
func (s *service) settled(name, status string) node {
	s.t.Helper()
	var last node
	s.eventually("rest of "+name, func() bool {
		last = s.stack(name)
		got := last.text("StackStatus")
		return got == "REVIEW_IN_PROGRESS" || !strings.HasSuffix(got, "_IN_PROGRESS")
	})
	if got := last.text("StackStatus"); got != status {
		s.t.Fatalf("stack %s is %s (%s), want %s\n%s", name, got, last.text("StackStatusReason"), status, strings.Join(s.events(last.text("StackId")), "\n"))
	}
	return last
}

// changeSet creates a change set and waits for it.
func (s *service) changeSet(kind, stack, template string, args ...string) (id string, described node) {
	s.t.Helper()
	args = append([]string{"StackName", stack, "ChangeSetName", fmt.Sprintf("cs-%d", time.Now().UnixNano()), "ChangeSetType", kind, "TemplateBody", template}, args...)
	id = s.call("CreateChangeSet", args...).text("Id")
	s.eventually("change set", func() bool {
		described = s.call("DescribeChangeSet", "ChangeSetName", id)
		status := described.text("Status")
		return status == "CREATE_COMPLETE" || status == "FAILED"
	})
	return id, described
}

// deploy creates and executes a change set, and expects the stack to rest in status. It returns the stack's ARN.
func (s *service) deploy(kind, stack, template, status string, args ...string) string {
	s.t.Helper()
	id, described := s.changeSet(kind, stack, template, args...)
	if got := described.text("Status"); got != "CREATE_COMPLETE" {
		s.t.Fatalf("change set is %s: %s", got, described.text("StatusReason"))
	}
	s.call("ExecuteChangeSet", "ChangeSetName", id)
	return s.settled(described.text("StackId"), status).text("StackId")
}

// events are the stack's events, oldest first: "logicalID STATUS reason".
func (s *service) events(stack string) []string {
	s.t.Helper()
	var out []string
	for _, e := range s.call("DescribeStackEvents", "StackName", stack).get("StackEvents").Children {
		id := e.text("LogicalResourceId")
		if e.text("PhysicalResourceId") == e.text("StackId") {
			id = "(stack)"
		}
		out = append(out, strings.TrimSpace(id+" "+e.text("ResourceStatus")+" "+e.text("ResourceStatusReason")))
	}
	slices.Reverse(out)
	return out
}

func (s *service) eventsSince(stack, marker string) []string {
	s.t.Helper()
	all := s.events(stack)
	for i, line := range slices.Backward(all) {
		if line == marker {
			return all[i:]
		}
	}
	s.t.Fatalf("no event %q in\n%s", marker, strings.Join(all, "\n"))
	return nil
}

// doc builds a template from resources and further sections, each a name and a value.
func doc(sections ...any) string {
	m := map[string]any{}
	for i := 0; i+1 < len(sections); i += 2 {
		m[sections[i].(string)] = sections[i+1]
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err)
	}
	return string(b)
}

type obj = map[string]any

func topic(properties obj, more ...any) obj {
	out := obj{"Type": "AWS::SNS::Topic", "Properties": properties}
	for i := 0; i+1 < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

// recorder is a handler that remembers its calls.
type recorder struct {
	mu    sync.Mutex
	calls []string
	last  map[string]cfn.Request // by "Op LogicalID"
	after func(ctx context.Context, op string, r cfn.Request) error
}

func (h *recorder) note(ctx context.Context, op string, r cfn.Request) error {
	h.mu.Lock()
	h.calls = append(h.calls, op+" "+r.LogicalID)
	if h.last == nil {
		h.last = map[string]cfn.Request{}
	}
	h.last[op+" "+r.LogicalID] = r
	h.mu.Unlock()
	if h.after != nil {
		return h.after(ctx, op, r)
	}
	return nil
}

func (h *recorder) request(call string) cfn.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.last[call]
}

func (h *recorder) seen() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.calls)
}

func (h *recorder) Create(ctx context.Context, r cfn.Request) (cfn.Result, error) {
	r.Started(r.Name)
	err := h.note(ctx, "Create", r)
	return cfn.Result{PhysicalID: r.Name, Attributes: obj{"TopicArn": "arn:" + r.Name}}, err
}

func (h *recorder) Update(ctx context.Context, r cfn.Request) (cfn.Result, error) {
	return cfn.Result{PhysicalID: r.PhysicalID}, h.note(ctx, "Update", r)
}

func (h *recorder) Delete(ctx context.Context, r cfn.Request) error { return h.note(ctx, "Delete", r) }

// faults scripts failures by "OP LogicalID"; each is used up by one failure unless it is negative.
type faults struct {
	mu   sync.Mutex
	left map[string]int
}

func (f *faults) fail(_, id, _, op string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left[op+" "+id] == 0 {
		return nil
	}
	f.left[op+" "+id]--
	return fmt.Errorf("%s of %s was scripted to fail", op, id)
}
