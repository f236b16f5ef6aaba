package semaphore

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// mostOfAnything is the largest count that is believed. No organization has a million jobs or agents of one type,
// and whoever scales by the number should not have to survive it.
const mostOfAnything = 1_000_000

// Occupancy is how busy one agent type is, as the metrics API tells it. Jobs and agents come from two stores and
// are not one moment's truth.
type Occupancy struct {
	Jobs   Jobs
	Agents *Agents // nil when the answer has none
}

// Jobs counts the jobs of an agent type, each between 0 and a million.
type Jobs struct {
	Queued  int // waiting for an agent, jobs held back by the organization's quota included
	Running int
}

// Agents counts the registered agents of a type, each between 0 and a million. Both include agents that are gone
// but not yet forgotten: idle ones for up to 3 minutes, busy ones for up to 15.
type Agents struct {
	Idle     int
	Occupied int
}

type section map[string]json.RawMessage

func decode(body []byte) (Occupancy, error) {
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")) {
		return Occupancy{}, fmt.Errorf("%w: it is a web page; is the endpoint an organization's?", ErrMalformed)
	}
	var answer struct{ Jobs, Agents section }
	if err := json.Unmarshal(body, &answer); err != nil {
		return Occupancy{}, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	var (
		o   Occupancy
		err error
	)
	if o.Jobs.Queued, o.Jobs.Running, err = answer.Jobs.pair("jobs", "queued", "running"); err != nil {
		return Occupancy{}, err
	}
	if answer.Agents == nil {
		return o, nil
	}
	o.Agents = &Agents{}
	if o.Agents.Idle, o.Agents.Occupied, err = answer.Agents.pair("agents", "idle", "occupied"); err != nil {
		return Occupancy{}, err
	}
	return o, nil
}

func (s section) pair(path, first, second string) (a, b int, err error) {
	if s == nil {
		return 0, 0, fmt.Errorf("%w: %s is missing", ErrMalformed, path)
	}
	if a, err = s.count(path, first); err != nil {
		return 0, 0, err
	}
	b, err = s.count(path, second)
	return a, b, err
}

// count is strict because "032" read as a number once sent a fleet to its maximum.
func (s section) count(path, name string) (int, error) {
	raw, ok := s[name]
	if !ok {
		return 0, fmt.Errorf("%w: %s.%s is missing", ErrMalformed, path, name)
	}
	n, err := strconv.ParseUint(string(raw), 10, 64)
	if err != nil || n > mostOfAnything {
		return 0, fmt.Errorf("%w: %s.%s is %.40s, not a count", ErrMalformed, path, name, raw)
	}
	return int(n), nil
}
