package node

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const healthPoll = 5 * time.Second

// Health looks for the agent's process. When there has been none for all of patience the machine is of no use: it
// reports itself unhealthy, powers off, and Health returns why.
func (m *Machine) Health(ctx context.Context, patience time.Duration) error {
	deadline := time.Now().Add(patience)
	for !m.agentRuns() {
		left := time.Until(deadline)
		if left <= 0 {
			err := fmt.Errorf("the agent's process has been gone for %s", patience)
			m.giveUp(ctx, err, lastTime)
			return err
		}
		if !sleep(ctx, min(left, healthPoll)) {
			return ctx.Err()
		}
	}
	return nil
}

// agentRuns looks through proc(5) for the command line that the agent's unit starts.
func (m *Machine) agentRuns() bool {
	files, err := filepath.Glob(m.path("/proc/[0-9]*/cmdline"))
	if err != nil {
		return false
	}
	for _, file := range files {
		// A process that ends in the meantime has no command line any more.
		line, err := os.ReadFile(file)
		if err == nil && bytes.HasPrefix(line, []byte(agentDir+"/agent\x00start\x00")) {
			return true
		}
	}
	return false
}
