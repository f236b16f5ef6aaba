package node

import "github.com/semagent/semagent/internal/semaphore"

// Reason is why an agent shuts down: SEMAPHORE_AGENT_SHUTDOWN_REASON of its shutdown hook.
type Reason string

// The agent's reasons. An agent that knows none says UNKNOWN.
const (
	Idle         Reason = "IDLE"           // no job for the idle timeout
	JobFinished  Reason = "JOB_FINISHED"   // its one job is done
	Requested    Reason = "REQUESTED"      // somebody told it to, in Semaphore
	Interrupted  Reason = "INTERRUPTED"    // it got a signal: the machine is being taken away, or its unit was stopped
	UnableToSync Reason = "UNABLE_TO_SYNC" // it has not reached Semaphore for ten minutes
)

// exit is how a machine leaves its agent's end behind.
type exit string

const (
	decrement exit = "decrement" // goes, and the group is one smaller
	replace   exit = "replace"   // goes, and the group puts another machine in its place
	restart   exit = "restart"   // stays, cleaned, with a new agent
)

// fleet is the machine's group as far as it is known.
type fleet struct {
	known        bool
	min, desired int
}

// decide is the rule of retirement, and why it applies. jobs is nil when Semaphore was not asked or did not answer in time;
// in doubt a finished machine goes, because the scaler raises the capacity again within a tick and nobody lowers it.
func decide(reason Reason, group fleet, jobs *semaphore.Jobs) (exit, string) {
	floor := group.known && group.desired <= group.min
	switch reason {
	case Idle:
		if floor {
			return restart, "the group is at its minimum size"
		}
		return decrement, "the agent was idle"
	case JobFinished:
		switch {
		case floor:
			return restart, "the group is at its minimum size"
		case !group.known:
			return decrement, "the job is done, and the group's size is not known"
		case jobs == nil:
			return decrement, "the job is done, and the number of jobs is not known"
		case jobs.Queued > 0 && jobs.Queued+jobs.Running > group.desired-1:
			return replace, "jobs wait beyond what the rest of the group can take"
		}
		return decrement, "the job is done, and the rest of the group is enough"
	case Requested:
		if floor {
			return replace, "somebody asked the agent to leave, and the group is at its minimum size"
		}
		return decrement, "somebody asked the agent to leave"
	case Interrupted:
		return replace, "the machine is taken away, its capacity is not"
	case UnableToSync:
		return replace, "the machine cannot reach Semaphore, another one may"
	}
	return replace, "the reason is not known"
}
