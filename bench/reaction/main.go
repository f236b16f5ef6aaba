// Command reaction measures the scaler's function as it is deployed: the built binary under a Lambda Runtime API, invoked at
// the turn of every minute, with jobs that arrive at random moments. It prints a table, the reference stack's schedule beside it.
//
//	go run ./bench/reaction -minutes 5
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

func main() {
	minutes := flag.Int("minutes", 1, "`MINUTES` of arrivals, in real time; one quiet minute follows")
	starts := flag.Int("starts", 15, "cold `STARTS` to measure")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, *minutes, *starts); err != nil {
		fmt.Fprintln(os.Stderr, "reaction:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, minutes, starts int) error {
	dir, err := os.MkdirTemp("", "reaction-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w, err := newWorld(dir)
	if err != nil {
		return err
	}
	defer w.close()
	if w.binary, err = build(ctx, dir); err != nil {
		return err
	}
	cold, err := coldStarts(ctx, w, starts)
	if err != nil {
		return err
	}
	f := w.function()
	defer f.Close()
	loud, err := busyMinutes(ctx, w, f, minutes)
	if err != nil {
		return err
	}
	calm, err := quietMinute(ctx, w, f)
	if err != nil {
		return err
	}
	return print(out, w, cold, loud, calm)
}

// build is the Makefile's way to the function, for the machine that measures.
func build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "bootstrap")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-tags", "lambda.norpc",
		"-o", binary, "github.com/semagent/semagent/internal/scaler/lambda")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the function: %w\n%s", err, text)
	}
	return binary, nil
}

func print(out io.Writer, w *world, cold starts, loud, calm load) error {
	info, err := os.Stat(w.binary)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "arrivals                      %d in %s\n", len(loud.ours), loud.took.Round(time.Second))
	fmt.Fprintf(out, "reaction p50, p95, max        %s\n", spread(loud.ours))
	fmt.Fprintf(out, "the reference's schedule      %s\n", spread(loud.theirs))
	fmt.Fprintf(out, "start to first poll           %s (median of %d)\n", median(cold.poll).Round(100*time.Microsecond), len(cold.poll))
	fmt.Fprintf(out, "start to SetDesiredCapacity   %s\n", median(cold.set).Round(100*time.Microsecond))
	fmt.Fprintf(out, "resident memory               %.1f MiB\n", float64(calm.resident)/(1<<20))
	fmt.Fprintf(out, "binary                        %d bytes\n", info.Size())
	fmt.Fprintf(out, "log, a minute with arrivals   %d bytes\n", loud.bytes/max(loud.minutes, 1))
	fmt.Fprintf(out, "log, a quiet minute           %d bytes\n", calm.bytes)
	fmt.Fprintf(out, "polls, a quiet minute         %d\n", calm.polls)
	fmt.Fprintf(out, "billed, a minute              %d ms\n", calm.billed.Milliseconds())
	return nil
}
