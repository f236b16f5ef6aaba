package deploy

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

const (
	testStackARN = "arn:aws:cloudformation:us-east-1:123456789012:stack/fleet/1"
	testSetARN   = "arn:aws:cloudformation:us-east-1:123456789012:changeSet/set/1"
)

// testOwner marks stacks as the engine's in every test.
var testOwner = map[string]string{"semagent:managed": "true"}

func newTestEngine(t *testing.T, endpoint string) *Engine {
	t.Helper()
	return New(newTestClient(t, endpoint), Options{PollMin: 4 * time.Millisecond, PollMax: 8 * time.Millisecond, Owner: testOwner})
}

func newTestClient(t *testing.T, endpoint string) *cloudformation.Client {
	t.Helper()
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return cloudformation.New(cloudformation.Options{
		BaseEndpoint: &endpoint,
		Region:       "us-east-1",
		Credentials:  aws.NewCredentialsCache(credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", "")),
		HTTPClient:   &http.Client{Transport: transport},
	})
}

// object and array are XML to be: members by name, and <member> lists.
type (
	object = map[string]any
	array  = []any
)

// answer is one scripted answer: an object, or a failure.
type answer any

// tokenOf answers DescribeStackEvents with an event that carries the token of the last call of that action.
type tokenOf string

type failure struct {
	status        int
	code, message string
}

func noStack(name string) failure {
	return failure{400, "ValidationError", "Stack with id " + name + " does not exist"}
}

// script answers each CloudFormation action with its list of answers in turn, the last one ever after.
type script struct {
	mu      sync.Mutex
	t       *testing.T
	answers map[string][]answer
	calls   []string
	forms   map[string]url.Values // the last of each action
}

func newScript(t *testing.T, answers map[string][]answer) (*script, *Engine) {
	t.Helper()
	s := &script{t: t, answers: maps.Clone(answers), forms: map[string]url.Values{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, newTestEngine(t, server.URL)
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.ParseForm(); err != nil {
		return // an interrupt cut the request off
	}
	action := r.Form.Get("Action")
	s.calls, s.forms[action] = append(s.calls, action), r.Form
	queue := s.answers[action]
	if len(queue) == 0 {
		s.t.Errorf("unplanned call of %s", action)
		queue = []answer{failure{400, "InvalidAction", "unplanned"}}
	}
	if len(queue) > 1 {
		s.answers[action] = queue[1:]
	}
	if of, ok := queue[0].(tokenOf); ok {
		queue = []answer{events(anEvent(9, "fleet", "UPDATE_IN_PROGRESS", "", s.forms[string(of)].Get("ClientRequestToken")))}
	}
	if f, failed := queue[0].(failure); failed {
		w.WriteHeader(f.status)
		fmt.Fprintf(w, "<ErrorResponse><Error><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>", f.code, escape(f.message))
		return
	}
	fmt.Fprintf(w, "<%sResponse><%sResult>%s</%sResult></%sResponse>", action, action, render(queue[0]), action, action)
}

// called reports how often an action was called.
func (s *script) called(action string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(slices.DeleteFunc(slices.Clone(s.calls), func(c string) bool { return c != action }))
}

func (s *script) form(action string) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms[action]
}

func render(v any) string {
	var b strings.Builder
	switch v := v.(type) {
	case object:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(&b, "<%s>%s</%s>", key, render(v[key]), key)
		}
	case array:
		for _, item := range v {
			b.WriteString("<member>" + render(item) + "</member>")
		}
	case nil:
	default:
		b.WriteString(escape(fmt.Sprint(v)))
	}
	return b.String()
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

// aStack answers DescribeStacks.
func aStack(status string, more ...object) object {
	stack := object{
		"StackName": "fleet", "StackId": testStackARN, "StackStatus": status, "CreationTime": "2026-05-01T10:00:00Z",
		"Tags": array{object{"Key": "semagent:managed", "Value": "true"}},
	}
	for _, m := range more {
		maps.Copy(stack, m)
	}
	return object{"Stacks": array{stack}}
}

// anEvent is a stack event; the stack's own has its ARN for a physical ID.
func anEvent(id int, logical, status, reason, token string) object {
	physical := "physical-" + logical
	if logical == "fleet" {
		physical = testStackARN
	}
	return object{
		"EventId": id, "StackId": testStackARN, "StackName": "fleet", "LogicalResourceId": logical, "PhysicalResourceId": physical,
		"ResourceType": "AWS::Test::Thing", "ResourceStatus": status, "ResourceStatusReason": reason, "ClientRequestToken": token,
		"Timestamp": time.Date(2026, 5, 1, 10, 0, id, 0, time.UTC).Format(time.RFC3339),
	}
}

// events answers DescribeStackEvents: given oldest first, told newest first.
func events(list ...object) object {
	var members array
	for _, e := range slices.Backward(list) {
		members = append(members, e)
	}
	return object{"StackEvents": members}
}
