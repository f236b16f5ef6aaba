package cli

import (
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/ui"
)

func newConfig(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Show the effective settings, each with its source",
		Long: `Show the effective settings, each with the place its value came from: a flag, the environment, a line of the
file, or the default. No AWS call is made. All problems are reported at once.` + exitCodes(exitDone, exitUsage),
		Example: "  semagent config\n  semagent config --config fleet.yaml --set SEMAPHORE_AGENT_ASG_MAX_SIZE=20\n  semagent config --output json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runConfig(a) },
	}
	cmd.AddCommand(newConfigImport(a))
	return cmd
}

func runConfig(a *app) error {
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(settingsJSON(cfg))
	}
	rows := make([][]string, 0, len(cfg.Values()))
	for _, v := range cfg.Values() {
		text := v.Text
		if text == "" {
			text = "-"
		}
		rows = append(rows, []string{v.Setting, text, v.Source.String()})
	}
	return ui.Table{Header: []string{"SETTING", "VALUE", "SOURCE"}, Rows: rows, Flex: 1}.Write(a.streams.Out)
}

// settingValue is one row of `semagent config --output json`.
type settingValue struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"`
}

func settingsJSON(cfg *config.Config) []settingValue {
	var out []settingValue
	for _, v := range cfg.Values() {
		out = append(out, settingValue{Name: v.Setting, Value: v.Text, Source: v.Source.String()})
	}
	return out
}
