package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// Exit codes: DESIGN.md section 10.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitNotApproved = 3
	exitCredentials = 4
	exitChanges     = 5
	exitInterrupted = 130
)

// failure is an error that already knows how it ends the program and what the user should do next.
type failure struct {
	code int
	hint string // commands that can be pasted; empty when there is nothing to advise
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// fail is a failure that a user can mend by following hint.
func fail(code int, hint, format string, args ...any) error {
	return &failure{code: code, hint: hint, err: fmt.Errorf(format, args...)}
}

// silent ends the program with a code after everything was said.
type silent int

func (s silent) Error() string { return fmt.Sprintf("exit code %d", int(s)) }

// exclusive refuses flags that cannot stand together.
func exclusive(cmd *cobra.Command, names ...string) error {
	var given []string
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			given = append(given, "--"+name)
		}
	}
	if len(given) < 2 {
		return nil
	}
	return usageError(cmd, fmt.Errorf("%s exclude each other", strings.Join(given, " and ")))
}

func usageError(cmd *cobra.Command, err error) error {
	return &failure{code: exitUsage, hint: cmd.CommandPath() + " --help", err: err}
}
