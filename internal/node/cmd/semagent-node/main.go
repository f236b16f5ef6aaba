// Command semagent-node is on every machine image: it starts, retires and watches the Semaphore agent of its instance.
// It owns the command line and the exit code, and refuses everything else: what is done stands in package node.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/semagent/semagent/internal/node"
)

const usage = `usage: semagent-node [FLAGS] start PARAMETER   start the agent that the SSM parameter describes
       semagent-node [FLAGS] retire            retire the machine for $SEMAPHORE_AGENT_SHUTDOWN_REASON
       semagent-node [FLAGS] health            give the machine up when its agent is gone
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run returns 0 when it is done, 1 when it failed and 2 for a wrong command line.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	machine := &node.Machine{}
	flags := flag.NewFlagSet("semagent-node", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	flags.StringVar(&machine.Root, "root", "", "directory that stands for the machine's root, for tests")
	flags.StringVar(&machine.Metadata, "metadata", node.MetadataURL, "URL of the metadata service")
	flags.StringVar(&machine.Endpoint, "endpoint", "", "URL of AWS; empty: its own")
	patience := flags.Duration("patience", 0, "how long start tries (5m), or health waits for the agent (1m)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	machine.Log = node.NewLog(stderr, machine.Root)
	var err error
	switch command := flags.Arg(0); {
	case command == "start" && flags.NArg() == 2:
		err = machine.Start(ctx, flags.Arg(1), orDefault(*patience, 5*time.Minute))
	case command == "retire" && flags.NArg() == 1:
		// Its agent's unit may be stopped meanwhile, and the signal reaches this process too. It has to finish all the same.
		err = machine.Retire(context.WithoutCancel(ctx), node.Reason(os.Getenv("SEMAPHORE_AGENT_SHUTDOWN_REASON")))
	case command == "health" && flags.NArg() == 1:
		err = machine.Health(ctx, orDefault(*patience, time.Minute))
	default:
		flags.Usage()
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, "semagent-node:", err)
		return 1
	}
	return 0
}

func orDefault(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}
