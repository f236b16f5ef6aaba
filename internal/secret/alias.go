package secret

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	aliasPrefix   = "alias/"
	maxAliasBytes = 256
)

// InvalidAliasError says why a name can't be the alias of a key that semagent makes.
type InvalidAliasError struct{ Alias, Reason string }

// Error names the alias and the reason.
func (e *InvalidAliasError) Error() string { return fmt.Sprintf("key alias %q %s", e.Alias, e.Reason) }

// Alias is a KMS alias as the API wants it, made from NAME or alias/NAME, or an *InvalidAliasError.
func Alias(name string) (string, error) {
	rest := strings.TrimPrefix(name, aliasPrefix)
	full := aliasPrefix + rest
	switch {
	case rest == "":
		return "", &InvalidAliasError{Alias: name, Reason: "is empty"}
	case strings.HasPrefix(rest, "aws/"):
		return "", &InvalidAliasError{Alias: name, Reason: `begins with "aws/", which AWS keeps for its own keys`}
	case !regexp.MustCompile(`^[a-zA-Z0-9/_-]+$`).MatchString(rest):
		return "", &InvalidAliasError{Alias: name, Reason: `may only have letters, digits, "/", "_" and "-"`}
	case len(full) > maxAliasBytes:
		return "", &InvalidAliasError{Alias: name, Reason: fmt.Sprintf("is longer than %d characters", maxAliasBytes)}
	}
	return full, nil
}
