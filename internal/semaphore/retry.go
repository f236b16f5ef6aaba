package semaphore

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const longestRetryAfter = time.Hour

// waitToRetry waits until err's request may be made again. It reports false, at once, when err is not worth a
// second try or the wait would not fit before ctx's deadline.
func waitToRetry(ctx context.Context, err error) bool {
	if !retryable(err) {
		return false
	}
	wait := 200*time.Millisecond + rand.N(400*time.Millisecond)
	if limited, ok := errors.AsType[*RateLimitedError](err); ok {
		wait = max(wait, limited.RetryAfter)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func retryable(err error) bool {
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.Status >= http.StatusInternalServerError
	}
	_, limited := errors.AsType[*RateLimitedError](err)
	_, transport := errors.AsType[*transportError](err)
	return limited || transport
}

// retryAfter reads a Retry-After header, seconds or a date (RFC 9110, 10.2.3); zero when there is nothing to wait for.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseUint(header, 10, 63); err == nil {
		if seconds > uint64(longestRetryAfter/time.Second) {
			return longestRetryAfter
		}
		return time.Duration(seconds) * time.Second
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), longestRetryAfter)
}
