package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/scalerlog"
	"github.com/semagent/semagent/internal/template"
)

// logPause is between two looks at a log that is followed; FilterLogEvents allows five calls a second to an account.
const logPause = 2 * time.Second

type logsOptions struct {
	follow bool
	since  time.Duration
}

func newLogs(a *app) *cobra.Command {
	o := logsOptions{}
	cmd := &cobra.Command{
		Use:   "logs",
		Short: "Show what the scaler decided, and why",
		Long: `Show the scaler's log, a line for each decision and each failure, oldest first. Decisions that repeat are written
every half minute. With --follow, go on until interrupted. With --output json, each line is an object.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent logs --stack-name ci-fleet\n  semagent logs --stack-name ci-fleet --since 2h\n  semagent logs --stack-name ci-fleet --follow",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runLogs(cmd.Context(), a, o) },
	}
	cmd.Flags().BoolVar(&o.follow, "follow", false, "go on with what comes")
	cmd.Flags().DurationVar(&o.since, "since", 10*time.Minute, "how far back to begin, as `DURATION` like 90s or 2h")
	return cmd
}

func runLogs(ctx context.Context, a *app, o logsOptions) error {
	if o.since < 0 {
		return fail(exitUsage, "semagent logs --since 10m", "--since is %s: it must not be negative", o.since)
	}
	name, s, err := a.atStack(ctx)
	if err != nil {
		return err
	}
	stack, err := s.engine.Stack(ctx, name)
	if err != nil {
		return err
	}
	group := stack.Outputs[template.OutputLogGroup]
	if group == "" {
		return fail(exitFailed, a.again("deploy", "--set", config.SettingDynamicScaling+"=true"), "stack %q has no scaler", name)
	}
	pause, err := a.logPause()
	if err != nil {
		return err
	}
	api, since := cloudwatchlogs.NewFromConfig(s.Config), time.Now().Add(-o.since)
	entries := scalerlog.Entries(ctx, api, group, since)
	if o.follow {
		entries = scalerlog.Follow(ctx, api, group, since, pause)
	}
	shown := 0
	for entry, err := range entries {
		if o.follow && ctx.Err() != nil {
			return silent(exitInterrupted) // the way to end it: nothing went wrong
		}
		if err != nil {
			return err
		}
		shown++
		if err := a.printEntry(entry); err != nil {
			return err
		}
	}
	if shown == 0 {
		a.note("The scaler of stack %s wrote nothing in the last %s.", name, o.since)
	}
	return nil
}

func (a *app) logPause() (time.Duration, error) {
	options, err := a.engineOptions()
	if err != nil || options.PollMin == 0 {
		return logPause, err
	}
	return options.PollMin, nil
}

// printEntry writes one entry as one line, whatever is in it.
func (a *app) printEntry(e scalerlog.Entry) error {
	if a.json() {
		line, err := json.Marshal(e)
		if err != nil {
			return err
		}
		_, err = a.streams.Out.Write(append(line, '\n'))
		return err
	}
	a.printf("%s  %s", e.Time.Format(time.RFC3339), a.entryText(e))
	return nil
}

func (a *app) entryText(e scalerlog.Entry) string {
	style := a.streams.Out.Style()
	switch e.Kind {
	case scalerlog.Error:
		return style.Red("error:") + " " + e.Text
	case scalerlog.Warning:
		return style.Yellow("warning:") + " " + e.Text
	case scalerlog.Decision, scalerlog.Notice:
	}
	return e.Text
}
