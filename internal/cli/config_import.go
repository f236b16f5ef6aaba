package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/config"
)

func newConfigImport(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "import FILE",
		Short: "Turn a config file of the reference stack into one of semagent's",
		Long: `Read the JSON config file of agent-aws-stack and print a settings file of semagent's, as YAML, to stdout. What
carries over, what has changed or is left out, what semagent does otherwise, and what it warns about goes to stderr. No AWS
call is made. Settings that semagent would refuse are printed too, and reported, and the exit code is 2.` +
			exitCodes(exitDone, exitFailed, exitUsage),
		Example: "  semagent config import config.json > semagent.yaml\n  semagent config import config.json --output json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return runConfigImport(a, args[0]) },
	}
}

func runConfigImport(a *app, path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fail(exitUsage, "semagent config import config.json", "%w", err)
	}
	imported, err := config.Import(path, data)
	if err != nil {
		return &failure{code: exitUsage, hint: "semagent config import --help", err: err}
	}
	if err := a.printImported(imported); err != nil {
		return err
	}
	for _, warning := range imported.Warnings {
		a.warn("%s", warning)
	}
	if len(imported.Problems) > 0 {
		return &failure{code: exitUsage, hint: "semagent config --config semagent.yaml  # after correcting these in the printed file", err: imported.Problems}
	}
	return nil
}

func (a *app) printImported(i *config.Imported) error {
	if a.json() {
		return a.printJSON(importReport{
			Settings: importedSettings(i), Changed: texts(i.Changed), LeftOut: texts(i.LeftOut), Differs: texts(i.Differs),
			Warnings: append([]string{}, i.Warnings...), Problems: texts(i.Problems),
		})
	}
	if _, err := a.streams.Out.Write(i.YAML()); err != nil {
		return err
	}
	a.note("Carried over: %d settings.", len(i.Settings))
	a.list("Changed:", texts(i.Changed))
	a.list("Left out:", texts(i.LeftOut))
	a.list("What semagent does otherwise:", texts(i.Differs))
	return nil
}

// list writes a heading and its lines, or nothing.
func (a *app) list(heading string, lines []string) {
	if len(lines) == 0 {
		return
	}
	a.note("%s", heading)
	for _, line := range lines {
		a.note("  %s", line)
	}
}

func texts[T fmt.Stringer](items []T) []string {
	out := []string{}
	for _, item := range items {
		out = append(out, item.String())
	}
	return out
}

// importReport is `semagent config import --output json`.
type importReport struct {
	Settings []settingValue `json:"settings"`
	Changed  []string       `json:"changed"`
	LeftOut  []string       `json:"leftOut"`
	Differs  []string       `json:"differs"`
	Warnings []string       `json:"warnings"`
	Problems []string       `json:"problems"`
}

func importedSettings(i *config.Imported) []settingValue {
	out := []settingValue{}
	for _, v := range i.Settings {
		out = append(out, settingValue{Name: v.Setting, Value: v.Text, Source: v.Source.String()})
	}
	return out
}
