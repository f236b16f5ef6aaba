package semaphore

import (
	"slices"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/clock"
)

// Metrics is the answer of GET /api/v1/self_hosted_agents/metrics.
type Metrics struct {
	Jobs   Jobs   `json:"jobs"`
	Agents Agents `json:"agents"`
}

// Jobs are counted by state.
type Jobs struct {
	Queued  int `json:"queued"`
	Running int `json:"running"`
}

// Agents are counted by what they do.
type Agents struct {
	Idle     int `json:"idle"`
	Occupied int `json:"occupied"`
}

// Agent says how the model's agents behave; times are the local clock's. The zero value never retires.
type Agent struct {
	DisconnectAfterJob bool
	IdleTimeout        time.Duration // 0: never
}

// model moves jobs from the queue through agents to their end. With no source of machines the counts are what Set made them.
type model struct {
	mu       sync.Mutex
	clock    *clock.Clock
	machines func() []string
	retire   func(id string) error
	agent    Agent

	queue  []time.Duration // how long each queued job will run
	agents map[string]*agent
	fixed  *Metrics
}

type agent struct {
	until   time.Time // when its job ends
	busy    bool
	idle    time.Time // since when
	retired bool
}

// sync brings the model up to the present: jobs end, agents come and go, and the queue moves on. Agents that are done retire; where
// that is refused, they start anew.
func (m *model) sync() {
	if m.machines == nil {
		return
	}
	for _, id := range m.advance(m.machines()) {
		if m.retire == nil || m.retire(id) == nil {
			continue
		}
		m.mu.Lock()
		delete(m.agents, id)
		m.mu.Unlock()
	}
}

// advance moves every agent on and returns those that retire now.
func (m *model) advance(live []string) (retiring []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.clock.Now()
	m.register(live, now)
	for _, id := range live {
		a := m.agents[id]
		if a.retired {
			continue
		}
		done := a.busy && !now.Before(a.until)
		if done {
			a.busy, a.idle = false, now
		}
		idle := m.agent.IdleTimeout > 0 && !a.busy && now.Sub(a.idle) >= m.agent.IdleTimeout
		switch {
		case done && m.agent.DisconnectAfterJob:
			a.retired = true
			retiring = append(retiring, id)
		case !a.busy && len(m.queue) > 0:
			a.busy, a.until = true, now.Add(m.queue[0])
			m.queue = m.queue[1:]
		case idle:
			a.retired = true
			retiring = append(retiring, id)
		}
	}
	return retiring
}

// register forgets agents whose machines are gone, with their jobs back in the queue, and takes in new ones.
func (m *model) register(live []string, now time.Time) {
	for id, a := range m.agents {
		if slices.Contains(live, id) {
			continue
		}
		if a.busy {
			m.queue = slices.Insert(m.queue, 0, max(time.Second, a.until.Sub(now)))
		}
		delete(m.agents, id)
	}
	for _, id := range live {
		if m.agents[id] == nil {
			m.agents[id] = &agent{idle: now}
		}
	}
}

func (m *model) metrics() Metrics {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fixed != nil {
		return *m.fixed
	}
	out := Metrics{Jobs: Jobs{Queued: len(m.queue)}}
	for _, a := range m.agents {
		switch {
		case a.busy:
			out.Agents.Occupied++
			out.Jobs.Running++
		case !a.retired:
			out.Agents.Idle++
		}
	}
	return out
}

func (m *model) enqueue(n int, duration time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fixed = nil
	for range n {
		m.queue = append(m.queue, duration)
	}
}
