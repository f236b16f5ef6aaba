package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

const function = "github.com/semagent/semagent/internal/scaler/lambda"

// compile builds the function for Lambda's arm64 runtimes. The lambda.norpc tag leaves out the go1.x runtime's
// protocol, which provided.al2023 does not speak, and with it net/rpc.
func compile(ctx context.Context, dir, output string) error {
	cmd := exec.CommandContext(ctx, "go", "build",
		"-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=",
		"-o", output, function)
	cmd.Dir = dir
	cmd.Env = environment(os.Environ())
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile %s: %w\n%s", function, err, text)
	}
	return nil
}

// environment drops what a developer's shell could slip into the binary. GOFLAGS is set to something, because an
// empty one gives way to the file that go env -w writes.
func environment(env []string) []string {
	ours := []string{
		"GOFLAGS=-trimpath", "GOWORK=off", "GOEXPERIMENT=",
		"GOOS=linux", "GOARCH=arm64", "GOARM64=v8.0", "CGO_ENABLED=0",
	}
	return append(slices.Clone(env), ours...)
}
