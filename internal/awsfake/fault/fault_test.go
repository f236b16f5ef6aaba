package fault_test

import (
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/awsfake/fault"
)

func TestCallRules(t *testing.T) {
	var s fault.Script
	s.Add(fault.Set{Calls: []fault.Call{
		{Service: "ssm", Operation: "PutParameter", Kind: fault.Throttle, Skip: 1, Count: 2},
		{Service: "ssm", Kind: fault.Denied},
	}})
	want := []fault.Kind{fault.Denied, fault.Throttle, fault.Throttle, fault.Denied, fault.Denied}
	for i, kind := range want {
		if got, ok := s.ForCall("ssm", "PutParameter"); !ok || got.Kind != kind {
			t.Errorf("call %d meets %q, want %q", i+1, got.Kind, kind)
		}
	}
	if got, ok := s.ForCall("s3", "PutObject"); ok {
		t.Errorf("another service meets %q", got.Kind)
	}
	s.Clear()
	if got, ok := s.ForCall("ssm", "PutParameter"); ok {
		t.Errorf("a cleared script gives %q", got.Kind)
	}
}

func TestResourceAndLaunchRules(t *testing.T) {
	var s fault.Script
	s.Add(fault.Set{
		Resources: []fault.Resource{{Stack: "st", LogicalID: "P", Op: "update", Reason: "no", Count: 1}},
		Launches:  []fault.Launch{{Group: "fleet", Message: "none left", Count: 1}},
	})
	if err := s.ForResource("st", "P", "AWS::SSM::Parameter", "CREATE"); err != nil {
		t.Errorf("a creation meets %v", err)
	}
	if err := s.ForResource("st", "P", "AWS::SSM::Parameter", "UPDATE"); err == nil || err.Error() != "no" {
		t.Errorf("an update meets %v", err)
	}
	if err := s.ForResource("st", "P", "AWS::SSM::Parameter", "UPDATE"); err != nil {
		t.Errorf("a second update meets %v", err)
	}
	if _, ok := s.ForLaunch("other"); ok {
		t.Error("another group's launch fails")
	}
	if got, ok := s.ForLaunch("fleet"); !ok || got != "none left" {
		t.Errorf("got %q", got)
	}
}

func TestAddRefusesNonsense(t *testing.T) {
	defer func() {
		if r, ok := recover().(error); !ok || !strings.Contains(r.Error(), "unknown fault kind") {
			t.Errorf("got %v", r)
		}
	}()
	new(fault.Script).Add(fault.Set{Calls: []fault.Call{{Kind: "odd"}}})
}
