package cli

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the fleets in this account and region",
		Long: `List the stacks that semagent made in one account and region, but for the bootstrap stack, with their status and
the version of semagent that deployed them last.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent list\n  semagent list --region eu-central-1 --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runList(cmd.Context(), a) },
	}
}

func runList(ctx context.Context, a *app) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	stacks, err := s.engine.Stacks(ctx, func(stack *deploy.Stack) bool { return stack.Name != bootstrapStack })
	if err != nil {
		return err
	}
	fleets := make([]stackStatus, 0, len(stacks))
	for i := range stacks {
		fleets = append(fleets, newStackStatus(s.Region, &stacks[i]))
	}
	switch {
	case a.json():
		return a.printJSON(fleets)
	case len(fleets) == 0:
		a.note("There is no fleet in %s (account %s).", s.Region, s.Account)
		return nil
	}
	table := ui.Table{Header: []string{"STACK", "STATUS", "CHANGED", "VERSION"}}
	for _, f := range fleets {
		table.Rows = append(table.Rows, []string{f.Name, f.Status, ui.Ago(f.Changed, time.Now()), f.Version})
	}
	return table.Write(a.streams.Out)
}
