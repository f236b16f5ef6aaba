package scaler

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

const (
	bootTime   = 5 * time.Minute // in service, an instance has an agent by then: several times what a good boot takes
	retireTime = 3 * time.Minute // an agent that disconnects may need it to end its instance
	fillTime   = time.Minute     // a launch that goes well is over by then
	mostNamed  = 20              // instance IDs in one line of the log
)

// inventory is what is known of the group's instances beyond one tick. It lives in the memory of a warm process; one that
// starts afresh learns the instances' ages from Auto Scaling's record, see learn, and forgets the brake.
//
// Semaphore tells how many agents are registered, not where. An agent that is gone is still counted for 3 minutes if
// it was idle and for 15 if it was busy. So the count is never taken for supply; it may only hide a stuck instance
// for that long, and it never makes one up. That it rises is the one proof of a registration: an old row delays a fall and causes no rise.
type inventory struct {
	boot     time.Duration       // zero: bootTime
	started  bool                // whether agents is known
	machines map[string]*machine // by instance ID
	agents   int                 // at the last tick
	lacking  lasting             // old instances beyond the number of agents
	missing  lasting             // desired capacity beyond the instances
	stuck    int                 // as it was counted by the brake
	brake    brake
}

type machine struct {
	seen   time.Time
	served time.Time // since when it is in service; zero while it boots
	alone  bool      // no agent was registered and no job ran in all its life
}

// census is the inventory at one tick.
type census struct {
	stuck     int      // instances in service beyond a boot's time that bring no agent
	suspects  []string // their IDs are among these, oldest first
	shortfall int      // instances that Auto Scaling should have launched and did not
	held      bool
	ceiling   int
	failures  int // boots without an agent since the last registration
}

// loop is the number of boots without an agent where they make a loop, else zero.
func (c census) loop() int {
	if !c.held {
		return 0
	}
	return c.failures
}

// observe takes what a tick saw. Without a count of agents nothing is stuck.
func (v *inventory) observe(now time.Time, g group, o semaphore.Occupancy) census {
	agents, counted := 0, o.Agents != nil
	if counted {
		agents = o.Agents.Idle + o.Agents.Occupied
	}
	if counted {
		if v.started && agents > v.agents {
			v.brake.release()
		}
		v.agents, v.started = agents, true
	}
	departed := v.roll(now, g, counted && agents == 0 && o.Jobs.Running == 0)
	old := v.old(now)
	lacking := 0
	if counted {
		lacking = len(old) - agents
	}
	v.lacking.observe(lacking, now)
	v.missing.observe(g.desired-g.inService-v.launching(now, g), now)
	stuck := v.lacking.over(retireTime, now)
	v.brake.fail(departed+max(stuck-v.stuck, 0), g.desired, now)
	v.brake.turn(g.desired, now)
	v.stuck = stuck
	c := census{
		stuck: stuck, shortfall: v.missing.over(fillTime, now),
		held: v.brake.held, ceiling: v.brake.ceiling, failures: v.brake.failures,
	}
	if stuck > 0 {
		c.suspects = old[:min(len(old), mostNamed)]
	}
	return c
}

// roll brings the machines up to date and counts those that left without an agent ever having been seen.
func (v *inventory) roll(now time.Time, g group, alone bool) (departed int) {
	if v.machines == nil {
		v.machines = map[string]*machine{}
	}
	here := map[string]bool{}
	for _, i := range g.instances {
		if !i.inService && !i.booting {
			continue
		}
		here[i.id] = true
		m := v.machines[i.id]
		if m == nil {
			m = &machine{seen: now, alone: true}
			v.machines[i.id] = m
		}
		if i.inService && m.served.IsZero() {
			m.served = now
		}
		m.alone = m.alone && alone
	}
	for id, m := range v.machines {
		if here[id] {
			continue
		}
		// One that was counted as stuck already is not counted a second time.
		if m.alone && alone && !v.isOld(m, now.Add(-retireTime)) {
			departed++
		}
		delete(v.machines, id)
	}
	return departed
}

// isOld says that an instance had the time to boot.
func (v *inventory) isOld(m *machine, now time.Time) bool {
	return !m.served.IsZero() && now.Sub(m.served) >= cmp.Or(v.boot, bootTime)
}

// old are the IDs of instances that had the time to boot, oldest first.
func (v *inventory) old(now time.Time) []string {
	var ids []string
	for id, m := range v.machines {
		if v.isOld(m, now) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(v.machines[a].served.Compare(v.machines[b].served), strings.Compare(a, b))
	})
	return ids
}

// launching counts the instances that boot and may take their time yet.
func (v *inventory) launching(now time.Time, g group) (n int) {
	for _, i := range g.instances {
		if m := v.machines[i.id]; i.booting && m != nil && now.Sub(m.seen) < fillTime {
			n++
		}
	}
	return n
}

// learn corrects the ages of instances that were there before this process. DescribeAutoScalingGroups does not say when
// an instance was launched; the record of activities does. An instance that is older than a full page of it is
// as old as the page's end.
func (v *inventory) learn(launches map[string]time.Time, pageEnd time.Time) {
	for id, m := range v.machines {
		at, ok := launches[id]
		if !ok {
			at = pageEnd
		}
		if !m.served.IsZero() && !at.IsZero() && at.Before(m.served) {
			m.served = at
		}
	}
}
