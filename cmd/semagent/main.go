// Command semagent deploys and looks after a fleet of Semaphore agents on AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/semagent/semagent/internal/cli"
)

// version is set by the linker: see the Makefile.
var version = "dev"

// memoryLimit is where the garbage collector begins to work, in bytes. Watching for hours stays far below it.
const memoryLimit = 128 << 20

func main() {
	// A command is over before its garbage is worth collecting: that took half of the time of `semagent template`.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(memoryLimit)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args[1:], Environ: os.Environ(), Version: version, Signals: signals,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
