package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/awsfake"
)

// TestWithoutScaler builds the program as `go install` does, without the function, and asks for a template.
func TestWithoutScaler(t *testing.T) {
	t.Parallel()
	program := buildWithout(t, "internal/asset/dist/scaler.zip")
	code, stdout, stderr := runProgram(t, program, nil, "template")
	want := "semagent: error: this binary was built without the scaler function\nsemagent: hint: make build\n"
	if code != 1 || stdout != "" || stderr != want {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

// TestWithoutInstanceProgram: an image's name comes from the recipe with its program. Whoever names an AMI needs neither.
func TestWithoutInstanceProgram(t *testing.T) {
	t.Parallel()
	program := buildWithout(t, "packer/dist/node-x86_64.gz", "packer/dist/node-arm64.gz")
	aws := awsfake.New(awsfake.Options{})
	t.Cleanup(aws.Close)
	address, err := aws.Start()
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{
		"AWS_ENDPOINT_URL=" + address, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
	}
	const refusal, missing = "built without the instance program", `token parameter "token" in us-east-1 does not exist`
	code, _, stderr := runProgram(t, program, environ, "diff")
	if code != 1 || !strings.Contains(stderr, refusal) || !strings.Contains(stderr, "hint: make build") {
		t.Errorf("without an AMI: exit code %d, stderr %q", code, stderr)
	}
	code, _, stderr = runProgram(t, program, environ, "diff", "--set", "SEMAPHORE_AGENT_AMI=ami-0123456789abcdef0")
	if code != 1 || strings.Contains(stderr, refusal) || !strings.Contains(stderr, missing) {
		t.Errorf("with an AMI: exit code %d, stderr %q", code, stderr)
	}
}

// buildWithout builds the program as if files, by their paths in the repository, were not there.
func buildWithout(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for _, file := range files {
		path, err := filepath.Abs(filepath.Join("../..", file))
		if err != nil {
			t.Fatal(err)
		}
		replace[path] = ""
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "overlay.json"), overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "semagent")
	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-overlay", filepath.Join(dir, "overlay.json"), "-o", program, "../../cmd/semagent")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// runProgram runs it with the settings of a fleet and environ, and nothing else in its environment.
func runProgram(t *testing.T, program string, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append([]string{"SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=token"}, environ...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	var exit *exec.ExitError
	if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), complaint.String()
}
