package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/deploy"
)

func newRollback(a *app) *cobra.Command {
	var options deploy.RollbackOptions
	cmd := &cobra.Command{
		Use:   "rollback",
		Short: "Get a stack out of a failed update",
		Long: `Bring a stack that stopped half way through an update back to where it was: start the rollback of a stack in
UPDATE_FAILED, or go on with one that got stuck in UPDATE_ROLLBACK_FAILED. A resource that cannot be rolled back can be
skipped; it then stays as it is, and the next deploy may find that it differs.

An update that is running is left alone, unless --cancel is given: then it is stopped and rolled back, whoever
started it. A creation cannot be cancelled; destroy ends it.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent rollback --stack-name ci-fleet\n  semagent rollback --stack-name ci-fleet --skip AgentGroup\n  semagent rollback --stack-name ci-fleet --cancel",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := exclusive(cmd, "skip", "force"); err != nil {
				return err
			}
			return runRollback(cmd.Context(), a, options)
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&options.Skip, "skip", nil, "leave the resource with this logical `ID` as it is; may be repeated")
	f.BoolVar(&options.Cancel, "cancel", false, "stop an update that is running, and go back")
	f.BoolVar(&options.Force, "force", false, "leave whatever cannot be rolled back as it is")
	return cmd
}

func runRollback(ctx context.Context, a *app, options deploy.RollbackOptions) error {
	name, s, err := a.atStack(ctx)
	if err != nil {
		return err
	}
	stack, err := s.engine.Stack(ctx, name)
	if err != nil {
		return err
	}
	x, err := s.engine.Rollback(ctx, stack, options)
	if err != nil {
		return err
	}
	if err := a.follow(ctx, s, x, nil); err != nil {
		return err
	}
	return a.done(outcome{Stack: stack.Name, Region: s.Region, Status: "rolled back"},
		"Stack %s is back where it was before the update%s.", stack.Name, undone(options))
}

// undone names what a rollback was told to leave as it is.
func undone(options deploy.RollbackOptions) string {
	switch {
	case len(options.Skip) > 0:
		return ", except for " + strings.Join(options.Skip, ", ")
	case options.Force:
		return ", except for what could not be rolled back"
	}
	return ""
}
