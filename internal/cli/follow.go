package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/deploy"
)

// show prints a change set: the answer of diff, and what an approval is for.
func (a *app) show(change *deploy.ChangeSet) error {
	diff := render.Diff{ChangeSet: change, Widening: change.Widenings(), Verbose: a.globals.verbose}
	if !a.json() {
		return diff.Text(a.streams.Out)
	}
	return diff.JSON(a.streams.Out)
}

// showLine is show for commands whose JSON answer has one object a line.
func (a *app) showLine(change *deploy.ChangeSet) error {
	if !a.json() {
		return a.show(change)
	}
	var whole, line bytes.Buffer
	diff := render.Diff{ChangeSet: change, Widening: change.Widenings()}
	if err := errors.Join(diff.JSON(&whole), json.Compact(&line, whole.Bytes())); err != nil {
		return err
	}
	return a.printLine(struct {
		ChangeSet json.RawMessage `json:"diff"`
	}{line.Bytes()})
}

// printLine writes one object of an answer that has one object a line.
func (a *app) printLine(v any) error {
	encoder := json.NewEncoder(a.streams.Out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// follow shows an operation to its end. Progress goes to stderr; under --output json the events are the answer.
func (a *app) follow(ctx context.Context, s *session, x *deploy.Execution, changes []deploy.Change) error {
	out := a.streams.Err
	if a.json() {
		out = a.streams.Out
	}
	watcher := render.NewWatcher(out, render.Watch{Stack: x.StackName, Changes: changes, JSON: a.json()})
	var watchErr error
	for event, err := range x.Events(ctx) {
		if err != nil {
			watchErr = err
			break
		}
		watcher.Event(event)
	}
	if watchErr != nil {
		return errors.Join(watchErr, watcher.Close(""))
	}
	result, err := x.Result(ctx)
	status := ""
	if result != nil {
		status = string(result.Status)
	}
	if closeErr := watcher.Close(status); err == nil {
		err = closeErr
	}
	if err != nil {
		return withActivities(ctx, s, err)
	}
	a.reportLeftovers(result)
	return nil
}

// reportLeftovers warns of what an operation that succeeded left behind all the same.
func (a *app) reportLeftovers(result *deploy.Result) {
	for _, warning := range result.Warnings {
		a.warn("%s", warning)
	}
	for _, e := range result.Retained {
		a.warn("%s (%s %s) was retained", e.LogicalID, e.Type, e.PhysicalID)
	}
	for _, e := range result.Failed {
		a.warn("%s (%s %s) was left behind: %s", e.LogicalID, e.Type, e.PhysicalID, e.StatusReason)
	}
}

func (a *app) showNoChanges(f *fleet) error {
	return a.done(outcome{Stack: f.cfg.StackName, Region: f.Region, Status: "unchanged"},
		"Nothing to do: stack %s in %s is as the settings say.", f.cfg.StackName, f.Region)
}
