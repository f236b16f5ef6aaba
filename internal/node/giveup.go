package node

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
)

// lastTime bounds what a machine that is of no use still tries before it powers off.
const lastTime = 20 * time.Second

// giveUp says why on the console, reports the instance unhealthy and powers it off. The launch template turns a power-off
// into a termination, so the machine goes even when AWS cannot be reached.
func (m *Machine) giveUp(ctx context.Context, reason error, patience time.Duration) {
	m.Log.ErrorContext(ctx, "giving up", slog.String("reason", reason.Error()))
	limited, cancel := context.WithTimeout(ctx, min(patience, lastTime))
	defer cancel()
	_ = m.step(limited, "unhealthy", m.reportUnhealthy) // it is logged, and the power-off follows anyway
	m.powerOff(ctx)
}

// reportUnhealthy takes effect at once, also within a group's grace period.
func (m *Machine) reportUnhealthy(ctx context.Context) error {
	i, err := m.identify(ctx)
	if err != nil {
		return err
	}
	return m.persist(ctx, func(ctx context.Context) error {
		_, err := i.autoscaling.SetInstanceHealth(ctx, &autoscaling.SetInstanceHealthInput{
			InstanceId: aws.String(i.InstanceID), HealthStatus: aws.String("Unhealthy"), ShouldRespectGracePeriod: aws.Bool(false),
		})
		if err != nil {
			return fmt.Errorf("report instance %s unhealthy: %w", i.InstanceID, err)
		}
		return nil
	})
}

// powerOff is the last way out. A hook that runs as the agent's user needs sudo for it.
func (m *Machine) powerOff(ctx context.Context) {
	_ = m.step(ctx, "power off", func(ctx context.Context) error { // it is logged, and nothing is left to try
		_, err := m.run(ctx, systemctl, "poweroff")
		if err != nil {
			_, err = m.run(ctx, sudo, "-n", systemctl, "poweroff")
		}
		return err
	})
}
