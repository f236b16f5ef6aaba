// Package scaler owns how big a fleet should be: the pure rule Decide, the loop that applies it to an Auto Scaling
// group, and the hourly maintenance beside it. It refuses to scale in: agents retire themselves.
package scaler

import (
	"fmt"
	"math"
	"math/bits"
)

// State is everything that a decision depends on. Negative numbers count as zero.
type State struct {
	Queued, Running int // jobs
	Min, Max        int // sizes of the Auto Scaling group
	Desired         int // its live desired capacity
	Overprovision   Overprovision

	// Stuck is how many instances take up desired capacity and bring no agent. Others are wanted in their place.
	Stuck int
	// Held says that boot after boot brought no agent: until that ends, nothing grows beyond Ceiling but the minimum size.
	Held    bool
	Ceiling int
}

// Decision is the desired capacity that a group should have, and why, in a sentence for people.
type Decision struct {
	Target int
	Reason string
}

// Decide is the scaling rule. Demand is queued and running jobs; below the minimum size the minimum holds, else
// headroom is added; stuck instances come on top. The maximum size caps the result, and the ceiling of a held group does;
// it is never less than live desired capacity, even where that is above the maximum. Instances that still boot are
// supply, because they are in desired capacity already. The formula is agent-aws-stack's determineNewSize (lambdas/agent-scaler/app.js), so
// headroom is kept for no jobs at all when the minimum is zero.
func Decide(s State) Decision {
	s = s.sane()
	demand := sum(s.Queued, s.Running)
	headroom := 0
	want := s.Min
	if demand >= s.Min {
		headroom = s.Overprovision.of(demand)
		want = sum(demand, headroom)
	}
	want = sum(want, s.Stuck)
	allowed := min(want, s.Max)
	if s.Held {
		allowed = min(allowed, max(s.Ceiling, min(s.Min, s.Max)))
	}
	target := max(s.Desired, allowed)
	return Decision{Target: target, Reason: s.reason(demand, headroom, want, target)}
}

func (s State) sane() State {
	for _, n := range []*int{&s.Queued, &s.Running, &s.Min, &s.Max, &s.Desired, &s.Stuck, &s.Ceiling} {
		*n = max(*n, 0)
	}
	return s
}

func (s State) reason(demand, headroom, want, target int) string {
	return s.need(demand, headroom, want-s.Stuck) + s.beside() + s.limit(want) + s.hold(want, target) + s.outcome(target)
}

func (s State) need(demand, headroom, want int) string {
	jobs := "no jobs"
	if demand > 0 {
		jobs = fmt.Sprintf("%s (%d queued, %d running)", count(demand, "job"), s.Queued, s.Running)
	}
	switch {
	case demand < s.Min:
		return fmt.Sprintf("%s, and the minimum size is %d", jobs, s.Min)
	case headroom > 0:
		return fmt.Sprintf("%s and headroom of %d need %s", jobs, headroom, count(want, "machine"))
	case demand == 0:
		return jobs
	case demand == 1:
		return jobs + " needs 1 machine"
	default:
		return fmt.Sprintf("%s need %s", jobs, count(want, "machine"))
	}
}

func (s State) beside() string {
	switch s.Stuck {
	case 0:
		return ""
	case 1:
		return ", beside 1 machine without an agent"
	default:
		return fmt.Sprintf(", beside %d machines without an agent", s.Stuck)
	}
}

func (s State) hold(want, target int) string {
	if !s.Held || target >= min(want, s.Max) {
		return ""
	}
	return ", held back because machines boot and no agent comes"
}

func (s State) limit(want int) string {
	if want <= s.Max {
		return ""
	}
	return fmt.Sprintf(", more than the maximum size of %d", s.Max)
}

func (s State) outcome(target int) string {
	if target > s.Desired {
		return fmt.Sprintf(": raise desired capacity from %d to %d", s.Desired, target)
	}
	return fmt.Sprintf(": desired capacity of %d stays", s.Desired)
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// sum adds two numbers that are not negative and stops at the largest int.
func sum(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}

// percent is n × factor / 100, rounded up, and stops at the largest int. Neither number is negative.
func percent(n, factor int) int {
	hi, lo := bits.Mul64(uint64(n), uint64(factor))
	if hi >= 100 {
		return math.MaxInt
	}
	quotient, rest := bits.Div64(hi, lo, 100)
	if quotient >= math.MaxInt {
		return math.MaxInt
	}
	if rest > 0 {
		quotient++
	}
	return int(quotient)
}
