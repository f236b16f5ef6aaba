package clock_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semagent/semagent/internal/awsfake/clock"
)

func TestClockRunsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := clock.New(60)
		began, wall := c.Now(), time.Now()
		if err := c.Sleep(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(wall); took != time.Second {
			t.Errorf("a minute took %v of the wall's time", took)
		}
		if passed := c.Now().Sub(began); passed != time.Minute {
			t.Errorf("%v passed", passed)
		}
		if got := c.Wall(time.Hour); got != time.Minute {
			t.Errorf("an hour is %v on the wall", got)
		}
	})
}

func TestSleepEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := clock.New(0).Sleep(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v", err)
		}
		if err := clock.New(1).Sleep(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("nothing to wait for: got error %v", err)
		}
	})
}
