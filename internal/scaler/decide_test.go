package scaler

import (
	"math"
	"testing"
)

func state(queued, running, low, high, desired int, o Overprovision) State {
	return State{Queued: queued, Running: running, Min: low, Max: high, Desired: desired, Overprovision: o}
}

func TestDecide(t *testing.T) {
	none := Overprovision{}
	tests := map[string]struct {
		state  State
		target int
		reason string
	}{
		"nothing to do":              {state(0, 0, 0, 5, 0, none), 0, "no jobs: desired capacity of 0 stays"},
		"one job":                    {state(1, 0, 0, 5, 0, none), 1, "1 job (1 queued, 0 running) needs 1 machine: raise desired capacity from 0 to 1"},
		"queued and running":         {state(3, 2, 0, 10, 2, none), 5, "5 jobs (3 queued, 2 running) need 5 machines: raise desired capacity from 2 to 5"},
		"enough already":             {state(1, 1, 0, 10, 2, none), 2, "2 jobs (1 queued, 1 running) need 2 machines: desired capacity of 2 stays"},
		"never lower":                {state(0, 1, 0, 10, 7, none), 7, "1 job (0 queued, 1 running) needs 1 machine: desired capacity of 7 stays"},
		"maximum":                    {state(9, 0, 0, 4, 1, none), 4, "9 jobs (9 queued, 0 running) need 9 machines, more than the maximum size of 4: raise desired capacity from 1 to 4"},
		"at the maximum":             {state(9, 0, 0, 4, 4, none), 4, "9 jobs (9 queued, 0 running) need 9 machines, more than the maximum size of 4: desired capacity of 4 stays"},
		"live above the maximum":     {state(9, 0, 0, 4, 6, none), 6, "9 jobs (9 queued, 0 running) need 9 machines, more than the maximum size of 4: desired capacity of 6 stays"},
		"minimum":                    {state(1, 0, 2, 5, 0, none), 2, "1 job (1 queued, 0 running), and the minimum size is 2: raise desired capacity from 0 to 2"},
		"minimum without jobs":       {state(0, 0, 2, 5, 2, none), 2, "no jobs, and the minimum size is 2: desired capacity of 2 stays"},
		"no headroom below minimum":  {state(1, 0, 2, 9, 0, Overprovision{Number, 3}), 2, "1 job (1 queued, 0 running), and the minimum size is 2: raise desired capacity from 0 to 2"},
		"headroom at the minimum":    {state(2, 0, 2, 9, 0, Overprovision{Number, 3}), 5, "2 jobs (2 queued, 0 running) and headroom of 3 need 5 machines: raise desired capacity from 0 to 5"},
		"headroom without jobs":      {state(0, 0, 0, 9, 0, Overprovision{Number, 1}), 1, "no jobs and headroom of 1 need 1 machine: raise desired capacity from 0 to 1"},
		"percentage is rounded up":   {state(5, 0, 0, 99, 0, Overprovision{Percentage, 21}), 7, "5 jobs (5 queued, 0 running) and headroom of 2 need 7 machines: raise desired capacity from 0 to 7"},
		"percentage without rest":    {state(5, 0, 0, 99, 0, Overprovision{Percentage, 20}), 6, "5 jobs (5 queued, 0 running) and headroom of 1 need 6 machines: raise desired capacity from 0 to 6"},
		"percentage of nothing":      {state(0, 0, 0, 99, 0, Overprovision{Percentage, 50}), 0, "no jobs: desired capacity of 0 stays"},
		"headroom beyond maximum":    {state(4, 0, 0, 5, 4, Overprovision{Number, 9}), 5, "4 jobs (4 queued, 0 running) and headroom of 9 need 13 machines, more than the maximum size of 5: raise desired capacity from 4 to 5"},
		"negative numbers":           {state(-4, -1, -9, -5, -2, Overprovision{Number, -9}), 0, "no jobs: desired capacity of 0 stays"},
		"minimum above maximum":      {state(0, 0, 9, 5, 1, none), 5, "no jobs, and the minimum size is 9, more than the maximum size of 5: raise desired capacity from 1 to 5"},
		"largest numbers":            {state(math.MaxInt, math.MaxInt, 0, 3, 0, Overprovision{Percentage, math.MaxInt}), 3, ""},
		"most negative numbers":      {state(math.MinInt, math.MinInt, math.MinInt, math.MinInt, math.MinInt, Overprovision{Number, math.MinInt}), 0, ""},
		"largest number of headroom": {state(math.MaxInt-1, 0, 0, math.MaxInt, 0, Overprovision{Number, math.MaxInt}), math.MaxInt, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Decide(tt.state)
			if got.Target != tt.target {
				t.Errorf("target is %d, want %d", got.Target, tt.target)
			}
			if tt.reason != "" && got.Reason != tt.reason {
				t.Errorf("reason is\n%s\nwant\n%s", got.Reason, tt.reason)
			}
		})
	}
}

func TestDecideWithStuckInstances(t *testing.T) {
	stuck := State{Queued: 2, Max: 10, Desired: 2, Stuck: 2}
	held := stuck
	held.Held, held.Ceiling = true, 2
	probing := held
	probing.Ceiling = 3
	floor := State{Min: 3, Max: 10, Held: true}
	free := held
	free.Desired = 4
	tests := map[string]struct {
		state  State
		target int
		reason string
	}{
		"others in their place": {stuck, 4, "2 jobs (2 queued, 0 running) need 2 machines, beside 2 machines without an agent: raise desired capacity from 2 to 4"},
		"held": {held, 2, "2 jobs (2 queued, 0 running) need 2 machines, beside 2 machines without an agent, held back because machines boot and no agent comes: " +
			"desired capacity of 2 stays"},
		"one more may try":         {probing, 3, ""},
		"the minimum is no growth": {floor, 3, "no jobs, and the minimum size is 3: raise desired capacity from 0 to 3"},
		"held, and nothing lacks":  {free, 4, "2 jobs (2 queued, 0 running) need 2 machines, beside 2 machines without an agent: desired capacity of 4 stays"},
		"one stuck, no jobs":       {State{Max: 5, Desired: 1, Stuck: 1}, 1, "no jobs, beside 1 machine without an agent: desired capacity of 1 stays"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Decide(tt.state)
			if got.Target != tt.target || tt.reason != "" && got.Reason != tt.reason {
				t.Errorf("got %d, %s\nwant %d, %s", got.Target, got.Reason, tt.target, tt.reason)
			}
		})
	}
}

func TestPercent(t *testing.T) {
	tests := map[string]struct{ n, factor, want int }{
		"nothing":            {0, 50, 0},
		"zero percent":       {50, 0, 0},
		"rounded up":         {1, 1, 1},
		"exact":              {200, 50, 100},
		"more than all":      {3, 250, 8},
		"no overflow":        {math.MaxInt, 100, math.MaxInt},
		"half of a lot":      {math.MaxInt, 50, math.MaxInt/2 + 1},
		"overflowing":        {math.MaxInt, math.MaxInt, math.MaxInt},
		"overflow by little": {math.MaxInt, 101, math.MaxInt},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := percent(tt.n, tt.factor); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// FuzzDecide checks what holds for every state, hostile ones included.
func FuzzDecide(f *testing.F) {
	for _, n := range []int{0, 1, 7, math.MaxInt, math.MinInt} {
		f.Add(n, n, 0, n, 3, uint8(0), n, 0, false, 0)
		f.Add(1, n, n, 5, n, uint8(1), 2, 3, true, n)
		f.Add(n, 1, 1, n, 0, uint8(2), n, n, true, 4)
	}
	f.Fuzz(func(t *testing.T, queued, running, low, high, desired int, strategy uint8, factor, stuck int, held bool, ceiling int) {
		s := State{
			Queued: queued, Running: running, Min: low, Max: high, Desired: desired,
			Overprovision: Overprovision{Strategy: []Strategy{None, Number, Percentage, ""}[strategy%4], Factor: factor},
			Stuck:         stuck, Held: held, Ceiling: ceiling,
		}
		checkDecision(t, s)
	})
}

func checkDecision(t *testing.T, s State) {
	t.Helper()
	d := Decide(s)
	if d.Target < s.Desired || d.Target < 0 {
		t.Errorf("%+v: target %d is below live desired capacity", s, d.Target)
	}
	if d.Target > max(s.Max, s.Desired, 0) {
		t.Errorf("%+v: target %d is above the maximum and live desired capacity", s, d.Target)
	}
	if floor := min(s.Min, s.Max); d.Target < floor {
		t.Errorf("%+v: target %d is below the minimum", s, d.Target)
	}
	if s.Held && d.Target > max(s.Ceiling, s.Desired, min(s.Min, s.Max), 0) {
		t.Errorf("%+v: target %d is above the ceiling", s, d.Target)
	}
	if demand := sum(max(s.Queued, 0), max(s.Running, 0)); !s.Held && d.Target < min(sum(demand, max(s.Stuck, 0)), s.Max) {
		t.Errorf("%+v: target %d leaves a job without a machine", s, d.Target)
	}
	if d.Reason == "" {
		t.Errorf("%+v: no reason", s)
	}
	again := s
	again.Desired = d.Target
	if next := Decide(again).Target; next != d.Target {
		t.Errorf("%+v: target %d becomes %d once it is applied", s, d.Target, next)
	}
	if s.Queued < math.MaxInt {
		more := s
		more.Queued++
		if next := Decide(more).Target; next < d.Target {
			t.Errorf("%+v: one job more lowers the target from %d to %d", s, d.Target, next)
		}
	}
	if s.Running < math.MaxInt && s.Queued > math.MinInt {
		moved := s
		moved.Queued--
		moved.Running++
		if s.Queued > 0 && s.Running >= 0 && Decide(moved).Target != d.Target {
			t.Errorf("%+v: a queued job that starts to run changes the target", s)
		}
	}
}

func TestParseOverprovision(t *testing.T) {
	tests := map[string]struct {
		strategy, factor string
		want             Overprovision
		fails            bool
	}{
		"unset":             {"", "", Overprovision{None, 0}, false},
		"none":              {"none", "not read", Overprovision{None, 0}, false},
		"number":            {"number", "3", Overprovision{Number, 3}, false},
		"percentage":        {"percentage", "150", Overprovision{Percentage, 150}, false},
		"zero":              {"number", "0", Overprovision{Number, 0}, false},
		"unknown strategy":  {"Number", "3", Overprovision{}, true},
		"no factor":         {"number", "", Overprovision{}, true},
		"negative factor":   {"number", "-1", Overprovision{}, true},
		"fractional factor": {"percentage", "1.5", Overprovision{}, true},
		"percent sign":      {"percentage", "10%", Overprovision{}, true},
		"overflowing":       {"number", "99999999999999999999", Overprovision{}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := ParseOverprovision(tt.strategy, tt.factor)
			if got != tt.want || (err != nil) != tt.fails {
				t.Errorf("got %+v and %v, want %+v", got, err, tt.want)
			}
		})
	}
}
