// Package clock owns the time of the local AWS, which may run faster than the wall's. It refuses to know what
// waits on it.
package clock

import (
	"context"
	"time"
)

// Clock runs Speed times as fast as the wall's clock, from the moment it was made.
type Clock struct {
	start time.Time
	speed float64
}

// New returns a clock that starts now and runs speed times as fast as the wall's; a speed that is not positive
// means 1.
func New(speed float64) *Clock {
	if speed <= 0 {
		speed = 1
	}
	return &Clock{start: time.Now(), speed: speed}
}

// Now is the local AWS's time, in UTC.
func (c *Clock) Now() time.Time {
	return c.start.Add(time.Duration(float64(time.Since(c.start)) * c.speed)).UTC()
}

// Wall is how long d of the local AWS's time takes on the wall.
func (c *Clock) Wall(d time.Duration) time.Duration {
	return time.Duration(float64(d) / c.speed)
}

// Sleep waits for d of the local AWS's time, or until ctx ends, whose error it then returns.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil || d <= 0 {
		return err
	}
	t := time.NewTimer(c.Wall(d))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
