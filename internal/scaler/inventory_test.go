package scaler

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/semaphore"
)

// fleet plays a group and its agents minute by minute against one inventory, with a tick every five seconds.
type fleet struct {
	inventory
	now     time.Time
	desired int
	serving []string
	agents  int // as Semaphore counts them, old rows included
	running int
	last    census
}

func newFleet() *fleet { return &fleet{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)} }

func (f *fleet) tick() census {
	g := group{desired: f.desired, inService: len(f.serving)}
	for _, id := range f.serving {
		g.instances = append(g.instances, instance{id: id, inService: true})
	}
	f.last = f.observe(f.now, g, semaphore.Occupancy{
		Jobs: semaphore.Jobs{Running: f.running}, Agents: &semaphore.Agents{Idle: f.agents - f.running, Occupied: f.running},
	})
	return f.last
}

func (f *fleet) pass(d time.Duration) {
	for end := f.now.Add(d); f.now.Before(end); {
		f.now = f.now.Add(5 * time.Second)
		f.tick()
	}
}

func TestStuck(t *testing.T) {
	f := newFleet()
	f.desired, f.serving = 3, []string{"i-a", "i-b", "i-c"}
	f.tick()
	f.agents = 1
	f.pass(bootTime + retireTime - time.Minute)
	if f.last.stuck != 0 {
		t.Errorf("%d are stuck before their time", f.last.stuck)
	}
	f.pass(2 * time.Minute)
	if f.last.stuck != 2 || !slices.Equal(f.last.suspects, []string{"i-a", "i-b", "i-c"}) {
		t.Errorf("%d stuck among %v, want 2 among all", f.last.stuck, f.last.suspects)
	}
	f.agents = 3
	f.pass(5 * time.Second)
	if f.last.stuck != 0 || len(f.last.suspects) != 0 {
		t.Errorf("still %d stuck after the registration", f.last.stuck)
	}
}

// A machine that boots for long, as those with macOS do, is given its time.
func TestBootTime(t *testing.T) {
	f := newFleet()
	f.boot, f.desired, f.serving = 20*time.Minute, 1, []string{"i-slow"}
	f.pass(20*time.Minute + retireTime - 10*time.Second)
	if f.last.stuck != 0 {
		t.Error("stuck before its time")
	}
	f.pass(time.Minute)
	if f.last.stuck != 1 {
		t.Error("not stuck after its time")
	}
}

// An agent that finished disconnects before its instance is gone, again and again in a fleet of one job an instance.
func TestRetiringInstancesAreNotStuck(t *testing.T) {
	f := newFleet()
	f.desired, f.serving, f.agents = 2, []string{"i-0", "i-1"}, 2
	f.pass(20 * time.Minute)
	for n := range 30 {
		f.agents = 1
		f.pass(90 * time.Second)
		f.serving, f.agents = []string{"i-1", fmt.Sprintf("i-new-%d", n)}, 2
		f.pass(time.Minute)
		if f.last.stuck != 0 || f.last.held {
			t.Fatalf("round %d: %+v", n, f.last)
		}
	}
}

// Rows of agents that are gone stay for 3 minutes (idle) or 15 (busy). They may hide a stuck instance that long and no longer, and
// their end must not look like an instance that lost its agent.
func TestStaleAgentRows(t *testing.T) {
	for name, stale := range map[string]time.Duration{"idle": 3 * time.Minute, "busy": 15 * time.Minute} {
		t.Run(name+" hides", func(t *testing.T) {
			f := newFleet()
			f.desired, f.serving, f.agents = 1, []string{"i-gone"}, 1
			f.pass(10 * time.Minute)
			f.serving = []string{"i-dumb"} // the first crashed; its row stays
			f.pass(stale)
			if f.last.stuck > 0 {
				t.Errorf("stuck while the row of the other is there: %+v", f.last)
			}
			f.agents = 0
			f.pass(bootTime + retireTime)
			if f.last.stuck != 1 {
				t.Errorf("%d stuck once the row is gone, want 1", f.last.stuck)
			}
		})
		t.Run(name+" makes nothing up", func(t *testing.T) {
			f := newFleet()
			f.desired, f.serving, f.agents = 4, []string{"i-0", "i-1", "i-2", "i-3"}, 4
			f.pass(10 * time.Minute)
			for n := range 6 {
				f.serving[n%4] = fmt.Sprintf("i-new-%d", n) // crashed, replaced
				f.pass(time.Minute)
				f.agents = 5 // the new one registered, the old one's row is still there
				f.pass(stale)
				f.agents = 4
				f.pass(time.Minute)
				if f.last.stuck != 0 || f.last.failures != 0 {
					t.Fatalf("round %d: %+v", n, f.last)
				}
			}
		})
	}
}

func TestNoCountOfAgentsIsNoStuckInstance(t *testing.T) {
	f := newFleet()
	g := group{desired: 1, inService: 1, instances: []instance{{id: "i-0", inService: true}}}
	for range 30 {
		f.now = f.now.Add(time.Minute)
		if c := f.observe(f.now, g, semaphore.Occupancy{}); c.stuck != 0 || c.failures != 0 {
			t.Fatalf("%+v", c)
		}
	}
}

// TestBootLoop has a group whose instances end without an agent, and are replaced, for two hours.
func TestBootLoop(t *testing.T) {
	f := newFleet()
	f.desired = 1
	boots, growths := 0, []time.Duration{}
	for start := f.now; f.now.Sub(start) < 2*time.Hour; {
		f.serving = nil
		for range f.desired {
			boots++
			f.serving = append(f.serving, fmt.Sprintf("i-%d", boots))
		}
		f.pass(time.Minute)
		if d := Decide(State{Queued: 50, Max: 50, Desired: f.desired, Held: f.last.held, Ceiling: f.last.ceiling}); f.last.held && d.Target > f.desired {
			growths = append(growths, f.now.Sub(start))
			if d.Target != f.desired+1 {
				t.Errorf("held growth goes from %d to %d", f.desired, d.Target)
			}
			f.desired = d.Target
		}
	}
	if !f.last.held || len(growths) < 4 || len(growths) > 8 {
		t.Errorf("held %t, grew at %v", f.last.held, growths)
	}
	for i := 2; i < len(growths); i++ {
		if before, now := growths[i-1]-growths[i-2], growths[i]-growths[i-1]; now < before {
			t.Errorf("the pauses get shorter: %v", growths)
		}
	}
	f.agents = 1
	f.pass(5 * time.Second)
	if f.last.held || f.last.failures != 0 {
		t.Errorf("a registration does not release: %+v", f.last)
	}
}

// The rows of agents that crashed fall away one by one; that releases nothing.
func TestStaleRowsDoNotRelease(t *testing.T) {
	f := newFleet()
	f.agents, f.desired = 3, 4
	for n := range 12 {
		f.serving = []string{fmt.Sprintf("i-a%d", n), fmt.Sprintf("i-b%d", n), fmt.Sprintf("i-c%d", n), "i-old"}
		f.pass(time.Minute)
	}
	f.agents = 0
	f.pass(5 * time.Second)
	for n := range 3 {
		f.serving = []string{fmt.Sprintf("i-d%d", n), fmt.Sprintf("i-e%d", n)}
		f.pass(time.Minute)
	}
	if !f.last.held {
		t.Errorf("not held: %+v", f.last)
	}
}

func TestPauseDoublesToALimit(t *testing.T) {
	want := []time.Duration{1, 2, 4, 8, 16, 30, 30}
	for i, minutes := range want {
		b := brake{failures: repeated + i}
		if got := b.pause(); got != minutes*time.Minute {
			t.Errorf("pause after %d failures is %s, want %d minutes", b.failures, got, minutes)
		}
	}
	b := brake{failures: 1 << 40}
	if b.pause() != longestPause {
		t.Errorf("pause is %s", b.pause())
	}
}

func TestShortfall(t *testing.T) {
	f := newFleet()
	f.desired, f.serving = 3, []string{"i-0"}
	f.tick()
	f.pass(fillTime - 5*time.Second)
	if f.last.shortfall != 0 {
		t.Errorf("shortfall %d before a launch had its time", f.last.shortfall)
	}
	f.pass(10 * time.Second)
	if f.last.shortfall != 2 {
		t.Errorf("shortfall %d, want 2", f.last.shortfall)
	}
	f.serving = []string{"i-0", "i-1", "i-2"}
	if f.tick(); f.last.shortfall != 0 {
		t.Errorf("shortfall %d of a full group", f.last.shortfall)
	}
}

// A group that grows step by step, each instance in time, never falls short.
func TestSteadyGrowthIsNoShortfall(t *testing.T) {
	f := newFleet()
	for n := range 40 {
		g := group{desired: n + 2, inService: n, booting: 2}
		for i := range n + 2 {
			g.instances = append(g.instances, instance{id: fmt.Sprint(i), inService: i < n, booting: i >= n})
		}
		f.now = f.now.Add(20 * time.Second)
		if c := f.observe(f.now, g, semaphore.Occupancy{}); c.shortfall != 0 {
			t.Fatalf("step %d: shortfall %d", n, c.shortfall)
		}
	}
}

func TestClassify(t *testing.T) {
	for message, want := range map[string]failureClass{
		"We currently do not have sufficient c5.large capacity in the Availability Zone you requested (us-east-1a). Launching EC2 instance failed.": failedCapacity,
		"InsufficientInstanceCapacity": failedCapacity,
		"You have requested more vCPU capacity than your current vCPU limit of 32 allows for the instance bucket. Launching EC2 instance failed.": failedQuota,
		"Max spot instance count exceeded. Launching EC2 instance failed.":                                                                        failedQuota,
		"Could not launch Spot Instances. UnfulfillableCapacity - Unable to fulfill capacity due to your request configuration.":                  failedSpot,
		"There is no Spot capacity available that matches your request.":                                                                          failedSpot,
		"The image id '[ami-0123]' does not exist. Launching EC2 instance failed.":                                                                failedTemplate,
		"The key pair 'ops' does not exist": failedTemplate,
		"Invalid IAM Instance Profile name": failedTemplate,
		"Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: Client.InternalError: Client error on launch": failedTemplate,
		"Internal error": failedOther,
		"":               failedOther,
	} {
		if got := classify(message); got != want {
			t.Errorf("%q is %s, want %s", message, got, want)
		}
	}
}

// FuzzObserve feeds an inventory whatever a group and Semaphore may say: it counts nothing that is not there, and forgets what left.
func FuzzObserve(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 200, 7, 8, 9, 10, 11, 12})
	f.Add([]byte("\xff\x00\xff\x00\xff\x00\xff\x00"))
	f.Fuzz(func(t *testing.T, script []byte) {
		v, now := inventory{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		for step := range slices.Chunk(script, 4) {
			if len(step) < 4 {
				return
			}
			now = now.Add(time.Duration(step[0]) * 10 * time.Second)
			g := group{desired: int(step[1] % 32)}
			for i := range int(step[2] % 16) {
				in := instance{id: fmt.Sprint(int(step[3]) + i), inService: i%3 != 0, booting: i%3 == 0}
				g.instances = append(g.instances, in)
				if in.inService {
					g.inService++
				} else {
					g.booting++
				}
			}
			o := semaphore.Occupancy{Agents: &semaphore.Agents{Idle: int(step[0] % 5), Occupied: int(step[3] % 3)}}
			c := v.observe(now, g, o)
			if err := plausible(&v, g, c); err != nil {
				t.Fatalf("%+v after %+v: %v", c, g, err)
			}
		}
	})
}

func plausible(v *inventory, g group, c census) error {
	switch {
	case c.stuck < 0 || c.stuck > g.inService:
		return fmt.Errorf("%d stuck of %d in service", c.stuck, g.inService)
	case c.shortfall < 0 || c.shortfall > g.desired:
		return fmt.Errorf("shortfall %d of %d", c.shortfall, g.desired)
	case c.stuck > len(c.suspects) && len(c.suspects) < mostNamed:
		return errors.New("more are stuck than suspected")
	case c.held && c.failures < repeated:
		return errors.New("held too soon")
	case len(v.machines) > len(g.instances):
		return fmt.Errorf("%d machines are remembered of %d", len(v.machines), len(g.instances))
	}
	return nil
}
