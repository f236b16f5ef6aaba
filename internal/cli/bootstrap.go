package cli

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/asset"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/template"
)

// bootstrapStack is one stack per account and region, shared by every fleet in them.
const bootstrapStack = "semagent-bootstrap"

func newBootstrap(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "bootstrap [aws://ACCOUNT/REGION]",
		Short: "Prepare an account and region",
		Long: `Create or upgrade the stack '` + bootstrapStack + `' in one account and region. It holds the bucket that fleets take
the scaler's code from: private, versioned, encrypted, TLS only. Once per account and region is enough, and a second
run finds nothing to do.

With an argument, the credentials must be of that account and the region that one, or nothing happens.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitNotApproved, exitCredentials, exitInterrupted),
		Example: "  semagent bootstrap\n  semagent bootstrap aws://123456789012/eu-central-1",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := parseTarget(args)
			if err != nil {
				return err
			}
			return runBootstrap(cmd.Context(), a, target)
		},
	}
}

// target is an account and region that the user named; both are empty when the user named none.
type target struct{ account, region string }

func parseTarget(args []string) (target, error) {
	if len(args) == 0 {
		return target{}, nil
	}
	m := regexp.MustCompile(`^aws://(\d{12})/([a-z]{2}(?:-[a-z]+)+-\d+)$`).FindStringSubmatch(args[0])
	if m == nil {
		return target{}, fail(exitUsage, "semagent bootstrap aws://123456789012/eu-central-1",
			"%q does not name an account and region", args[0])
	}
	return target{account: m[1], region: m[2]}, nil
}

func (t target) check(s *session) error {
	switch {
	case t == target{}:
		return nil
	case t.account != s.Account:
		return fail(exitUsage, fmt.Sprintf("semagent bootstrap aws://%s/%s", s.Account, s.Region),
			"these credentials are of account %s, not of %s", s.Account, t.account)
	case t.region != s.Region:
		return fail(exitUsage, fmt.Sprintf("semagent bootstrap --region %s aws://%s/%s", t.region, t.account, t.region),
			"the region is %s, not %s", s.Region, t.region)
	}
	return nil
}

func runBootstrap(ctx context.Context, a *app, t target) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	if err := t.check(s); err != nil {
		return err
	}
	doc, err := template.Bootstrap()
	if err != nil {
		return err
	}
	request := deploy.Request{
		StackName: bootstrapStack, Template: doc.JSON, Tags: stackTags(a.version),
		Description: "semagent bootstrap",
	}
	change, err := s.engine.CreateChangeSet(ctx, request)
	if remains, ok := recreatable(err); ok {
		if err = a.clear(ctx, s, remains); err == nil {
			change, err = s.engine.CreateChangeSet(ctx, request)
		}
	}
	if errors.Is(err, deploy.ErrNoChanges) {
		return a.done(outcome{Stack: bootstrapStack, Region: s.Region, Status: "unchanged"},
			"Nothing to do: account %s is ready in %s (bucket %s).", s.Account, s.Region, asset.BucketName(s.Account, s.Region))
	}
	if err != nil {
		return err
	}
	if err := a.apply(ctx, s, change, confirmRisky); err != nil {
		return err
	}
	return a.done(outcome{Stack: bootstrapStack, Region: s.Region, Status: "complete"},
		"Account %s is ready in %s (bucket %s).", s.Account, s.Region, asset.BucketName(s.Account, s.Region))
}
