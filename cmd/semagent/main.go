// Command semagent deploys and looks after a fleet of Semaphore agents on AWS.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/semagent/semagent/internal/cli"
)

// version is set by the linker: see the Makefile.
var version = "dev"

func main() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Main(context.Background(), cli.Process{
		Args: os.Args[1:], Environ: os.Environ(), Version: version, Signals: signals,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}
