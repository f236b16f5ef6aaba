package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/asset"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/template"
	"github.com/semagent/semagent/internal/ui"
)

func newDestroy(a *app) *cobra.Command {
	var options deploy.DeleteOptions
	var wait bool
	var changeSet string
	cmd := &cobra.Command{
		Use:   "destroy",
		Short: "Delete the fleet",
		Long: `Delete the fleet's stack with everything in it; its instances are terminated, also those that run a job. Only
a stack that semagent made is deleted. The stack's name has to be typed; without a terminal it takes --yes.

What several fleets may share is kept, and named at the end: the registration token's parameter, its key, the AMI
and the bootstrap bucket.

With --change-set, only a change set that waits for review is deleted, and the stack that exists only for it.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitNotApproved, exitCredentials, exitInterrupted),
		Example: "  semagent destroy --stack-name ci-fleet\n  semagent destroy --stack-name ci-fleet --yes --disable-termination-protection",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, other := range []string{"change-set", "retain"} {
				if err := exclusive(cmd, other, "force"); err != nil {
					return err
				}
			}
			if changeSet != "" {
				return runDiscard(cmd.Context(), a, changeSet)
			}
			return a.patiently(cmd.Context(), wait, func() error { return runDestroy(cmd.Context(), a, options) })
		},
	}
	f := cmd.Flags()
	f.BoolVar(&options.DisableProtection, "disable-termination-protection", false, "delete although the stack is protected")
	f.StringArrayVar(&options.Retain, "retain", nil, "keep the resource with this logical `ID`; only for a stack in DELETE_FAILED; may be repeated")
	f.BoolVar(&wait, "wait", false, "wait for an operation that holds the stack, instead of refusing")
	f.StringVar(&changeSet, "change-set", "", "delete only this change set, by `ARN`, that nobody executed")
	f.BoolVar(&options.Force, "force", false, "delete a stack in DELETE_FAILED and keep whatever cannot be deleted")
	return cmd
}

func runDestroy(ctx context.Context, a *app, options deploy.DeleteOptions) error {
	name, s, err := a.atStack(ctx)
	if err != nil {
		return err
	}
	stack, err := s.engine.Stack(ctx, name)
	if errors.Is(err, deploy.ErrStackNotFound) {
		return a.done(outcome{Stack: name, Region: s.Region, Status: "absent"},
			"Nothing to do: there is no stack %s in %s.", name, s.Region)
	}
	if err != nil {
		return err
	}
	if stack.Name == bootstrapStack && !stack.Status.NeedsDelete() {
		return fail(exitFailed, "", "stack %q stays: its bucket would outlive it, and a new stack could not be made around that", stack.Name)
	}
	if err := s.engine.CheckDelete(ctx, stack, options); err != nil {
		return err
	}
	if err := a.confirmDestroy(ctx, s, stack); err != nil {
		return err
	}
	resources, err := s.engine.Resources(ctx, stack.ID)
	if err != nil {
		resources = nil // only the progress bar wants to know
	}
	execution, err := s.engine.Delete(ctx, stack, options)
	if err != nil {
		return err
	}
	if err := a.follow(ctx, s, execution, deletions(resources)); err != nil {
		return err
	}
	return a.reportDestroyed(s, stack)
}

func (a *app) confirmDestroy(ctx context.Context, s *session, stack *deploy.Stack) error {
	if a.globals.yes {
		return nil
	}
	a.note("This deletes stack %s in %s (account %s) with all its instances.", stack.Name, s.Region, s.Account)
	yes, err := a.streams.ConfirmName(ctx, "To go on, type the stack's name", stack.Name)
	switch {
	case errors.Is(err, ui.ErrNotTerminal):
		return fail(exitNotApproved, "semagent destroy --yes --stack-name "+stack.Name,
			"deleting stack %q needs an approval, and there is no terminal to ask on", stack.Name)
	case err != nil:
		return err
	case !yes:
		return fail(exitNotApproved, "", "not approved: nothing was deleted")
	}
	return nil
}

func (a *app) reportDestroyed(s *session, stack *deploy.Stack) error {
	result := outcome{Stack: stack.Name, Region: s.Region, Status: "deleted"}
	if name := stack.Outputs[template.OutputTokenParameter]; name != "" {
		result.Kept = append(result.Kept, "parameter "+name)
	}
	result.Kept = append(result.Kept, "bucket "+asset.BucketName(s.Account, s.Region))
	if err := a.done(result, "Stack %s is deleted.", stack.Name); err != nil || a.json() {
		return err
	}
	for _, kept := range result.Kept {
		a.printf("Kept: %s", kept)
	}
	return nil
}

// deletions are the changes that a deletion makes, for the share done.
func deletions(resources []deploy.Resource) []deploy.Change {
	var changes []deploy.Change
	for _, r := range resources {
		changes = append(changes, deploy.Change{Action: deploy.Remove, LogicalID: r.LogicalID, PhysicalID: r.PhysicalID, Type: r.Type})
	}
	return changes
}
