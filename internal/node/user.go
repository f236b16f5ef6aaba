package node

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// owner is whom the agent's files belong to.
type owner struct{ uid, gid int }

// agentOwner looks the agent's user up in passwd(5).
func (m *Machine) agentOwner() (owner, error) {
	body, err := os.ReadFile(m.path("/etc/passwd"))
	if err != nil {
		return owner{}, fmt.Errorf("look up user %s: %w", agentUser, err)
	}
	for line := range strings.Lines(string(body)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if fields[0] != agentUser || len(fields) < 4 {
			continue
		}
		uid, err := strconv.Atoi(fields[2])
		if err != nil {
			return owner{}, fmt.Errorf("look up user %s: %w", agentUser, err)
		}
		gid, err := strconv.Atoi(fields[3])
		if err != nil {
			return owner{}, fmt.Errorf("look up user %s: %w", agentUser, err)
		}
		return owner{uid, gid}, nil
	}
	return owner{}, fmt.Errorf("look up user %s: this machine has no such user", agentUser)
}
