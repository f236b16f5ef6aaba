// Package runtime owns the execution of a Lambda function on this machine: processes of a local executable, each behind a Lambda
// Runtime API of its own, as Lambda's sandboxes are. It refuses to know where functions come from and who invokes them.
package runtime

import (
	"context"
	"errors"
	"sync"
	"time"
)

// ErrThrottled is returned when as many invocations run as the function's concurrency allows.
var ErrThrottled = errors.New("Rate Exceeded.") //nolint:staticcheck // Lambda's text

// Function is what a Runner runs. Times are the wall's, since the process knows no other.
type Function struct {
	Name, ARN   string
	Binary      string        // an executable that speaks the Lambda Runtime API
	Env         []string      // its whole environment, NAME=value, but for the variables that belong to a sandbox
	Timeout     time.Duration // of one invocation, and announced to the process as its deadline
	Memory      int           // MB, for the report
	Concurrency int           // how many invocations may run at once; at least 1

	// Log gets every line that a process writes, and Lambda's own about each invocation. It may be called at once from several goroutines.
	Log func(stream, line string)
}

// Result is how an invocation ended.
type Result struct {
	RequestID string
	Payload   []byte // the function's answer, or Lambda's JSON object about an error
	Failed    bool   // the function returned an error, crashed or ran out of time
}

// Runner keeps a function's sandboxes warm for further invocations until Close.
type Runner struct {
	f    Function
	mu   sync.Mutex
	idle []*sandbox
	all  map[*sandbox]bool
	busy int
	done bool
	wg   sync.WaitGroup
}

// New returns a Runner that has started nothing yet.
func New(f Function) *Runner {
	f.Concurrency = max(1, f.Concurrency)
	return &Runner{f: f, all: map[*sandbox]bool{}}
}

// Invoke runs the function once and waits for it, in a warm sandbox where there is one. It returns ErrThrottled when the function's concurrency
// is used up, and an error when no sandbox can be started; what goes wrong in the function is a Result that Failed.
func (r *Runner) Invoke(ctx context.Context, payload []byte) (Result, error) {
	s, err := r.acquire(context.WithoutCancel(ctx))
	if err != nil {
		return Result{}, err
	}
	result := s.invoke(ctx, payload, r.f.Timeout)
	r.release(s)
	return result, nil
}

func (r *Runner) acquire(ctx context.Context) (*sandbox, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.done {
		return nil, errors.New("the function is gone")
	}
	if r.busy >= r.f.Concurrency {
		return nil, ErrThrottled
	}
	for len(r.idle) > 0 {
		s := r.idle[len(r.idle)-1]
		r.idle = r.idle[:len(r.idle)-1]
		if !s.ended() {
			r.busy++
			return s, nil
		}
		delete(r.all, s)
	}
	s, err := start(ctx, r.f, &r.wg)
	if err != nil {
		return nil, err
	}
	r.all[s] = true
	r.busy++
	return s, nil
}

func (r *Runner) release(s *sandbox) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	if r.done && !s.ended() {
		s.kill()
	}
	if s.ended() {
		delete(r.all, s)
		return
	}
	r.idle = append(r.idle, s)
}

// Drain takes no more invocations, lets those that run finish, and waits until every process is gone.
func (r *Runner) Drain() {
	r.mu.Lock()
	r.done = true
	idle := r.idle
	r.idle = nil
	r.mu.Unlock()
	for _, s := range idle {
		s.kill()
	}
	r.wg.Wait()
}

// Close kills every process and waits until they are gone. Invocations that are running fail.
func (r *Runner) Close() {
	r.mu.Lock()
	r.done = true
	sandboxes := make([]*sandbox, 0, len(r.all))
	for s := range r.all {
		sandboxes = append(sandboxes, s)
	}
	r.mu.Unlock()
	for _, s := range sandboxes {
		s.kill()
	}
	r.wg.Wait()
}
