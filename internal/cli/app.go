package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/ui"
)

const (
	outputText = "text"
	outputJSON = "json"
)

// app is what every command of one invocation shares.
type app struct {
	streams *ui.Streams
	environ []string
	version string
	globals globals
}

// applyGlobals makes the global flags true before a command runs.
func (a *app) applyGlobals() error {
	if a.globals.noColor {
		a.streams.DisableColor()
	}
	if formats := []string{outputText, outputJSON}; !slices.Contains(formats, a.globals.output) {
		return fail(exitUsage, "", "--output is %q: it can be %s", a.globals.output, strings.Join(formats, " or "))
	}
	return nil
}

func (a *app) json() bool { return a.globals.output == outputJSON }

// printJSON writes the answer of a command as one JSON document.
func (a *app) printJSON(v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	_, err = a.streams.Out.Write(append(body, '\n'))
	return err
}

// printf writes a line of the answer.
func (a *app) printf(format string, args ...any) { fmt.Fprintf(a.streams.Out, format+"\n", args...) }

// note writes a line of progress.
func (a *app) note(format string, args ...any) { fmt.Fprintf(a.streams.Err, format+"\n", args...) }

// warn writes a warning.
func (a *app) warn(format string, args ...any) {
	fmt.Fprintf(a.streams.Err, "semagent: %s %s\n", a.streams.Err.Style().Yellow("warning:"), fmt.Sprintf(format, args...))
}

// getenv is the value of an environment variable, the last one where there are several.
func (a *app) getenv(name string) string {
	for _, entry := range slices.Backward(a.environ) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// settings are the effective settings, complete for a command that builds the whole stack, or only as far as
// need names them.
func (a *app) settings(need ...string) (*config.Config, error) {
	assignments, err := a.assignments()
	if err != nil {
		return nil, err
	}
	cfg, err := config.Load(config.Input{
		Assignments: assignments, Environ: a.environ, Path: a.globals.config, Need: need,
	})
	if err != nil {
		return nil, &failure{code: exitUsage, hint: "semagent config --help", err: err}
	}
	for _, warning := range cfg.Warnings() {
		a.warn("%s", warning)
	}
	return cfg, nil
}

// stackName is the stack that a command is about which works on any stack of semagent's: the fleet's, or the
// bootstrap stack when it is named.
func (a *app) stackName() (string, error) {
	if a.globals.stackName == bootstrapStack {
		return bootstrapStack, nil
	}
	cfg, err := a.settings(config.SettingStackName)
	if err != nil {
		return "", err
	}
	return cfg.StackName, nil
}

func (a *app) assignments() ([]config.Assignment, error) {
	var out []config.Assignment
	for _, set := range a.globals.set {
		name, value, ok := strings.Cut(set, "=")
		if !ok {
			// The argument is not repeated: what has no name may be a secret.
			return nil, fail(exitUsage, "semagent deploy --set SEMAPHORE_AGENT_ASG_MAX_SIZE=10", "--set needs NAME=VALUE")
		}
		out = append(out, config.Assignment{Name: name, Value: value, Origin: "--set"})
	}
	if a.globals.stackName != "" {
		out = append(out, config.Assignment{Name: config.SettingStackName, Value: a.globals.stackName, Origin: "--stack-name"})
	}
	return out, nil
}
