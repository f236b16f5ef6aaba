// Package node is what runs on an instance: it turns a fresh machine into a registered agent, retires the machine
// when its agent is done, and notices when the agent is gone. It refuses to trust the environment, the PATH and the
// home directory that it shares with jobs.
package node

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"
)

// Where things are on an instance. The first two are a contract with the template and with images made for the
// reference stack: docs/image-contract.md.
const (
	agentDir    = "/opt/semaphore/agent"
	shutdown    = agentDir + "/hooks/shutdown"
	configFile  = "config.yaml"
	homeDir     = "/home/semaphore"
	skeletonDir = "/opt/semaphore/skeleton" // the home directory as the image was made with
	stateDir    = "/var/lib/semagent"
	agentUser   = "semaphore"
	agentUnit   = "semaphore-agent.service"
	healthTimer = "semagent-health.timer"
)

// Machine is the instance that the program runs on.
type Machine struct {
	Root     string // in front of every path of the machine, for tests; empty on an instance
	Metadata string // URL of the metadata service, without a path
	Endpoint string // URL of every AWS service, for tests; empty: AWS's own
	Log      *slog.Logger
}

// path is where a file of the machine lies.
func (m *Machine) path(elements ...string) string {
	return filepath.Join(append([]string{"/", m.Root}, elements...)...)
}

// step carries out one step and logs how long it took.
func (m *Machine) step(ctx context.Context, name string, do func(context.Context) error) error {
	began := time.Now()
	err := do(ctx)
	took := slog.Int64("ms", time.Since(began).Milliseconds())
	if err != nil {
		m.Log.ErrorContext(ctx, name, took, slog.String("error", err.Error()))
		return err
	}
	m.Log.InfoContext(ctx, name, took)
	return nil
}
