package awsfake

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/fault"
)

// Call is one request that the local AWS got, as tests look at it.
type Call struct {
	Service    string            `json:"service"`   // signing name
	Operation  string            `json:"operation"` // such as PutParameter
	Time       time.Time         `json:"time"`      // on the local clock
	Status     int               `json:"status"`    // HTTP status of the answer; 0 when it was not given
	Code       string            `json:"code,omitempty"`
	Fault      fault.Kind        `json:"fault,omitempty"`      // the scripted fault that it met
	Parameters map[string]string `json:"parameters,omitempty"` // the input's scalars; secrets are left out
}

// Name is the call as policies write it: service:Operation.
func (c Call) Name() string { return c.Service + ":" + c.Operation }

type journal struct {
	mu    sync.Mutex
	calls []Call
}

func (j *journal) add(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
}

func (j *journal) all() []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.calls)
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = nil
}

// parameters are the scalars of a call's input. The value of an SSM parameter is a secret and no part of any record.
func parameters(c *call) map[string]string {
	out := maps.Clone(c.path)
	if out == nil {
		out = map[string]string{}
	}
	copyForm(out, c.form)
	var object map[string]any
	if json.Unmarshal(c.body, &object) == nil {
		copyScalars(out, object)
	}
	if c.service == "ssm" {
		delete(out, "Value")
	}
	return out
}

func copyForm(out map[string]string, form url.Values) {
	for k := range form {
		if k != "Action" && k != "Version" && k != "TemplateBody" {
			out[k] = form.Get(k)
		}
	}
}

func copyScalars(out map[string]string, object map[string]any) {
	for k, v := range object {
		switch v.(type) {
		case map[string]any, []any, nil:
		default:
			out[k] = text(v)
		}
	}
}
