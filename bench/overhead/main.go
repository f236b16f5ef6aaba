// Command overhead measures what semagent itself costs: the wall time of a whole `semagent diff` process against the
// same HTTP requests sent bare, one after the other, in one run against a local AWS in this process. It refuses to say
// anything about AWS's own time.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/packer"
)

func main() {
	binary := flag.String("semagent", "bin/semagent", "the binary to measure")
	rounds := flag.Int("rounds", 15, "how often each side runs")
	flag.Parse()
	if err := run(context.Background(), *binary, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "overhead:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string, rounds int) error {
	image, err := packer.ImageName("ubuntu-focal", "x86_64")
	if err != nil {
		return err
	}
	server := awsfake.New(awsfake.Options{Speed: 1000, BootTime: time.Second, Images: map[string]string{image: "ami-0123456789abcdef0"}})
	defer server.Close()
	tape := newTape(server)
	defer tape.Close()
	tool := &tool{binary: binary, url: tape.URL}
	for _, args := range [][]string{{"bootstrap"}, {"token", "put"}, {"deploy", "--yes"}} {
		if _, err := tool.run(ctx, args...); err != nil {
			return err
		}
	}
	var whole, bare []time.Duration
	for range rounds {
		tape.clear()
		took, err := tool.run(ctx, "diff", "--set", "SEMAPHORE_AGENT_INSTANCE_TYPE=t3.small")
		if err != nil {
			return err
		}
		whole = append(whole, took)
		if took, err = tape.replay(ctx); err != nil {
			return err
		}
		bare = append(bare, took)
	}
	w, b := median(whole), median(bare)
	fmt.Fprintf(os.Stdout, "semagent diff: %v; the same %d requests bare: %v; ratio %.1f, difference %v (medians of %d)\n",
		w.Round(100*time.Microsecond), tape.length(), b.Round(100*time.Microsecond), float64(w)/float64(b), (w - b).Round(100*time.Microsecond), rounds)
	return nil
}

func median(list []time.Duration) time.Duration {
	slices.Sort(list)
	return list[len(list)/2]
}

// tool runs semagent as a process of its own.
type tool struct{ binary, url string }

func (t *tool) run(ctx context.Context, args ...string) (time.Duration, error) {
	command := exec.CommandContext(ctx, t.binary, args...)
	command.Env = []string{
		"AWS_ENDPOINT_URL=" + t.url, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_CONFIG_FILE=/nonexistent", "AWS_SHARED_CREDENTIALS_FILE=/nonexistent", "AWS_EC2_METADATA_DISABLED=true",
		"SEMAGENT_POLL_INTERVAL=5ms", "SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token",
	}
	stdin, writer, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer stdin.Close()
	if _, err := writer.WriteString("token-of-nobody\n"); err != nil {
		return 0, err
	}
	if err := writer.Close(); err != nil {
		return 0, err
	}
	command.Stdin = stdin
	began := time.Now()
	out, err := command.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("run %s %v: %w\n%s", t.binary, args, err, out)
	}
	return took, nil
}
