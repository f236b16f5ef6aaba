package config

import (
	"strconv"
	"strings"
)

// Problem is one thing that is wrong with the settings. Setting is empty for a problem of the file as a whole, Value
// is empty where there is none or where it must not be shown, and a zero Source means that nothing was given.
type Problem struct {
	Setting string
	Value   string
	Source  Source
	Message string // what is wrong
	Fix     string // what would be right; may be empty
}

// String is the problem as one line.
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.subject())
	b.WriteString(": ")
	b.WriteString(p.Message)
	if p.Fix != "" {
		b.WriteString("; ")
		b.WriteString(p.Fix)
	}
	return b.String()
}

func (p Problem) subject() string {
	if p.Setting == "" {
		return p.Source.String()
	}
	subject := printable(p.Setting)
	if p.Value != "" {
		subject += " " + quote(p.Value)
	}
	if p.Source != (Source{}) {
		subject += " (" + p.Source.String() + ")"
	}
	return subject
}

// Problems is every problem that one Load found, in the order of the file and then of the schema. As an error it
// is one line for each.
type Problems []Problem //nolint:errname // callers range over it as the noun it is

func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

const longestQuoted = 80

// quote keeps a message on one line and readable, whatever the user pasted.
func quote(value string) string {
	return strconv.Quote(shorten(value))
}

// printable shows a name as it stands, unless it could break the line. What follows an "=" is left out: the name may
// be an assignment in the wrong place, and its value a secret.
func printable(name string) string {
	name, _, _ = strings.Cut(name, "=")
	name = shorten(name)
	if quoted := strconv.Quote(name); quoted != `"`+name+`"` || name == "" || strings.Contains(name, " ") {
		return quoted
	}
	return name
}

func shorten(s string) string {
	runes := []rune(s)
	if len(runes) <= longestQuoted {
		return s
	}
	return string(runes[:longestQuoted]) + "…"
}
