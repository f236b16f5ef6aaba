package main

import (
	"context"
	"fmt"
	"time"

	"github.com/semagent/semagent/internal/awsfake/fault"
)

// step is one command of the demo, or something that happens to the fleet.
type step struct {
	title  string
	args   []string // of semagent; none for a step that only acts
	stdin  string
	before func(*world)
	code   int                                 // the exit code that it must end with
	check  func(context.Context, *world) error // that it did what it says
}

const jobs = 6

func steps() []step {
	return []step{
		{title: "Prepare the account and region, once", args: []string{"bootstrap"}},
		{title: "Store the registration token, encrypted", args: []string{"token", "put"}, stdin: token + "\n"},
		{title: "Does Semaphore take it?", args: []string{"token", "check"}},
		{title: "What would a deployment make?", args: []string{"diff"}, check: absent},
		{title: "Make it", args: []string{"deploy", "--yes"}, check: inService(1)},
		{title: "Nothing is left to do", args: []string{"diff", "--exit-code"}},
		{title: fmt.Sprintf("%d jobs are queued; the scaler sees them and raises desired capacity", jobs), before: burst, check: scaledOut},
		{title: "The fleet now", args: []string{"status"}},
		{title: "What the scaler decided, and why", args: []string{"logs"}},
		{title: "Change a setting: what would happen?", args: []string{"diff", "--exit-code", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small"}, code: 5},
		{title: "Deploy it: the live fleet keeps its size", args: []string{"deploy", "--yes", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small"}, check: inService(jobs)},
		{
			title: "A deployment that fails is explained and rolled back", before: breakGroup, code: 1,
			args: []string{"deploy", "--yes", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small", "--set", "SEMAPHORE_AGENT_ASG_MAX_SIZE=20"}, check: inService(jobs),
		},
		{title: "Delete the fleet", args: []string{"destroy", "--yes"}, check: absent},
	}
}

// burst queues jobs that run for longer than the demo. Nothing but the schedule starts the scaler.
func burst(w *world) { w.semaphore.Enqueue(jobs, time.Hour) }

func breakGroup(w *world) {
	w.aws.Faults().Add(fault.Set{Resources: []fault.Resource{{
		LogicalID: "AgentGroup", Op: "update", Count: 1,
		Reason: `Resource handler returned message: "You've reached your quota for maximum Fleet Requests for this account" (HandlerErrorCode: ServiceLimitExceeded)`,
	}}})
}

// absent asserts that there is no fleet, neither before the first deployment nor after the last command.
func absent(ctx context.Context, w *world) error {
	if _, err := w.status(ctx); err == nil {
		return fmt.Errorf("the stack exists")
	}
	return nil
}

// inService waits until n instances are in service, and asserts that desired capacity is n.
func inService(n int) func(context.Context, *world) error {
	return func(ctx context.Context, w *world) error {
		var last status
		for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
			s, err := w.status(ctx)
			if err != nil {
				return err
			}
			if last = s; s.Group.DesiredCapacity == n && s.Group.States["InService"] == n {
				return nil
			}
			if err := pause(ctx, 300*time.Millisecond); err != nil {
				return err
			}
		}
		return fmt.Errorf("want %d instances in service, have desired capacity %d and %v", n, last.Group.DesiredCapacity, last.Group.States)
	}
}

// scaledOut waits for the scaler to have answered the burst and says what it logged.
func scaledOut(ctx context.Context, w *world) error {
	began := time.Now()
	if err := inService(jobs)(ctx, w); err != nil {
		return err
	}
	w.say("  %d instances in service after %.1f s here, %d times as fast as on AWS.", jobs, time.Since(began).Seconds(), speed)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
