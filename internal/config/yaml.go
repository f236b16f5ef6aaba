package config

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

func parseYAML(data []byte) ([]entry, *syntaxError) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, yamlSyntaxError(data, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &syntaxError{second.Line, fault{"has a second YAML document", "keep one"}}
	case !errors.Is(err, io.EOF):
		return nil, yamlSyntaxError(data, err)
	}
	root := document.Content[0]
	switch {
	case root.Kind == yaml.MappingNode:
		return yamlEntries(root.Content)
	case root.ShortTag() == "!!null":
		return nil, nil
	default:
		return nil, &syntaxError{root.Line, notAMapping()}
	}
}

func yamlEntries(content []*yaml.Node) ([]entry, *syntaxError) {
	var entries []entry
	for i := 0; i+1 < len(content); i += 2 {
		key := target(content[i])
		if key.Kind != yaml.ScalarNode {
			return nil, &syntaxError{content[i].Line, fault{"has a key that is not a name", "write NAME: VALUE lines"}}
		}
		entries = append(entries, yamlEntry(key.Value, content[i].Line, target(content[i+1])))
	}
	return entries, nil
}

func yamlEntry(name string, line int, value *yaml.Node) entry {
	e := entry{name: name, line: line}
	if value.Kind != yaml.SequenceNode {
		e.text, e.fault = yamlScalar(value)
		return e
	}
	e.sequence = true
	for _, item := range value.Content {
		text, f := yamlScalar(target(item))
		if f != (fault{}) {
			e.fault = f
			return e
		}
		e.items = append(e.items, text)
	}
	return e
}

// yamlScalar takes the text as it stands in the file: what "yes" or "0x10" means is for the schema to say.
func yamlScalar(node *yaml.Node) (string, fault) {
	if node.Kind != yaml.ScalarNode {
		return "", nested()
	}
	switch tag := node.ShortTag(); tag {
	case "!!null":
		return "", fault{}
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!merge":
		return node.Value, fault{}
	default:
		return "", fault{"has the tag " + quote(tag), "give a plain value"}
	}
}

// target is what an alias stands for. An alias of an alias does not exist in YAML.
func target(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

// yamlSyntaxError splits the library's text, its only form, into line and message. The library names the line where
// the surrounding block began, or none; the line after the longest readable beginning is where the eye should go.
func yamlSyntaxError(data []byte, err error) *syntaxError {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	reported := 1
	if number, rest, found := strings.Cut(strings.TrimPrefix(message, "line "), ": "); found {
		if n, err := strconv.Atoi(number); err == nil && n > 0 {
			reported, message = n, rest
		}
	}
	if strings.HasPrefix(message, "unknown anchor ") {
		message = "unknown alias" // its name is the user's text, and that may be anything
	}
	line := unreadableLine(data)
	if reported > line && !strings.Contains(message, "end of stream") {
		line = reported
	}
	bad := &syntaxError{line, fault{"malformed YAML: " + message, "write NAME: VALUE lines, with special characters in quotes"}}
	if tabbed(data, line) {
		bad.fix = "indent with spaces, not with tabs"
	}
	return bad
}

// maxReread is the size of file that is worth reading again for a better line in the error.
const maxReread = 16 << 10

// unreadableLine is the line after the longest beginning that is YAML. It reads the file once for each line, and so
// leaves large files alone.
func unreadableLine(data []byte) int {
	if len(data) > maxReread {
		return 1
	}
	ends := lineEnds(data)
	for i, end := range slices.Backward(ends) {
		if isYAML(data[:end]) {
			return min(i+2, len(ends)+1)
		}
	}
	return 1
}

func lineEnds(data []byte) []int {
	var ends []int
	for i, c := range data {
		if c == '\n' {
			ends = append(ends, i+1)
		}
	}
	return ends
}

func isYAML(data []byte) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		switch err := decoder.Decode(&node); {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			return false
		}
	}
}

func tabbed(data []byte, line int) bool {
	lines := bytes.Split(data, []byte("\n"))
	if line > len(lines) {
		return false
	}
	text := lines[line-1]
	return bytes.ContainsRune(text[:len(text)-len(bytes.TrimLeft(text, " \t"))], '\t')
}
