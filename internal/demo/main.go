// Command demo runs semagent's main job as a user would type it, against a local AWS and a stand-in for Semaphore, and checks
// that each step did what it says. It leaves no process and no file behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	semagent := flag.String("semagent", "bin/semagent", "the binary to show")
	function := flag.String("function", "bin/scaler-host", "the scaler's function, built for this machine")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *semagent, *function); err != nil {
		fmt.Fprintln(os.Stderr, "demo: error:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, semagent, function string) error {
	w, err := newWorld(ctx, semagent, function)
	if err != nil {
		return err
	}
	defer w.close()
	for _, step := range steps() {
		if err := w.play(ctx, step); err != nil {
			return fmt.Errorf("%s: %w", step.title, err)
		}
	}
	return w.farewell()
}
