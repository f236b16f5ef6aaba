package node

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

const (
	systemctl   = "/usr/bin/systemctl"
	sudo        = "/usr/bin/sudo"
	docker      = "/usr/bin/docker"
	commandTime = 30 * time.Second
)

// run runs a program of the machine, named by its absolute path and with an environment that no job has seen, and returns
// what it prints.
func (m *Machine) run(ctx context.Context, program string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, m.path(program), args...)
	cmd.Env = []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"}
	cmd.Dir = "/"
	cmd.WaitDelay = time.Second
	out, err := cmd.CombinedOutput()
	text := strings.TrimSpace(string(out))
	if err != nil {
		return text, fmt.Errorf("run %s %s: %w: %.200s", program, strings.Join(args, " "), err, text)
	}
	return text, nil
}
