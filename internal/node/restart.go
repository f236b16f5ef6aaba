package node

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const restartTime = time.Minute

// restart gives the machine a new agent instead of a replacement: traces of the last job go, the configuration is read
// anew, and the agent registers under a new name. The unit's whole process group ends with it, this program too where it
// runs as the agent's hook, so systemd is only told to.
func (m *Machine) restart(ctx context.Context, i *instance) error {
	ctx, cancel := context.WithTimeout(ctx, restartTime)
	defer cancel()
	parameter, err := m.remembered()
	if err != nil {
		return err
	}
	var b *boot
	for _, step := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"clean", m.clean},
		{"parameters", func(ctx context.Context) (err error) { b, err = m.gather(ctx, i, parameter); return err }},
		{"files", func(context.Context) error { return m.write(b) }},
		{"restart", func(ctx context.Context) error {
			_, err := m.run(ctx, systemctl, "--no-block", "restart", agentUnit)
			return err
		}},
	} {
		if err := m.step(ctx, step.name, step.do); err != nil {
			return err
		}
	}
	return nil
}

// remembered is the name of the configuration parameter that this machine was started with.
func (m *Machine) remembered() (string, error) {
	body, err := os.ReadFile(m.path(stateDir, "parameter"))
	if err != nil {
		return "", fmt.Errorf("find the configuration parameter's name: %w", err)
	}
	if name := strings.TrimSpace(string(body)); name != "" {
		return name, nil
	}
	return "", errors.New("find the configuration parameter's name: the file is empty")
}
