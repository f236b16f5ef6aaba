// Command commands measures whole processes of semagent against a local AWS: the median of many runs, in one run of this
// program, so that the figures can be compared with each other.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/packer"
)

func main() {
	semagent := flag.String("semagent", "bin/semagent", "the binary to measure")
	runs := flag.Int("n", 31, "runs of each command")
	flag.Parse()
	if err := measure(context.Background(), *semagent, *runs); err != nil {
		fmt.Fprintln(os.Stderr, "commands: error:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, semagent string, runs int) error {
	image, err := packer.ImageName("ubuntu-focal", "x86_64")
	if err != nil {
		return err
	}
	aws := awsfake.New(awsfake.Options{Speed: 100, Images: map[string]string{image: "ami-0123456789abcdef0"}})
	defer aws.Close()
	address, err := aws.Start()
	if err != nil {
		return err
	}
	m := machine{semagent: semagent, environ: append(os.Environ(),
		"AWS_ENDPOINT_URL="+address, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=bench", "AWS_SECRET_ACCESS_KEY=bench",
		"SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=bench", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/bench/token",
	)}
	for _, command := range []string{"bootstrap", "token put", "deploy --yes"} {
		if _, err := m.time(ctx, command, 0); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		name, command string
		code          int
	}{
		{"version", "version", 0},
		{"template", "template", 0},
		{"diff, nothing to do", "diff", 0},
		{"diff, a change", "diff --exit-code --set SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small", 5},
	} {
		if err := m.report(ctx, c.name, c.command, c.code, runs); err != nil {
			return err
		}
	}
	return nil
}

type machine struct {
	semagent string
	environ  []string
}

func (m machine) report(ctx context.Context, name, command string, code, runs int) error {
	var times []time.Duration
	for range runs {
		d, err := m.time(ctx, command, code)
		if err != nil {
			return err
		}
		times = append(times, d)
	}
	slices.Sort(times)
	fmt.Fprintf(os.Stdout, "%-22s median %6.1f ms   min %6.1f   max %6.1f   (%d runs)\n",
		name, ms(times[len(times)/2]), ms(times[0]), ms(times[len(times)-1]), runs)
	return nil
}

func (m machine) time(ctx context.Context, command string, code int) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, m.semagent, strings.Fields(command)...)
	cmd.Env, cmd.Stdin = m.environ, strings.NewReader("bench-registration-token\n")
	began := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(began)
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return 0, err
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		return 0, fmt.Errorf("semagent %s: exit code %d: %s", command, got, out)
	}
	return took, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
