package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/ui"
)

// TestHelp holds every command to what a user may expect of its help.
func TestHelp(t *testing.T) {
	t.Parallel()
	root := newRoot(&app{streams: ui.New(os.Stdin, os.Stdout, os.Stderr, nil)})
	for _, cmd := range commands(root) {
		t.Run(cmd.CommandPath(), func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(cmd.Long, "Exit codes:") {
				t.Error("its help does not list exit codes")
			}
			if cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") {
				t.Errorf("its short description is %q", cmd.Short)
			}
			if !cmd.HasSubCommands() && !strings.Contains(cmd.Example, "semagent ") {
				t.Error("it has no example")
			}
			if !cmd.DisableFlagsInUseLine && cmd.Args == nil {
				t.Error("it does not check its arguments")
			}
		})
	}
}

func commands(root *cobra.Command) []*cobra.Command {
	all := []*cobra.Command{root}
	for _, sub := range root.Commands() {
		all = append(all, commands(sub)...)
	}
	return all
}
