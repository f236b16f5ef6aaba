package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/asset"
	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/lookup"
	"github.com/semagent/semagent/internal/secret"
	"github.com/semagent/semagent/internal/semaphore"
	"github.com/semagent/semagent/packer"
)

// again is this program's command line with more words, for hints that can be pasted.
func (a *app) again(words ...string) string {
	command := append([]string{"semagent"}, words...)
	if a.globals.region != "" {
		command = append(command, "--region", a.globals.region)
	}
	if a.globals.profile != "" {
		command = append(command, "--profile", a.globals.profile)
	}
	return strings.Join(command, " ")
}

// explainWatch is for an operation that goes on without its watcher: because of Ctrl-C, or of what ended the watch.
func (a *app) explainWatch(_ context.Context, err error) (int, string, bool) {
	var watch *deploy.WatchError
	if !errors.As(err, &watch) {
		return 0, "", false
	}
	hint := "the operation goes on; to watch it again:\n\n" + a.again("status", "--follow", "--stack-name", watch.StackName)
	switch {
	case interrupted(watch.Err):
		return exitInterrupted, hint, true
	case awserr.IsExpired(watch.Err):
		return exitCredentials, "renew the credentials, for example with aws sso login" + a.profileFlag() + "; " + hint, true
	case awserr.IsRejected(watch.Err), awserr.IsAccessDenied(watch.Err):
		return exitCredentials, hint, true
	}
	return exitFailed, hint, true
}

// explainInterrupt is for a signal, and for Ctrl-C at a hidden prompt, which is a key there and no signal.
func (a *app) explainInterrupt(_ context.Context, err error) (int, string, bool) {
	if leftover, ok := errors.AsType[*deploy.LeftoverError](err); ok && interrupted(err) {
		return exitInterrupted, a.discardHint(leftover), true
	}
	return exitInterrupted, "", interrupted(err)
}

func (a *app) explainCredentials(_ context.Context, err error) (int, string, bool) {
	switch {
	case awserr.IsNoRegion(err):
		return exitUsage, "export AWS_REGION=us-east-1", true
	case awserr.IsExpired(err):
		return exitCredentials, "renew the credentials, for example:\n\naws sso login" + a.profileFlag(), true
	case awserr.IsNoCredentials(err):
		return exitCredentials, "give AWS credentials, for example:\n\nexport AWS_PROFILE=my-profile\naws configure", true
	case awserr.IsRejected(err):
		return exitCredentials, "check which credentials are used:\n\naws sts get-caller-identity" + a.profileFlag(), true
	case awserr.IsAccessDenied(err):
		return exitCredentials, deniedHint(err), true
	case awserr.IsUnknownHost(err):
		return exitFailed, "check the region's name and the network", true
	}
	return 0, "", false
}

// explainLeftover is for a change set that could not be deleted: its cause decides the exit code.
func (a *app) explainLeftover(ctx context.Context, err error) (int, string, bool) {
	leftover, ok := errors.AsType[*deploy.LeftoverError](err)
	if !ok {
		return 0, "", false
	}
	why := leftover.Cause
	if why == nil {
		why = leftover.Err
	}
	code, hint := a.explain(ctx, why)
	return code, strings.TrimPrefix(hint+"\n\n"+a.discardHint(leftover), "\n\n"), true
}

func (a *app) discardHint(leftover *deploy.LeftoverError) string {
	if leftover.ID == "" {
		return a.of(leftover.StackName, "status")
	}
	return "a change set is left; to delete it:\n\n" + a.again("destroy", "--change-set", leftover.ID)
}

func (a *app) profileFlag() string {
	if a.globals.profile == "" {
		return ""
	}
	return " --profile " + a.globals.profile
}

func deniedHint(err error) string {
	action, resource := awserr.Denied(err)
	switch {
	case action == "":
		return ""
	case resource == "":
		return fmt.Sprintf("allow %s to these credentials", action)
	}
	return fmt.Sprintf("allow %s on %s to these credentials", action, resource)
}

func (a *app) explainLookup(_ context.Context, err error) (int, string, bool) {
	var problems lookup.Problems
	if !errors.As(err, &problems) {
		return 0, "", false
	}
	code := exitFailed
	var hints []string
	for _, p := range problems {
		if p.Fix == lookup.FixPermission {
			code = exitCredentials
		}
		if hint := a.lookupHint(p); hint != "" && !slices.Contains(hints, hint) {
			hints = append(hints, hint)
		}
	}
	return code, strings.Join(hints, "\n"), true
}

func (a *app) lookupHint(p lookup.Problem) string {
	switch p.Fix {
	case lookup.FixSetting:
		return settingHint(p)
	case lookup.FixBootstrap:
		return a.again("bootstrap")
	case lookup.FixTokenPut:
		return a.again("token", "put", "--set", config.SettingTokenParameter+"="+p.Subject)
	case lookup.FixRewrite:
		words := []string{"token", "put", "--overwrite", "--set", config.SettingTokenParameter + "=" + p.Subject}
		if p.Value != "" {
			words = append(words, "--kms-key", p.Value)
		}
		return a.again(words...)
	case lookup.FixBuildImage:
		return "build the AMI, or set one with --set SEMAPHORE_AGENT_AMI=ami-...:\n\n" + a.again("ami", "build")
	case lookup.FixPermission:
		return "allow " + p.Subject + " to these credentials"
	case lookup.FixRepair:
		return "put " + p.Subject + " right in AWS"
	}
	return ""
}

func settingHint(p lookup.Problem) string {
	if p.Value != "" && len(p.Settings) == 1 {
		return "set " + p.Settings[0] + "=" + p.Value
	}
	return "change " + strings.Join(p.Settings, " or ")
}

// explainState is for a stack in a status in which the request cannot be carried out.
func (a *app) explainState(_ context.Context, err error) (int, string, bool) {
	var state *deploy.StateError
	var busy *deploy.BusyError
	var protected *deploy.ProtectedError
	var foreign *deploy.ForeignError
	switch {
	case errors.As(err, &state):
		return exitFailed, a.wayOut(state), true
	case errors.As(err, &busy):
		return exitFailed, a.whileBusy(busy), true
	case errors.As(err, &protected):
		return exitFailed, a.again("destroy", "--stack-name", protected.StackName, "--disable-termination-protection"), true
	case errors.As(err, &foreign):
		return exitFailed, "choose another name with --stack-name, or leave that stack to whoever made it", true
	case errors.Is(err, deploy.ErrStackNotFound):
		return exitFailed, "check --stack-name, --region and the account, or create the stack:\n\n" + a.again("deploy"), true
	}
	return 0, "", false
}

// make is the command that creates or updates a stack.
func (a *app) make(stackName string, words ...string) string {
	if stackName == bootstrapStack {
		return a.again(append([]string{"bootstrap"}, words...)...)
	}
	return a.of(stackName, "deploy", words...)
}

// of is a command on a stack, with more words.
func (a *app) of(stackName, command string, words ...string) string {
	return a.again(append([]string{command, "--stack-name", stackName}, words...)...)
}

func (a *app) whileBusy(busy *deploy.BusyError) string {
	hint := "watch what runs, then try again; deploy and destroy can wait for it with --wait:\n\n" + a.of(busy.StackName, "status", "--follow")
	if busy.Status == "UPDATE_IN_PROGRESS" {
		hint += "\n\nto stop it and go back:\n\n" + a.of(busy.StackName, "rollback", "--cancel")
	}
	return hint
}

func (a *app) wayOut(state *deploy.StateError) string {
	name := state.StackName
	switch state.Way {
	case deploy.WayReview:
		return "execute the change set that waits for review, or delete it:\n\n" +
			a.again("deploy", "--change-set", first(state.ChangeSets)) + "\n" + a.again("destroy", "--change-set", first(state.ChangeSets))
	case deploy.WayRecreate:
		return "this deletes what is left of it, once approved, and creates it again:\n\n" + a.make(name)
	case deploy.WayFinishDelete:
		return a.finishDelete(name, state.Stuck)
	case deploy.WayRollBack:
		return "roll back to where it was, then deploy again:\n\n" + a.of(name, "rollback")
	case deploy.WayContinueRollback:
		return a.finishRollback(name, state.Stuck)
	case deploy.WayUnknown:
	}
	return a.of(name, "status")
}

func (a *app) finishDelete(name string, failed []deploy.Event) string {
	hint := "mend the cause, then delete it again:\n\n" + a.of(name, "destroy")
	if words := stuck("--retain", failed); len(words) > 0 {
		hint += "\n\nor keep what is stuck, outside any stack:\n\n" + a.of(name, "destroy", words...)
	}
	return hint + "\n\nor keep whatever cannot be deleted:\n\n" + a.of(name, "destroy", "--force")
}

func (a *app) finishRollback(name string, failed []deploy.Event) string {
	hint := "mend the cause, then go on with the rollback:\n\n" + a.of(name, "rollback")
	if words := stuck("--skip", failed); len(words) > 0 {
		hint += "\n\nor leave what is stuck as it is:\n\n" + a.of(name, "rollback", words...)
	}
	return hint + "\n\nor leave whatever cannot be rolled back:\n\n" + a.of(name, "rollback", "--force")
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// explainStack is for an operation that ended without doing what it was asked to.
func (a *app) explainStack(_ context.Context, err error) (int, string, bool) {
	var failed *deploy.StackError
	var stale *deploy.StaleError
	switch {
	case errors.As(err, &stale):
		return exitFailed, "make a new one:\n\n" + a.make(stale.StackName), true
	case errors.As(err, &failed):
		hint := a.afterFailure(failed)
		if remedy := a.remedyFor(err); remedy != "" {
			hint = remedy + "\n\n" + hint
		}
		return exitFailed, hint, true
	}
	return 0, "", false
}

// afterFailure says where the stack stands and what comes next.
func (a *app) afterFailure(failed *deploy.StackError) string {
	name := failed.StackName
	switch {
	case failed.Status == "UPDATE_ROLLBACK_COMPLETE":
		return "the stack is back where it was; mend the cause and deploy again"
	case failed.Status == "UPDATE_ROLLBACK_FAILED":
		return a.finishRollback(name, failed.Stuck)
	case failed.Status == "UPDATE_FAILED":
		return "mend the cause, then roll back:\n\n" + a.of(name, "rollback")
	case failed.Status == "DELETE_FAILED":
		return a.finishDelete(name, failed.Stuck)
	case failed.Status.NeedsDelete():
		return "mend the cause, then deploy again, which first deletes what is left of the stack, or only delete it:\n\n" +
			a.make(name) + "\n" + a.of(name, "destroy")
	}
	return a.of(name, "status")
}

func (a *app) explainSecret(_ context.Context, err error) (int, string, bool) {
	var unusable *secret.UnusableKeyError
	switch {
	case errors.Is(err, secret.ErrExists):
		return exitFailed, "to replace the token that is there:\n\n" + a.again("token", "put", "--overwrite"), true
	case errors.Is(err, secret.ErrInClear):
		return exitFailed, "delete the parameter, then put the token again", true
	case errors.Is(err, secret.ErrNotFound):
		return exitFailed, a.again("token", "put"), true
	case errors.As(err, &unusable):
		return exitFailed, "choose another alias:\n\n" + a.again("kms", "create", "--alias", "NAME"), true
	}
	return 0, "", false
}

func (a *app) explainAsset(_ context.Context, err error) (int, string, bool) {
	var missing *asset.NoBucketError
	switch {
	case errors.Is(err, asset.ErrNotEmbedded), errors.Is(err, packer.ErrNotEmbedded):
		return exitFailed, "make build", true
	case errors.As(err, &missing):
		return exitFailed, a.again("bootstrap"), true
	}
	return 0, "", false
}

func (a *app) explainSemaphore(_ context.Context, err error) (int, string, bool) {
	if !errors.Is(err, semaphore.ErrUnauthorized) {
		return 0, "", false
	}
	return exitFailed, "reset the agent type's token in Semaphore and store the new one:\n\n" + a.again("token", "put", "--overwrite"), true
}
