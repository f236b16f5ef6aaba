package deploy

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	mrand "math/rand/v2"
	"time"
)

// pace is the rhythm of one poll: quick while something happens, slower while nothing does, slowest while AWS is
// in trouble. Jitter keeps two commands from asking in step.
type pace struct {
	low, high, next time.Duration
}

func (e *Engine) pace() *pace {
	return &pace{low: e.opts.PollMin, high: e.opts.PollMax, next: e.opts.PollMin}
}

// quickPace starts at a quarter of PollMin: change sets and shell stacks are usually ready sooner than resources.
func (e *Engine) quickPace() *pace {
	return &pace{low: e.opts.PollMin / 4, high: e.opts.PollMax, next: e.opts.PollMin / 4}
}

func (p *pace) busy() { p.next = p.low }

func (p *pace) quiet() { p.next = max(p.low, min(p.next*3/2, p.high)) }

func (p *pace) trouble() { p.next = min(p.next*2, 4*p.high) }

// wait sleeps between three and five quarters of the current wait, or until ctx ends, whose error it returns.
func (p *pace) wait(ctx context.Context) error {
	t := time.NewTimer(p.next*3/4 + time.Duration(mrand.Int64N(int64(p.next)/2+1)))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// unique is a name no other run gives: fixed names race, and CloudFormation remembers tokens.
func (e *Engine) unique() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, as its contract says
	return e.opts.Prefix + time.Now().UTC().Format("-20060102-150405-") + hex.EncodeToString(b[:])
}
