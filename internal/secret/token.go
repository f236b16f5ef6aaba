// Package secret owns what semagent writes for the registration token: the SSM parameter that holds it and the KMS
// key that encrypts it. It refuses to print the token, to keep it, and to show it to anyone but SSM and the caller
// that asks for it by name.
package secret

import (
	"bytes"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

// MaxTokenSize is how many bytes a standard SSM parameter holds.
const MaxTokenSize = 4096

const redacted = "[registration token]"

// Token is a registration token. However it is printed, logged or marshalled, it shows only that it is one. The
// zero Token is none.
type Token struct {
	// A pointer, because fmt walks into unexported fields without asking their type how to print itself, but
	// prints no more than the address of what a nested pointer leads to.
	value *string
}

// Expose is the token itself, for the one call that needs it.
func (t Token) Expose() string {
	if t.value == nil {
		return ""
	}
	return *t.value
}

// IsZero reports whether there is no token.
func (t Token) IsZero() bool { return t.value == nil }

// String hides the token.
func (t Token) String() string { return redacted }

// GoString hides the token.
func (t Token) GoString() string { return redacted }

// Format hides the token, whatever the verb.
func (t Token) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// MarshalJSON hides the token.
func (t Token) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// MarshalText hides the token.
func (t Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue hides the token.
func (t Token) LogValue() slog.Value { return slog.StringValue(redacted) }

func (t Token) equal(value string) bool {
	return t.value != nil && subtle.ConstantTimeCompare([]byte(*t.value), []byte(value)) == 1
}

// InvalidTokenError says why a text can't be a registration token, without repeating any of it.
type InvalidTokenError struct{ Reason string }

// Error names the reason.
func (e *InvalidTokenError) Error() string { return "registration token " + e.Reason }

// ReadToken reads a registration token from r up to its end, without one newline at the end. What can't be a token
// gives an *InvalidTokenError: nothing at all, several lines, spaces, bytes that don't print, more than MaxTokenSize.
func ReadToken(r io.Reader) (Token, error) {
	// Three bytes more than the longest token: its line end, and one that shows that it is too long.
	text, err := io.ReadAll(io.LimitReader(r, MaxTokenSize+3))
	if err != nil {
		return Token{}, fmt.Errorf("read the registration token: %w", err)
	}
	defer clear(text)
	return parse(trimNewline(text))
}

func trimNewline(text []byte) []byte {
	if line, ok := bytes.CutSuffix(text, []byte("\n")); ok {
		return bytes.TrimSuffix(line, []byte("\r"))
	}
	return text
}

func parse(text []byte) (Token, error) {
	if reason := fault(text); reason != "" {
		return Token{}, &InvalidTokenError{Reason: reason}
	}
	value := string(text)
	return Token{value: &value}, nil
}

func fault(text []byte) string {
	switch {
	case len(text) == 0:
		return "is empty"
	case len(text) > MaxTokenSize:
		return fmt.Sprintf("is longer than %d bytes", MaxTokenSize)
	case bytes.ContainsAny(text, "\r\n"):
		return "has more than one line"
	case bytes.ContainsAny(text, " \t"):
		return "has spaces in it"
	case bytes.ContainsFunc(text, func(r rune) bool { return r < '!' || r > '~' }):
		return "has characters that are not printable ASCII: a byte order mark, or another encoding"
	}
	return ""
}
