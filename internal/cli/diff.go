package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/deploy"
)

func newDiff(a *app) *cobra.Command {
	var exitCode bool
	cmd := &cobra.Command{
		Use:   "diff",
		Short: "Show what a deploy would change",
		Long: `Show what a deploy would change, property by property, as CloudFormation itself computes it: a change set is
made, shown, and deleted again. Nothing is uploaded and nothing is left behind.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitChanges, exitInterrupted),
		Example: "  semagent diff\n  semagent diff --exit-code --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runDiff(cmd.Context(), a, exitCode) },
	}
	cmd.Flags().BoolVar(&exitCode, "exit-code", false, "exit with 5 when there are changes")
	return cmd
}

func runDiff(ctx context.Context, a *app, exitCode bool) error {
	f, err := a.fleet(ctx)
	if err != nil {
		return err
	}
	if f.remains != nil {
		return f.remains
	}
	change, err := f.propose(ctx, a)
	if errors.Is(err, deploy.ErrNoChanges) {
		return a.showNoChanges(f)
	}
	if err != nil {
		return err
	}
	if err := f.engine.Withdraw(ctx, change, a.show(change)); err != nil {
		return err
	}
	if exitCode {
		return silent(exitChanges)
	}
	return nil
}
