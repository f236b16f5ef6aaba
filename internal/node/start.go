package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// Start turns a fresh instance into a registered agent: parameter is the SSM parameter with the agent's
// configuration. Within patience every step is repeated until it succeeds. After that the machine is of no use: it reports
// itself unhealthy, so that its group replaces it, powers off, and Start returns why.
func (m *Machine) Start(ctx context.Context, parameter string, patience time.Duration) error {
	began := time.Now()
	hurried, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := m.start(hurried, parameter); err != nil {
		m.giveUp(context.WithoutCancel(ctx), fmt.Errorf("the agent did not start: %w", err), patience)
		return err
	}
	m.Log.InfoContext(ctx, "agent started", slog.Int64("ms", time.Since(began).Milliseconds()))
	return nil
}

func (m *Machine) start(ctx context.Context, parameter string) error {
	var (
		i *instance
		b *boot
	)
	steps := []struct {
		name string
		do   func(context.Context) error
	}{
		{"identity", func(ctx context.Context) (err error) { i, err = m.identify(ctx); return err }},
		{"parameters", func(ctx context.Context) (err error) { b, err = m.gather(ctx, i, parameter); return err }},
		{"files", func(context.Context) error { return errors.Join(m.remember(parameter), m.write(b)) }},
		{"unit", m.persistent(func(ctx context.Context) error {
			_, err := m.run(ctx, systemctl, "start", agentUnit, healthTimer)
			return err
		})},
	}
	for _, step := range steps {
		if err := m.step(ctx, step.name, step.do); err != nil {
			return err
		}
	}
	return nil
}

// remember keeps the parameter's name where only root writes, for the restart in place.
func (m *Machine) remember(parameter string) error {
	if err := os.MkdirAll(m.path(stateDir), 0o755); err != nil {
		return fmt.Errorf("keep the parameter's name: %w", err)
	}
	if err := os.WriteFile(m.path(stateDir, "parameter"), []byte(parameter), 0o644); err != nil {
		return fmt.Errorf("keep the parameter's name: %w", err)
	}
	return nil
}
