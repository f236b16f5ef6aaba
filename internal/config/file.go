package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxFileSize is far beyond any settings file, and small enough that a wrong path costs nothing.
const maxFileSize = 256 << 10

// schemaKey lets an editor find the JSON Schema; it is no setting.
const schemaKey = "$schema"

// entry is one key of the settings file. A key that can't be used has a fault.
type entry struct {
	name     string
	line     int
	text     string
	items    []string
	sequence bool
	fault    fault
}

// syntaxError is a file that can't be read as settings at all.
type syntaxError struct {
	line int
	fault
}

func (l *loader) readFile(fromEnvironment string) {
	path, origin := l.in.Path, Problem{Setting: "--config", Value: l.in.Path}
	if path == "" {
		path = fromEnvironment
		origin = Problem{Setting: FileVariable, Value: path, Source: Source{Kind: FromEnvironment}}
	}
	if path == "" {
		return
	}
	read := l.in.ReadFile
	if read == nil {
		read = readLimited
	}
	data, err := read(path)
	if err != nil {
		l.incomplete = true
		origin.Message, origin.Fix = readFault(err)
		l.report(origin)
		return
	}
	entries, bad := parseFile(path, data)
	if bad != nil {
		l.incomplete = true
		l.report(Problem{Source: Source{Kind: FromFile, Name: path, Line: bad.line}, Message: bad.message, Fix: bad.fix})
		return
	}
	l.takeEntries(path, entries)
}

var errDirectory = errors.New("is a directory")

// readLimited accepts pipes, as in --config <(sops decrypt settings.yaml), and so can't ask for the size beforehand.
func readLimited(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errDirectory
	}
	return io.ReadAll(io.LimitReader(file, maxFileSize+1))
}

func readFault(err error) (message, fix string) {
	var reason *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file", "give the path of a YAML or JSON file"
	case errors.Is(err, errDirectory):
		return errDirectory.Error(), "give the path of a YAML or JSON file in it"
	case errors.As(err, &reason):
		return "cannot be read: " + reason.Err.Error(), ""
	default:
		return "cannot be read: " + err.Error(), ""
	}
}

func (l *loader) takeEntries(path string, entries []entry) {
	first := map[string]int{}
	for _, e := range entries {
		source := Source{Kind: FromFile, Name: path, Line: e.line}
		if line, twice := first[e.name]; twice {
			l.report(Problem{
				Setting: e.name, Source: source,
				Message: fmt.Sprintf("set twice, first on line %d", line), Fix: "keep one of the two",
			})
			continue
		}
		first[e.name] = e.line
		l.takeEntry(e, source)
	}
}

func (l *loader) takeEntry(e entry, source Source) {
	row := slices.IndexFunc(l.schema, func(row setting) bool { return row.name == e.name })
	switch {
	case e.name == schemaKey:
	case row < 0:
		l.report(l.unknown(e.name, source))
	case e.fault != (fault{}):
		l.report(Problem{Setting: e.name, Source: source, Message: e.fault.message, Fix: e.fault.fix})
	case e.sequence && l.schema[row].kind != list:
		l.report(Problem{Setting: e.name, Source: source, Message: "is a list", Fix: "give one " + l.schema[row].kind.String()})
	default:
		l.offer(e.name, given{text: e.text, items: e.items, sequence: e.sequence, source: source})
	}
}

// parseFile reads JSON by its own rules, because YAML takes a trailing comma for granted and a tab for an error.
func parseFile(path string, data []byte) ([]entry, *syntaxError) {
	if len(data) > maxFileSize {
		return nil, &syntaxError{1, fault{fmt.Sprintf("larger than %d KiB", maxFileSize>>10), "is this the settings file?"}}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if bad := checkText(data); bad != nil {
		return nil, bad
	}
	trimmed := bytes.TrimSpace(data)
	switch {
	case len(trimmed) == 0:
		return nil, nil
	case strings.EqualFold(filepath.Ext(path), ".json"), trimmed[0] == '{' && isJSON(data):
		return parseJSON(data)
	default:
		return parseYAML(data)
	}
}

func checkText(data []byte) *syntaxError {
	for i, line := 0, 1; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &syntaxError{line, fault{"not UTF-8 text", "save the file as UTF-8"}}
		case isControl(r):
			return &syntaxError{line, fault{fmt.Sprintf("has the control character %U", r), "remove it"}}
		case r == '\n':
			line++
		}
		i += size
	}
	return nil
}

// isControl goes by YAML's list of characters that a file may not hold.
func isControl(r rune) bool {
	switch r {
	case '\t', '\n', '\r', '\u0085':
		return false
	case 0xfffe, 0xffff:
		return true
	default:
		return r < ' ' || r >= 0x7f && r < 0xa0
	}
}

// lineAt is the line, counted from 1, of the byte at offset.
func lineAt(data []byte, offset int) int {
	return 1 + bytes.Count(data[:min(max(offset, 0), len(data))], []byte("\n"))
}
