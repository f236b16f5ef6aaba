// Command bench runs the instance program's start, from exec to the agent started, next to the reference stack's sequence
// of calls with curl and the AWS CLI, against the same local AWS and metadata service, in turns. It owns the measurement,
// and refuses to pass when the program is not at least ten times as fast or takes half a second itself.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

const (
	leastFactor = 10
	mostTime    = 500 * time.Millisecond
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("bench: ")
	o := options{}
	flag.StringVar(&o.program, "program", "", "the instance program")
	flag.StringVar(&o.reference, "reference", "", "script with the reference's calls")
	flag.StringVar(&o.awsCLI, "aws", "", "the AWS CLI that the script uses")
	flag.IntVar(&o.runs, "n", 7, "runs of each")
	flag.DurationVar(&o.latency, "latency", 20*time.Millisecond, "of every call")
	flag.Parse()
	if err := run(context.Background(), o); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	program, reference, awsCLI string
	runs                       int
	latency                    time.Duration
}

// run measures both in turns, so that what else the machine does meets both.
func run(ctx context.Context, o options) error {
	w, err := newWorld(o.latency)
	if err != nil {
		return err
	}
	defer w.close()
	var ours, theirs []time.Duration
	for range o.runs {
		took, err := w.measure(ctx, o.program, "-root", w.root, "-metadata", w.metadata, "-endpoint", w.endpoint, "start", "ci-config")
		if err != nil {
			return err
		}
		ours = append(ours, took)
		if took, err = w.measure(ctx, o.reference, o.awsCLI, w.metadata, w.endpoint, w.root, "ci-config"); err != nil {
			return err
		}
		theirs = append(theirs, took)
	}
	return report(o, ours, theirs)
}

// measure runs a command once, from exec until the stand-in for systemctl has been called and the command has ended.
func (w *world) measure(ctx context.Context, program string, args ...string) (time.Duration, error) {
	mark := filepath.Join(w.root, "started")
	if err := os.RemoveAll(mark); err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + w.root, "LANG=C.UTF-8"}
	began := time.Now()
	text, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("run %s: %w\n%s", program, err, text)
	}
	if _, err := os.Stat(mark); err != nil {
		return 0, fmt.Errorf("run %s: the agent was not started\n%s", program, text)
	}
	return took, nil
}

func report(o options, ours, theirs []time.Duration) error {
	a, b := median(ours), median(theirs)
	factor := float64(b) / float64(a)
	fmt.Fprintf(os.Stdout, "start to \"agent started\", %s of latency on each call, median of %d runs in turns:\n", o.latency, o.runs)
	fmt.Fprintf(os.Stdout, "  %-42s %8.0f ms   (%.0f to %.0f)\n", "semagent-node start", ms(a), ms(slices.Min(ours)), ms(slices.Max(ours)))
	fmt.Fprintf(os.Stdout, "  %-42s %8.0f ms   (%.0f to %.0f)\n", "the reference's calls, curl and AWS CLI", ms(b), ms(slices.Min(theirs)), ms(slices.Max(theirs)))
	fmt.Fprintf(os.Stdout, "  %.1f times as fast\n", factor)
	if factor < leastFactor || a > mostTime {
		return fmt.Errorf("the aim is %d times as fast, and less than %s", leastFactor, mostTime)
	}
	return nil
}

func median(d []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[len(sorted)/2]
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
