package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
)

const (
	speed = 20 // of the local AWS's clock
	token = "demo-registration-token"
)

// world is the AWS and the Semaphore of the demo, and the binary that is shown.
type world struct {
	semagent  string
	environ   []string
	dir       string
	aws       *awsfake.Server
	semaphore *semaphore.Server
	began     time.Time
}

func newWorld(ctx context.Context, semagent, function string) (w *world, err error) {
	w = &world{began: time.Now()}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.semagent, err = filepath.Abs(semagent); err != nil {
		return w, err
	}
	if function, err = filepath.Abs(function); err != nil {
		return w, err
	}
	if w.dir, err = os.MkdirTemp("", "semagent-demo-"); err != nil {
		return w, err
	}
	image, err := imageName(ctx, w.semagent)
	if err != nil {
		return w, err
	}
	certificate := filepath.Join(w.dir, "semaphore.pem")
	w.aws = awsfake.New(awsfake.Options{
		Speed: speed, Images: map[string]string{image: "ami-0de30000000000000"},
		FunctionBinary: function, FunctionEnv: []string{"SSL_CERT_FILE=" + certificate},
	})
	address, err := w.aws.Start()
	if err != nil {
		return w, err
	}
	// Each instance in service has an agent, which takes one job and then leaves, its instance with it.
	w.semaphore = semaphore.New(semaphore.Options{
		Token: token, TLS: true, Clock: w.aws.Clock(), Machines: w.aws.InService, Retire: w.retire,
		Agent: semaphore.Agent{DisconnectAfterJob: true, IdleTimeout: 5 * time.Minute},
	})
	endpoint, err := w.semaphore.Start(ctx)
	if err != nil {
		return w, err
	}
	if err := os.WriteFile(certificate, w.semaphore.Certificate(), 0o600); err != nil {
		return w, err
	}
	w.environ = environ(address, endpoint, certificate, w.dir)
	w.say("A local AWS listens on %s, a stand-in for Semaphore on %s.", address, endpoint)
	return w, nil
}

// environ is all that semagent gets: nothing of the caller's AWS or Semaphore settings reaches it.
func environ(address, endpoint, certificate, dir string) []string {
	keep := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TERM=" + os.Getenv("TERM"), "LANG=" + os.Getenv("LANG"), "NO_COLOR=" + os.Getenv("NO_COLOR")}
	return append(keep,
		"AWS_ENDPOINT_URL="+address, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=demo", "AWS_SECRET_ACCESS_KEY=demo",
		"AWS_EC2_METADATA_DISABLED=true", "SSL_CERT_FILE="+certificate, "SEMAGENT_POLL_INTERVAL=200ms",
		"SEMAPHORE_ENDPOINT="+endpoint, "SEMAPHORE_AGENT_STACK_NAME=ci-fleet",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci-fleet/token", "SEMAPHORE_AGENT_ASG_MAX_SIZE=10",
	)
}

func (w *world) close() {
	if w.aws != nil {
		w.aws.Close()
	}
	if w.semaphore != nil {
		w.semaphore.Close()
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir) // nothing but a certificate
	}
}

// retire is the agent's shutdown hook: an agent that is done leaves with its instance and its place in the group.
func (w *world) retire(instance string) error { return w.aws.Retire(instance, true) }

func (w *world) say(format string, args ...any) { fmt.Fprintf(os.Stdout, format+"\n", args...) }

// play runs one step and holds it to its exit code and its check.
func (w *world) play(ctx context.Context, s step) error {
	w.say("\n# %s", s.title)
	if s.before != nil {
		s.before(w)
	}
	if len(s.args) > 0 {
		w.say("$ %s\n", typed(s))
		if err := w.run(ctx, s); err != nil {
			return err
		}
	}
	if s.check != nil {
		return s.check(ctx, w)
	}
	return nil
}

func typed(s step) string {
	command := "semagent " + strings.Join(s.args, " ")
	if s.stdin != "" {
		return "echo " + strings.TrimSpace(s.stdin) + " | " + command
	}
	return command
}

func (w *world) run(ctx context.Context, s step) error {
	cmd := w.command(ctx, s.args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(s.stdin), os.Stdout, os.Stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return err
	}
	if code := cmd.ProcessState.ExitCode(); code != s.code {
		return fmt.Errorf("exit code %d, want %d", code, s.code)
	}
	return nil
}

func (w *world) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, w.semagent, args...)
	cmd.Env, cmd.Dir = w.environ, w.dir
	return cmd
}

// status is what `semagent status --output json` says of the group.
type status struct {
	Group struct {
		DesiredCapacity int            `json:"desiredCapacity"`
		States          map[string]int `json:"states"`
	} `json:"group"`
}

func (w *world) status(ctx context.Context) (status, error) {
	var s status
	cmd := w.command(ctx, "status", "--output", "json")
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return s, fmt.Errorf("semagent status: %w: %s", err, complaint.String())
	}
	return s, json.Unmarshal(out, &s)
}

func (w *world) farewell() error {
	w.say("\nDone in %.0f s: every step did what it says.", time.Since(w.began).Seconds())
	return nil
}

// imageName asks the binary for the name of its AMI, so that the local AWS can hold one.
func imageName(ctx context.Context, semagent string) (string, error) {
	out, err := exec.CommandContext(ctx, semagent, "version", "--output", "json").Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", semagent, err)
	}
	var build struct {
		Image string `json:"image"`
	}
	return build.Image, json.Unmarshal(out, &build)
}
