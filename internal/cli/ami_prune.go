package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/image"
	"github.com/semagent/semagent/internal/ui"
)

type pruneOptions struct {
	keep   int
	dryRun bool
}

func newAMIPrune(a *app) *cobra.Command {
	var options pruneOptions
	cmd := &cobra.Command{
		Use:   "prune",
		Short: "Remove machine images that nothing uses",
		Long: `Remove old machine images of semagent in this region, with their snapshots. An image stays when a stack or an
instance uses it, when this build's recipe makes it, when it is among the newest of its operating system and architecture
(--keep), or when it does not carry the recipe's tag.

Uses are looked for in this account and region only: an image that is shared with, or copied from by, other accounts
should be removed by hand.` + exitCodes(exitDone, exitFailed, exitUsage, exitNotApproved, exitCredentials, exitInterrupted),
		Example: "  semagent ami prune --dry-run\n  semagent ami prune --keep 1 --yes",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if options.keep < 0 {
				return usageError(cmd, fmt.Errorf("--keep is %d: it cannot be negative", options.keep))
			}
			return runAMIPrune(cmd.Context(), a, options)
		},
	}
	cmd.Flags().IntVar(&options.keep, "keep", 2, "how many of the newest images stay, of each operating system and architecture")
	cmd.Flags().BoolVar(&options.dryRun, "dry-run", false, "say what would be removed, and remove nothing")
	return cmd
}

// pruneReport is the answer of `semagent ami prune`.
type pruneReport struct {
	Removed []imageReport `json:"removed"`
	DryRun  bool          `json:"dryRun"`
}

func runAMIPrune(ctx context.Context, a *app, options pruneOptions) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	images, uses, err := s.images(ctx)
	if err != nil {
		return err
	}
	report := pruneReport{Removed: []imageReport{}, DryRun: options.dryRun}
	doomed := image.Prunable(images, uses, options.keep, currentNames()...)
	for _, i := range doomed {
		report.Removed = append(report.Removed, newImageReport(i, uses[i.ID]))
	}
	if len(doomed) == 0 {
		return a.pruned(report, "Nothing to do: no image in %s is old and unused.", s.Region)
	}
	if err := imageTable(report.Removed).Write(a.streams.Err); err != nil {
		return err
	}
	if options.dryRun {
		return a.pruned(report, "%d of %d images would be removed.", len(doomed), len(images))
	}
	if err := a.confirmPrune(ctx, len(doomed)); err != nil {
		return err
	}
	api := ec2.NewFromConfig(s.Config)
	for _, i := range doomed {
		if err := image.Remove(ctx, api, i); err != nil {
			return err
		}
		a.note("Removed %s %s", i.ID, i.Name)
	}
	return a.pruned(report, "%d of %d images were removed.", len(doomed), len(images))
}

func (a *app) pruned(report pruneReport, format string, args ...any) error {
	if a.json() {
		return a.printJSON(report)
	}
	a.printf(format, args...)
	return nil
}

func (a *app) confirmPrune(ctx context.Context, n int) error {
	if a.globals.yes {
		return nil
	}
	yes, err := a.streams.Confirm(ctx, fmt.Sprintf("Remove %d %s with the snapshots?", n, plural(n, "image")), false)
	switch {
	case errors.Is(err, ui.ErrNotTerminal):
		return fail(exitNotApproved, a.again("ami", "prune", "--yes"), "removing images needs an approval, and there is no terminal to ask on")
	case err != nil:
		return err
	case !yes:
		return fail(exitNotApproved, "", "not approved: nothing was removed")
	}
	return nil
}
