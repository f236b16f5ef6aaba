//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	account = "123456789012" // moto's
	region  = "us-east-1"
	secret  = "sHhh-6f1c2b-registration-token" // must never be seen outside SSM
)

// shell is a user's shell: an environment with nothing inherited, in which semagent runs.
type shell struct {
	t   *testing.T
	env map[string]string
}

// newShell empties moto and opens a shell with credentials and the required settings.
func newShell(t *testing.T) *shell {
	t.Helper()
	stage.moto.reset(t)
	return &shell{t: t, env: map[string]string{
		"HOME":                                 t.TempDir(),
		"AWS_ENDPOINT_URL":                     stage.moto.url,
		"AWS_REGION":                           region,
		"AWS_ACCESS_KEY_ID":                    "AKIAIOSFODNN7EXAMPLE",
		"AWS_SECRET_ACCESS_KEY":                "example",
		"AWS_EC2_METADATA_DISABLED":            "true",
		"SEMAGENT_POLL_INTERVAL":               "10ms",
		"SEMAPHORE_ORGANIZATION":               "acme",
		"SEMAPHORE_AGENT_STACK_NAME":           "ci-fleet",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME": "ci-token",
	}}
}

// fork is another shell with a copy of the environment, for a subtest in the same account.
func (s *shell) fork(t *testing.T) *shell {
	t.Helper()
	return &shell{t: t, env: maps.Clone(s.env)}
}

func (s *shell) export(name, value string) { s.env[name] = value }

func (s *shell) unset(names ...string) {
	for _, name := range names {
		delete(s.env, name)
	}
}

// run runs `semagent args...` with nothing on stdin and no terminal.
func (s *shell) run(args ...string) result {
	s.t.Helper()
	return s.pipe("", args...)
}

// pipe runs `semagent args...` with input on stdin.
func (s *shell) pipe(input string, args ...string) result {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, stage.binary, args...)
	for _, name := range slices.Sorted(maps.Keys(s.env)) {
		cmd.Env = append(cmd.Env, name+"="+s.env[name])
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("semagent %s: %v", strings.Join(args, " "), err)
	}
	r := result{
		t: s.t, command: "semagent " + strings.Join(args, " "),
		stdout: stdout.String(), stderr: stderr.String(), code: cmd.ProcessState.ExitCode(),
	}
	r.never(secret)
	r.never("panic:")
	r.never("SDK 20") // the SDK's own log lines are nothing for a user
	return r
}

// result is what a user sees of a command.
type result struct {
	t              *testing.T
	command        string
	stdout, stderr string
	code           int
}

func (r result) never(text string) {
	r.t.Helper()
	if strings.Contains(r.stdout, text) || strings.Contains(r.stderr, text) {
		r.t.Errorf("%q is in the output\n%s", text, r)
	}
}

// exits ends the test unless the exit code is this one, for what follows would be noise.
func (r result) exits(code int) result {
	r.t.Helper()
	if r.code != code {
		r.t.Fatalf("exit code %d, want %d\n%s", r.code, code, r)
	}
	return r
}

// out asserts that stdout has each of the texts.
func (r result) out(texts ...string) result {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.stdout, text) {
			r.t.Errorf("stdout lacks %q\n%s", text, r)
		}
	}
	return r
}

// err asserts that stderr has each of the texts.
func (r result) err(texts ...string) result {
	r.t.Helper()
	for _, text := range texts {
		if !strings.Contains(r.stderr, text) {
			r.t.Errorf("stderr lacks %q\n%s", text, r)
		}
	}
	return r
}

// onlyOut asserts that stderr is empty.
func (r result) onlyOut() result {
	r.t.Helper()
	if r.stderr != "" {
		r.t.Errorf("stderr is not empty\n%s", r)
	}
	return r
}

// onlyErr asserts that stdout is empty.
func (r result) onlyErr() result {
	r.t.Helper()
	if r.stdout != "" {
		r.t.Errorf("stdout is not empty\n%s", r)
	}
	return r
}

// refused asserts an error, then a hint, and no answer.
func (r result) refused(code int, message, hint string) result {
	r.t.Helper()
	return r.exits(code).onlyErr().err("semagent: error: ", message, "semagent: hint: ", hint)
}

// decode reads stdout as one JSON document.
func (r result) decode(v any) {
	r.t.Helper()
	if err := json.Unmarshal([]byte(r.stdout), v); err != nil {
		r.t.Fatalf("stdout is not JSON: %v\n%s", err, r)
	}
}

func (r result) String() string {
	return "$ " + r.command + "\n-- stdout\n" + r.stdout + "-- stderr\n" + r.stderr
}
