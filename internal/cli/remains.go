package cli

import (
	"context"
	"errors"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// recreatable reports whether an error is a stack that can only be deleted and made anew.
func recreatable(err error) (*deploy.StateError, bool) {
	state, ok := errors.AsType[*deploy.StateError](err)
	return state, ok && state.Way == deploy.WayRecreate
}

// clearTheWay deletes what a failed creation left of the fleet's stack.
func (f *fleet) clearTheWay(ctx context.Context, a *app, noExecute bool) error {
	switch {
	case f.remains == nil:
		return nil
	case noExecute:
		return f.remains
	}
	return a.clear(ctx, f.session, f.remains)
}

// clear deletes a stack that stands in the way of its own creation, after an approval.
func (a *app) clear(ctx context.Context, s *session, remains *deploy.StateError) error {
	stack, err := s.engine.Stack(ctx, remains.StackID)
	if err != nil {
		return err
	}
	if err := s.engine.CheckDelete(ctx, stack, deploy.DeleteOptions{}); err != nil {
		return err
	}
	if err := a.approveClearing(ctx, remains); err != nil {
		return err
	}
	a.note("Deleting what is left of stack %s.", stack.Name)
	x, err := s.engine.Delete(ctx, stack, deploy.DeleteOptions{})
	if err != nil {
		return err
	}
	return a.follow(ctx, s, x, nil)
}

func (a *app) approveClearing(ctx context.Context, remains *deploy.StateError) error {
	a.note("%s", sentence(remains.Error()))
	if a.globals.yes {
		return nil
	}
	a.note("It has to be deleted before it can be created again.")
	a.note("The new stack's change set can be made only after that; it is then shown and asked for as always.")
	yes, err := a.streams.Confirm(ctx, "Delete what is left of stack "+remains.StackName+", and create it again?", false)
	switch {
	case errors.Is(err, ui.ErrNotTerminal):
		return &failure{code: exitNotApproved, hint: "to delete what is left of it and create it again:\n\n" + a.make(remains.StackName, "--yes"), err: remains}
	case err != nil:
		return err
	case !yes:
		return fail(exitNotApproved, "", "not approved: nothing was deleted")
	}
	return nil
}
