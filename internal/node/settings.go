package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// settings are what the configuration parameter tells an instance. Its keys are a contract with the template and with
// the reference stack, which writes the two disconnect settings as strings: docs/image-contract.md. Unknown keys are
// left alone, so that a newer template can say more.
type settings struct {
	Endpoint            string     `json:"endpoint"`
	TokenParameter      string     `json:"agentTokenParameterName"`
	KnownHostsParameter string     `json:"sshKeysParameterName"`
	DisconnectAfterJob  looseBool  `json:"disconnectAfterJob"`
	IdleTimeout         looseCount `json:"disconnectAfterIdleTimeout"`
	Variables           []string   `json:"envVars"`
	PreSignedURL        looseBool  `json:"usePreSignedURL"`
}

// parseSettings reads the parameter's value. Its error names everything that is wrong with it.
func parseSettings(value string) (settings, error) {
	var s settings
	if err := json.Unmarshal([]byte(value), &s); err != nil {
		return settings{}, fmt.Errorf("read the agent's configuration: %w", err)
	}
	if problems := s.problems(); len(problems) > 0 {
		return settings{}, fmt.Errorf("read the agent's configuration: %w", errors.Join(problems...))
	}
	return s, nil
}

func (s settings) problems() []error {
	var found []error
	for _, required := range []struct{ key, value string }{
		{"endpoint", s.Endpoint}, {"agentTokenParameterName", s.TokenParameter}, {"sshKeysParameterName", s.KnownHostsParameter},
	} {
		if required.value == "" {
			found = append(found, fmt.Errorf("%s is missing", required.key))
		}
	}
	for _, entry := range s.Variables {
		if err := checkVariable(entry); err != nil {
			found = append(found, err)
		}
	}
	return found
}

// checkVariable refuses what would end the agent at its start: it splits each entry at "=" and wants two parts. The value
// is not repeated, because it may be a secret.
func checkVariable(entry string) error {
	name, _, _ := strings.Cut(entry, "=")
	switch n := strings.Count(entry, "="); {
	case n == 0:
		return fmt.Errorf("envVars: entry %d characters long has no \"=\": it must be NAME=VALUE", len(entry))
	case name == "":
		return errors.New(`envVars: an entry has no name before its "="`)
	case n > 1:
		return fmt.Errorf("envVars: the value of %s has a \"=\" in it, which the agent does not take", name)
	}
	return nil
}

// looseBool is true, false, or either as a string.
type looseBool bool

// UnmarshalJSON makes looseBool a json.Unmarshaler.
func (b *looseBool) UnmarshalJSON(raw []byte) error {
	switch text := strings.Trim(string(raw), `"`); text {
	case "true":
		*b = true
	case "false", "null", "":
		*b = false
	default:
		return fmt.Errorf("%.40s is neither true nor false", raw)
	}
	return nil
}

// looseCount is a number that is not negative, or one as a string.
type looseCount int

// UnmarshalJSON makes looseCount a json.Unmarshaler.
func (c *looseCount) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" {
		return nil
	}
	n, err := strconv.ParseUint(text, 10, 31)
	if err != nil {
		return fmt.Errorf("%.40s is not a number of seconds", raw)
	}
	*c = looseCount(n)
	return nil
}
