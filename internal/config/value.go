package config

import "fmt"

// SourceKind is the layer that a setting's value came from.
type SourceKind string

// The layers, strongest first.
const (
	FromFlag        SourceKind = "flag"
	FromEnvironment SourceKind = "environment"
	FromFile        SourceKind = "file"
	FromDefault     SourceKind = "default"
)

// Source says where a value came from. Name is the flag (such as "--set") or the file's path as the user gave
// it; it is empty for the environment and for a default. Line counts from 1 and is 0 where there is no line.
type Source struct {
	Kind SourceKind
	Name string
	Line int
}

// String is what messages show: "--set", "environment", "semagent.yaml:12" or "default".
func (s Source) String() string {
	switch {
	case s.Kind == FromFile && s.Line > 0:
		return fmt.Sprintf("%s:%d", s.Name, s.Line)
	case s.Name != "":
		return s.Name
	case s.Kind == "":
		return string(FromDefault)
	default:
		return string(s.Kind)
	}
}

// Value is one effective setting as the user would write it. Text is empty where the setting has neither a value
// nor a default; a list is joined with commas.
type Value struct {
	Setting string
	Text    string
	Source  Source
}
