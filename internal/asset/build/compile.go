package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
)

const module = "github.com/semagent/semagent/"

// program is something to compile, always for Linux.
type program struct {
	path string // of the package
	arch string // GOARCH
	tags string
}

// scalerFunction is for Lambda's arm64 runtimes. The lambda.norpc tag leaves out the go1.x runtime's protocol, which
// provided.al2023 does not speak, and with it net/rpc.
func scalerFunction() program {
	return program{path: module + "internal/scaler/lambda", arch: "arm64", tags: "lambda.norpc"}
}

func nodeProgram(arch string) program {
	return program{path: module + "internal/node/cmd/semagent-node", arch: arch}
}

func compile(ctx context.Context, dir string, p program, output string) error {
	cmd := exec.CommandContext(ctx, "go", "build",
		"-tags", p.tags, "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=",
		"-o", output, p.path)
	cmd.Dir = dir
	cmd.Env = environment(os.Environ(), p.arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile %s: %w\n%s", p.path, err, text)
	}
	return nil
}

// environment drops what a developer's shell could slip into the binary. GOFLAGS is set to something, because an
// empty one gives way to the file that go env -w writes.
func environment(env []string, arch string) []string {
	ours := []string{
		"GOFLAGS=-trimpath", "GOWORK=off", "GOEXPERIMENT=",
		"GOOS=linux", "GOARCH=" + arch, "GOARM64=v8.0", "GOAMD64=v1", "CGO_ENABLED=0",
	}
	return append(slices.Clone(env), ours...)
}
