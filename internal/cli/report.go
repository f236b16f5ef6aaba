package cli

import (
	"context"
	"errors"

	"github.com/semagent/semagent/internal/cli/render"
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

func explainFailure(_ context.Context, err error) (int, string, bool) {
	var f *failure
	if !errors.As(err, &f) {
		return 0, "", false
	}
	return f.code, f.hint, true
}
