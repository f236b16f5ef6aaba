package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/deploy"
)

// report prints what went wrong and returns the exit code. It is the only place that prints an error.
func (a *app) report(ctx context.Context, err error) int {
	var quiet silent
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &quiet):
		return int(quiet)
	}
	code, hint := a.explain(ctx, err)
	err = a.plain(inWords(err))
	if a.json() {
		err = render.ErrorJSON(a.streams.Err, err, hint, code)
	} else {
		err = render.Error(a.streams.Err, err, hint)
	}
	if err != nil && code == exitDone {
		return exitFailed
	}
	return code
}

// explain finds the exit code and the next command for an error. The first explanation that fits wins, so they
// go from the particular to the general.
func (a *app) explain(ctx context.Context, err error) (code int, hint string) {
	for _, explain := range []func(context.Context, error) (int, string, bool){
		a.explainWatch,
		a.explainInterrupt,
		a.explainLeftover,
		explainFailure,
		a.explainCredentials,
		a.explainLookup,
		a.explainState,
		a.explainStack,
		a.explainSecret,
		a.explainAsset,
		a.explainSemaphore,
	} {
		if code, hint, ok := explain(ctx, err); ok {
			return code, hint
		}
	}
	return exitFailed, ""
}

// interrupted reports whether a signal is what ended it. net/http gives the context's cause instead of its error.
func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, errInterrupted)
}

// inWords says interrupted where Go says context canceled.
func inWords(err error) error {
	var watch *deploy.WatchError
	var leftover *deploy.LeftoverError
	switch {
	case !interrupted(err):
		return err
	case errors.As(err, &watch):
		return fmt.Errorf("stopped watching stack %q: %w", watch.StackName, errInterrupted)
	case errors.As(err, &leftover) && !interrupted(leftover.Err):
		return fmt.Errorf("%w; then, cleaning up: %w", errInterrupted, leftover.Err)
	}
	return errInterrupted
}

func explainFailure(_ context.Context, err error) (int, string, bool) {
	var f *failure
	if !errors.As(err, &f) {
		return 0, "", false
	}
	return f.code, f.hint, true
}
