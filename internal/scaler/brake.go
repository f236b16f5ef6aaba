package scaler

import "time"

const (
	repeated      = 3 // boots without an agent in a row, before growth is held
	shortestPause = time.Minute
	longestPause  = 30 * time.Minute
)

// brake is the boot-loop breaker. Repeated boots that bring no agent (an exhausted quota of agents, a broken image, no
// way out of the network) hold growth; from time to time, less and less often, one machine more may try. A
// registration lets everything go. The zero value holds nothing.
type brake struct {
	failures int // boots without an agent since the last registration
	held     bool
	ceiling  int // while held: growth stops here
	until    time.Time
}

// fail takes n more boots that brought no agent. A negative n is none.
func (b *brake) fail(n, desired int, now time.Time) {
	if n <= 0 {
		return
	}
	b.failures += n
	// While growth is held, Auto Scaling goes on replacing what ends; that must not put off the next try for ever.
	if b.failures < repeated || b.held {
		return
	}
	b.held, b.ceiling, b.until = true, desired, now.Add(b.pause())
}

// release is for a registration: machines do get there.
func (b *brake) release() { *b = brake{} }

// turn is called once a tick. After a pause it lets the group grow by one machine and starts the next pause.
func (b *brake) turn(desired int, now time.Time) {
	if b.held && !now.Before(b.until) {
		b.ceiling, b.until = desired+1, now.Add(b.pause())
	}
}

// pause doubles with each failure, from the third on.
func (b *brake) pause() time.Duration {
	pause := shortestPause
	for range b.failures - repeated {
		if pause *= 2; pause >= longestPause {
			return longestPause
		}
	}
	return pause
}
