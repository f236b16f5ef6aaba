package scaler

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const githubHost = "github.com"

// checkKeys gives published in their canonical form, type and key. Types that agents' ssh does not know by these
// names are left out; a malformed key of a known type means that the answer is not to be trusted at all.
func checkKeys(published []string) ([]string, error) {
	var keys []string
	for _, line := range published {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			return nil, fmt.Errorf("host key %.60q is not a type and a key", line)
		}
		if !knownKeyType(fields[0]) {
			continue
		}
		if err := checkKey(fields[0], fields[1]); err != nil {
			return nil, err
		}
		keys = append(keys, fields[0]+" "+fields[1])
	}
	if len(keys) == 0 {
		return nil, errors.New("no usable host key is listed")
	}
	return keys, nil
}

func knownKeyType(name string) bool {
	return slices.Contains([]string{"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}, name)
}

// checkKey looks into the key, which repeats its type as a string with a length in front (RFC 4253, 6.6).
func checkKey(keyType, encoded string) error {
	blob, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil {
		return fmt.Errorf("host key %s %.20s...: %w", keyType, encoded, err)
	}
	var fields int
	for rest := blob; len(rest) > 0; fields++ {
		if len(rest) < 4 || uint64(binary.BigEndian.Uint32(rest)) > uint64(len(rest)-4) {
			return fmt.Errorf("host key %s %.20s...: cut short", keyType, encoded)
		}
		end := 4 + int(binary.BigEndian.Uint32(rest))
		if fields == 0 && string(rest[4:end]) != keyType {
			return fmt.Errorf("host key %s %.20s...: it is of another type inside", keyType, encoded)
		}
		rest = rest[end:]
	}
	if fields < 2 {
		return fmt.Errorf("host key %s %.20s...: cut short", keyType, encoded)
	}
	return nil
}

// mergeKnownHosts replaces github.com's keys in a parameter's value, see KnownHosts, and keeps other hosts' lines as
// they are. It reports whether anything changed; the order of the keys is not a change.
func mergeKnownHosts(current string, github []string) (value string, changed bool, err error) {
	lines, readable := knownHostsLines(current)
	fresh := slices.Concat(github, slices.DeleteFunc(slices.Clone(lines), ofGithub))
	if readable && slices.Equal(slices.Sorted(slices.Values(lines)), slices.Sorted(slices.Values(fresh))) {
		return current, false, nil
	}
	text, err := json.Marshal(fresh)
	return string(text), true, err
}

// knownHostsLines reads the parameter's value. One that is not a JSON list of strings was edited by hand; its
// lines are taken as a known_hosts file's, so that other hosts are not lost with the repair.
func knownHostsLines(value string) (lines []string, readable bool) {
	if json.Unmarshal([]byte(value), &lines) == nil {
		return lines, true
	}
	lines = nil
	for line := range strings.Lines(value) {
		if fields := strings.Fields(line); len(fields) >= 3 && checkKey(fields[1], fields[2]) == nil {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines, false
}

// ofGithub takes a line without a host for github.com's, see KnownHosts, and empty lines with it.
func ofGithub(line string) bool {
	fields := strings.Fields(line)
	return len(fields) == 0 || fields[0] == githubHost || knownKeyType(fields[0])
}
