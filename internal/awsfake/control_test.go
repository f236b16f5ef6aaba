package awsfake_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/awsfake"
)

func TestControlSurface(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	status, answer := call(t, cfg, http.MethodPost, "/_local/faults", "", "", `{"calls":[{"service":"ssm","operation":"PutParameter","kind":"throttle","count":1}]}`)
	if status != http.StatusOK {
		t.Fatalf("got %d %s", status, answer)
	}
	wantCode(t, put(t, cfg, "p"), "ThrottlingException", "")
	ok(t, put(t, cfg, "p"))
	_, answer = call(t, cfg, http.MethodGet, "/_local/calls", "", "", "")
	var calls []awsfake.Call
	ok(t, json.Unmarshal([]byte(answer), &calls))
	if len(calls) != 2 || calls[0].Fault != "throttle" || calls[1].Status != http.StatusOK {
		t.Errorf("got %+v", calls)
	}
	call(t, cfg, http.MethodDelete, "/_local/calls", "", "", "")
	if n := len(s.Calls()); n != 0 {
		t.Errorf("%d calls are left", n)
	}
	call(t, cfg, http.MethodPost, "/_local/images", "", "", `{"name":"semagent-x","id":"ami-0aaaaaaaaaaaaaaaa"}`)
	call(t, cfg, http.MethodPost, "/_local/foreign-buckets", "", "", `{"name":"theirs"}`)
	call(t, cfg, http.MethodPost, "/_local/key-pairs", "", "", `{"name":"mine"}`)
	_, answer = call(t, cfg, http.MethodGet, "/_local/state", "", "", "")
	var state awsfake.State
	ok(t, json.Unmarshal([]byte(answer), &state))
	if state.Parameters["p"].Value != "v" || state.Network.DefaultVPC != s.Network().DefaultVPC {
		t.Errorf("got %+v", state)
	}
}

func TestControlSurfaceRefusesNonsense(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	for body, want := range map[string]string{
		`{"calls":[{"kind":"nonsense"}]}`:                            "unknown fault kind",
		`{"calls":[{"kind":"error"}]}`:                               "has no code",
		`{"resources":[{"logicalId":"P","op":"tidy","reason":"x"}]}`: "tidy",
		`{"launches":[{"group":"g"}]}`:                               "no message",
		`{"calms":[]}`:                                               "calms",
		`{`:                                                          "EOF",
	} {
		status, answer := call(t, cfg, http.MethodPost, "/_local/faults", "", "", body)
		if status != http.StatusBadRequest || !strings.Contains(answer, want) {
			t.Errorf("%s: got %d %s, want %q", body, status, answer, want)
		}
	}
}
