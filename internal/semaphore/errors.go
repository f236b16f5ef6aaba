package semaphore

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrUnauthorized says that Semaphore does not accept the registration token (401 or 403), or that it cannot be
// one.
var ErrUnauthorized = errors.New("registration token refused")

// ErrMalformed says that an answer came with status 200 and is not what the metrics API promises.
var ErrMalformed = errors.New("answer not understood")

// RateLimitedError says that Semaphore wants to be left alone for a while: a 429, or a 503 with Retry-After.
type RateLimitedError struct {
	Status     int           // HTTP status
	RetryAfter time.Duration // at most an hour; zero when Semaphore did not say
}

// Error names the status and the wait.
func (e *RateLimitedError) Error() string {
	if e.RetryAfter == 0 {
		return fmt.Sprintf("rate limited (%s)", statusText(e.Status))
	}
	return fmt.Sprintf("rate limited for %s (%s)", e.RetryAfter, statusText(e.Status))
}

// StatusError is any other HTTP status than 200, redirects included.
type StatusError struct {
	Status int
}

// Error names the status.
func (e *StatusError) Error() string { return "unexpected status " + statusText(e.Status) }

// transportError is a connection that failed or broke, which is worth a second try.
type transportError struct{ err error }

func (e *transportError) Error() string { return e.err.Error() }
func (e *transportError) Unwrap() error { return e.err }

func statusError(resp *http.Response) error {
	after := retryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch status := resp.StatusCode; {
	case status == http.StatusOK:
		return nil
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("%w (%s)", ErrUnauthorized, statusText(status))
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable && after > 0:
		return &RateLimitedError{Status: status, RetryAfter: after}
	default:
		return &StatusError{Status: status}
	}
}

func statusText(status int) string {
	return fmt.Sprintf("%d %s", status, http.StatusText(status))
}
