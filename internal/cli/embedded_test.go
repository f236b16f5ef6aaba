package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestWithoutScaler builds the program as `go install` does, without the function, and asks for a template.
func TestWithoutScaler(t *testing.T) {
	t.Parallel()
	zip, err := filepath.Abs("../asset/dist/scaler.zip")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{zip: ""}})
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
	cmd := exec.CommandContext(t.Context(), program, "template")
	cmd.Env = []string{"SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=token"}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := cmd.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("want exit code 1, got %v", err)
	}
	want := "semagent: error: this binary was built without the scaler function\nsemagent: hint: make build\n"
	if stdout.Len() > 0 || stderr.String() != want {
		t.Errorf("stdout %q, stderr %q", stdout.String(), stderr.String())
	}
}
