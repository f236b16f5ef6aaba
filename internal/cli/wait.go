package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/semagent/semagent/internal/deploy"
)

// patiently runs a command, and where wait is true runs it again after each operation of somebody else that held its
// stack. The command looks at everything anew then.
func (a *app) patiently(ctx context.Context, wait bool, command func() error) error {
	for {
		err := command()
		busy, ok := errors.AsType[*deploy.BusyError](err)
		if !wait || !ok {
			return err
		}
		if err := a.waitFor(ctx, busy); err != nil {
			return err
		}
	}
}

// waitFor watches an operation of somebody else to its end, however it ends.
func (a *app) waitFor(ctx context.Context, busy *deploy.BusyError) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	a.note("Waiting: %s", sentence(busy.Error()))
	x, err := s.engine.Attach(ctx, busy.StackID)
	if errors.Is(err, deploy.ErrIdle) || errors.Is(err, deploy.ErrStackNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.follow(ctx, s, x, nil)
	if failed, ok := errors.AsType[*deploy.StackError](err); ok {
		a.warn("the operation that held the stack failed: %s", failed)
		return nil
	}
	return err
}

// sentence ends a text with a full stop.
func sentence(text string) string { return strings.TrimRight(text, ".") + "." }
