package config

import (
	"maps"
	"slices"
	"strings"
)

// Assignment is one setting given on the command line. Origin is the flag as the user knows it, such as "--set"
// or "--stack-name". Of several for one setting the last counts.
type Assignment struct {
	Name   string
	Value  string
	Origin string
}

// Input is everything that Load looks at; it reads nothing else but the one file.
type Input struct {
	Assignments []Assignment
	Environ     []string // as os.Environ gives it
	Path        string   // the settings file; empty: the one that FileVariable names, if any

	// Need names the settings that this command can't do without. Nil stands for all that the schema says
	// are required; an empty slice for none.
	Need []string

	// ReadFile returns the file's whole content. Nil reads from the file system, and refuses what is no regular
	// file.
	ReadFile func(path string) ([]byte, error)
}

// Load finds the effective settings: an assignment goes before the environment, the environment before the file, and
// the file before the default. An empty value counts as not set at every level. The error is of type Problems, holds
// all that is wrong at once, and comes with a nil Config.
func Load(in Input) (*Config, error) {
	l := &loader{in: in, schema: schema(), names: Names(), given: map[string]given{}, broken: map[string]bool{}}
	l.readAssignments()
	environment := environmentOf(in.Environ)
	l.readEnvironment(environment)
	l.readFile(environment[FileVariable])
	cfg := l.resolve()
	if !l.incomplete {
		l.checkNeeds()
		l.relate(cfg)
	}
	if len(l.problems) > 0 {
		return nil, l.problems
	}
	cfg.warnings = l.warnings
	return cfg, nil
}

// given is what the strongest layer says of a setting. A sequence of the file is in items and stays apart, everything
// else is text.
type given struct {
	text     string
	items    []string
	sequence bool
	source   Source
}

func (g given) empty() bool { return g.text == "" && len(g.items) == 0 }

type loader struct {
	in         Input
	schema     []setting
	names      []string
	given      map[string]given
	strays     []string        // variables that look like settings and are none
	broken     map[string]bool // settings whose value could not be used
	incomplete bool            // the file could not be read: what is missing or contradictory can't be known
	problems   Problems
	warnings   []string
}

// offer takes a value unless a stronger layer gave one.
func (l *loader) offer(name string, g given) {
	if _, taken := l.given[name]; !taken && !g.empty() {
		l.given[name] = g
	}
}

func (l *loader) report(p Problem) {
	l.problems = append(l.problems, p)
	if p.Setting != "" {
		l.broken[p.Setting] = true
	}
}

func (l *loader) readAssignments() {
	for _, a := range slices.Backward(l.in.Assignments) {
		l.offer(a.Name, given{text: a.Value, source: Source{Kind: FromFlag, Name: a.Origin}})
	}
	for _, a := range l.in.Assignments {
		if !slices.Contains(l.names, a.Name) {
			l.report(l.unknown(a.Name, Source{Kind: FromFlag, Name: a.Origin}))
		}
	}
}

// unknown never carries the value: a misplaced registration token must not reach a log. The setting that was meant
// is known to be broken, lest it be called missing too.
func (l *loader) unknown(name string, source Source) Problem {
	if meant := l.meant(name); meant != "" {
		l.broken[meant] = true
	}
	return Problem{Setting: name, Source: source, Message: "unknown setting", Fix: l.unknownFix(name)}
}

func (l *loader) unknownFix(name string) string {
	meant := l.meant(name)
	switch {
	case meant != "":
		return "did you mean " + meant + "?"
	case aboutToken(name):
		return "the registration token is never a setting: store it with \"semagent token put\" and name its parameter in " +
			SettingTokenParameter
	default:
		return "the README lists the settings"
	}
}

// meant is the nearest setting, but never a stranger for what may be the token itself.
func (l *loader) meant(name string) string {
	guess := nearest(name, l.names)
	if aboutToken(name) && !aboutToken(guess) {
		return ""
	}
	return guess
}

func aboutToken(name string) bool { return strings.Contains(strings.ToUpper(name), "TOKEN") }

// environmentOf keeps the last of several values for a name, as a child process would see it.
func environmentOf(environ []string) map[string]string {
	variables := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		variables[name] = value
	}
	return variables
}

func (l *loader) readEnvironment(variables map[string]string) {
	for _, name := range l.names {
		l.offer(name, given{text: variables[name], source: Source{Kind: FromEnvironment}})
	}
	own := append(agentVariables(), FileVariable)
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if strings.HasPrefix(name, agentPrefix) && !slices.Contains(l.names, name) && !slices.Contains(own, name) {
			l.strays = append(l.strays, name)
			l.warn(name + " (environment): unknown setting, ignored; " + l.unknownFix(name))
		}
	}
}

// agentVariables are set by the Semaphore agent in every job, so a deployment from CI would only be noisier for
// mentioning them.
func agentVariables() []string {
	return []string{
		agentPrefix + "MACHINE_ENVIRONMENT_TYPE",
		agentPrefix + "MACHINE_OS_IMAGE",
		agentPrefix + "MACHINE_TYPE",
		agentPrefix + "SHUTDOWN_REASON",
		agentPrefix + "UPLOAD_JOB_LOGS",
	}
}

func (l *loader) warn(message string) { l.warnings = append(l.warnings, message) }
