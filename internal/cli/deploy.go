package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/deploy"
)

// deployFlags are the flags of `semagent deploy`.
type deployFlags struct {
	confirm   string
	noExecute bool
	changeSet string
	wait      bool
	revert    bool
}

func newDeploy(a *app) *cobra.Command {
	var flags deployFlags
	cmd := &cobra.Command{
		Use:   "deploy",
		Short: "Create or update the fleet",
		Long: `Create or update the fleet: upload the scaler's code, make a change set, show it, ask, execute exactly that change
set, and follow it to its end. What fails is explained by its first real cause, and CloudFormation goes back to
the state before.

On a terminal it asks whenever something is replaced or removed, or permissions or ports are widened; without a
terminal such a change needs --yes. The live desired capacity of a fleet is never reset, unless you set
SEMAPHORE_AGENT_ASG_DESIRED to another value than the deployed one.

What a failed creation left of the stack is deleted first, after an approval of its own: CloudFormation makes no
change set for it. An operation of somebody else on the stack is a refusal, or with --wait is waited for.

Ctrl-C before the execution leaves nothing behind. After it, the first Ctrl-C only stops watching: the deployment goes
on, and 'semagent status --follow' comes back to it; 'semagent rollback --cancel' stops an update.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitNotApproved, exitCredentials, exitInterrupted),
		Example: `  semagent deploy
  semagent deploy --yes --set SEMAPHORE_AGENT_ASG_MAX_SIZE=20
  semagent deploy --no-execute
  semagent deploy --change-set arn:aws:cloudformation:eu-central-1:123456789012:changeSet/...`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for _, other := range []string{"no-execute", "revert-drift"} {
				if err := exclusive(cmd, other, "change-set"); err != nil {
					return err
				}
			}
			return a.patiently(cmd.Context(), flags.wait, func() error { return runDeploy(cmd.Context(), a, flags) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.confirm, "confirm", confirmRisky, "when to ask: `risky` (replaced, removed, widened) or always")
	f.BoolVar(&flags.noExecute, "no-execute", false, "leave the change set for review instead of executing it")
	f.BoolVar(&flags.wait, "wait", false, "wait for an operation that holds the stack, instead of refusing")
	f.BoolVar(&flags.revert, "revert-drift", false, "also bring back what was changed outside CloudFormation")
	f.StringVar(&flags.changeSet, "change-set", "", "execute this change set, by `ARN`, as it was reviewed")
	return cmd
}

func runDeploy(ctx context.Context, a *app, flags deployFlags) error {
	if err := checkConfirm(flags.confirm); err != nil {
		return err
	}
	if flags.changeSet != "" {
		return runReviewed(ctx, a, flags)
	}
	f, err := a.fleet(ctx)
	if err != nil {
		return err
	}
	if err := f.clearTheWay(ctx, a, flags.noExecute); err != nil {
		return err
	}
	if err := f.uploadScaler(ctx, a); err != nil {
		return err
	}
	f.revertDrift = flags.revert
	change, err := f.propose(ctx, a)
	if errors.Is(err, deploy.ErrNoChanges) {
		return a.showNoChanges(f)
	}
	if err != nil {
		return err
	}
	if flags.noExecute {
		return a.leaveForReview(f.session, change)
	}
	if err := a.apply(ctx, f.session, change, flags.confirm); err != nil {
		return err
	}
	return a.done(outcome{Stack: f.cfg.StackName, Region: f.Region, Status: "complete"},
		"Stack %s is deployed in %s.", f.cfg.StackName, f.Region)
}

// uploadScaler puts the function's code where the template says it is. Once per content is enough.
func (f *fleet) uploadScaler(ctx context.Context, a *app) error {
	location, err := f.store().Put(ctx, f.code)
	if err == nil && location.Uploaded {
		a.note("Uploaded the scaler to s3://%s/%s.", location.Bucket, location.Key)
	}
	return err
}

// propose makes the change set that brings the stack to the settings.
func (f *fleet) propose(ctx context.Context, a *app) (*deploy.ChangeSet, error) {
	request := f.request(a.version)
	if len(request.Template) > deploy.MaxTemplateBody {
		location, err := f.store().PutTemplate(ctx, request.Template)
		if err != nil {
			return nil, err
		}
		request.TemplateURL = location.URL
	}
	return f.engine.CreateChangeSet(ctx, request)
}

func (a *app) leaveForReview(s *session, change *deploy.ChangeSet) error {
	if err := a.showLine(change); err != nil {
		return err
	}
	command := "semagent deploy --change-set " + change.ID
	return a.done(outcome{Stack: change.StackName, Region: s.Region, Status: "proposed", ChangeSet: change.ID},
		"The change set waits for review. To execute it:\n\n  %s", command)
}

// runReviewed executes a change set that somebody reviewed. It must be of a stack that semagent made.
func runReviewed(ctx context.Context, a *app, flags deployFlags) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	change, err := s.engine.ChangeSet(ctx, flags.changeSet)
	if err != nil {
		return err
	}
	if err := a.showLine(change); err != nil {
		return err
	}
	if err := a.approve(ctx, change, flags.confirm); err != nil {
		return err
	}
	execution, err := s.engine.Execute(ctx, change, deploy.ExecuteOptions{})
	if err != nil {
		return err
	}
	if err := a.watch(ctx, s, change, execution); err != nil {
		return err
	}
	return a.done(outcome{Stack: change.StackName, Region: s.Region, Status: "complete"},
		"Stack %s is deployed in %s.", change.StackName, s.Region)
}

// apply shows a change set, asks, and executes it. Unless it was executed, it is deleted again.
func (a *app) apply(ctx context.Context, s *session, change *deploy.ChangeSet, confirm string) error {
	err := a.showLine(change)
	if err == nil {
		err = a.approve(ctx, change, confirm)
	}
	var execution *deploy.Execution
	if err == nil {
		execution, err = s.engine.Execute(ctx, change, deploy.ExecuteOptions{})
	}
	if err != nil {
		return s.engine.Withdraw(ctx, change, err)
	}
	return a.watch(ctx, s, change, execution)
}

// watch follows the execution of a change set.
func (a *app) watch(ctx context.Context, s *session, change *deploy.ChangeSet, execution *deploy.Execution) error {
	err := a.follow(ctx, s, execution, change.Changes)
	if _, failed := errors.AsType[*deploy.StackError](err); failed {
		// ExecuteChangeSet deletes a change set that succeeded; one that failed would stay.
		err = errors.Join(err, s.engine.Discard(context.WithoutCancel(ctx), change))
	}
	return err
}

// checkConfirm refuses a word that --confirm does not know.
func checkConfirm(mode string) error {
	if mode == confirmRisky || mode == confirmAlways {
		return nil
	}
	return fail(exitUsage, "semagent deploy --confirm "+confirmAlways, "--confirm is %q: it can be %s or %s", mode, confirmRisky, confirmAlways)
}
