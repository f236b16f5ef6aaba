package node

import (
	"encoding/json"
	"fmt"
	"strings"
)

// knownHosts makes a known_hosts file of the parameter's value: a JSON list in which an entry of two words is a key of
// github.com, and one of three or more is a whole line, host first.
func knownHosts(value string) ([]byte, error) {
	var entries []string
	if err := json.Unmarshal([]byte(value), &entries); err != nil {
		return nil, fmt.Errorf("read the list of known hosts: %w", err)
	}
	var b strings.Builder
	for _, entry := range entries {
		fields := strings.Fields(entry)
		switch len(fields) {
		case 0:
			continue
		case 1:
			return nil, fmt.Errorf("read the list of known hosts: %.60q is neither a key nor a line of known_hosts", entry)
		case 2:
			b.WriteString("github.com ")
		}
		b.WriteString(strings.Join(fields, " ") + "\n")
	}
	return []byte(b.String()), nil
}
