package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

const (
	packerHint = "install packer 1.7 or newer: https://developer.hashicorp.com/packer/install"

	// packerGrace is what packer gets after an interrupt to terminate the instance that it builds on.
	packerGrace = 5 * time.Minute
)

// findPacker looks along the PATH of this invocation's environment.
func (a *app) findPacker() (string, error) {
	for _, dir := range filepath.SplitList(a.getenv("PATH")) {
		if path, err := exec.LookPath(filepath.Join(dir, "packer")); err == nil {
			return path, nil
		}
	}
	return "", fail(exitFailed, packerHint, "packer is not installed, or not on the PATH")
}

// runPacker shows what packer says as progress. Interrupted, packer cleans up after itself first.
func (a *app) runPacker(ctx context.Context, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(append([]string{}, a.environ...), "CHECKPOINT_DISABLE=1", "PACKER_NO_COLOR=1")
	if a.globals.profile != "" {
		cmd.Env = append(cmd.Env, "AWS_PROFILE="+a.globals.profile)
	}
	// Both through one pipe: what packer says stays in its order.
	cmd.Stdout, cmd.Stderr = a.streams.Err, a.streams.Err
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = packerGrace
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit):
		return fail(exitFailed, oldPackerHint(args[0]), "packer %s ended with exit code %d: its last lines say why", args[0], exit.ExitCode())
	case err != nil:
		return fmt.Errorf("run packer %s: %w", strings.Join(args[:1], " "), err)
	}
	return nil
}

// oldPackerHint: before 1.7 there is no packer init.
func oldPackerHint(command string) string {
	if command == "init" {
		return packerHint
	}
	return ""
}
