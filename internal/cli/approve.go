package cli

import (
	"context"
	"errors"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// What --confirm can be.
const (
	confirmRisky  = "risky"  // ask when something is replaced, removed or widened
	confirmAlways = "always" // ask before everything
)

// approve asks for what was just shown. Only a yes is a yes: no answer, no terminal and no --yes are a no.
func (a *app) approve(ctx context.Context, change *deploy.ChangeSet, confirm string) error {
	if a.globals.yes || (confirm == confirmRisky && !change.NeedsApproval()) {
		return nil
	}
	yes, err := a.streams.Confirm(ctx, "Execute this change set?", false)
	switch {
	case errors.Is(err, ui.ErrNotTerminal):
		return fail(exitNotApproved, "add --yes once you have read the change set",
			"the change set needs an approval, and there is no terminal to ask on")
	case err != nil:
		return err
	case !yes:
		return fail(exitNotApproved, "", "not approved: nothing was changed")
	}
	return nil
}
