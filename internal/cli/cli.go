// Package cli is the command line: the tree of commands, the wiring of the packages below it, and every word
// that a user reads. It refuses to know the SDK's request types.
package cli

import (
	"context"
	"errors"
	"os"

	"github.com/semagent/semagent/internal/ui"
)

// Process is what the operating system gives a program.
type Process struct {
	Args    []string // without the program's name
	Environ []string // NAME=VALUE
	Version string   // of this build
	Signals <-chan os.Signal
	Stdin   *os.File
	Stdout  *os.File
	Stderr  *os.File
}

// errInterrupted is the cause of a context that a signal ended.
var errInterrupted = errors.New("interrupted")

// Main runs one command and returns the exit code. The first signal ends the command's context, so that it
// can clean up and say where it stopped; the second one ends the program at once.
func Main(ctx context.Context, p Process) int {
	ctx, interrupt := context.WithCancelCause(ctx)
	defer interrupt(nil)
	done := make(chan int, 1)
	go func() { done <- run(ctx, p) }()
	for interrupted := false; ; interrupted = true {
		select {
		case code := <-done:
			return code
		case <-p.Signals:
			if interrupted {
				return exitInterrupted
			}
			interrupt(errInterrupted)
		}
	}
}

func run(ctx context.Context, p Process) int {
	a := &app{environ: p.Environ, version: p.Version}
	a.streams = ui.New(p.Stdin, p.Stdout, p.Stderr, p.Environ)
	root := newRoot(a) //nolint:contextcheck // each command gets its context from cobra when it runs
	root.SetArgs(p.Args)
	return a.report(ctx, root.ExecuteContext(ctx))
}
