package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

func isJSON(data []byte) bool { return json.Valid(data) }

func parseJSON(data []byte) ([]entry, *syntaxError) {
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, jsonSyntaxError(data, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		line := lineAt(data, len(data)-len(bytes.TrimLeft(data, " \t\r\n")))
		return nil, &syntaxError{line, notAMapping()}
	}
	var entries []entry
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return nil, jsonSyntaxError(data, err)
		}
		name, _ := key.(string)
		line := lineAt(data, int(decoder.InputOffset()))
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, jsonSyntaxError(data, err)
		}
		entries = append(entries, jsonEntry(name, line, value))
	}
	return entries, nil
}

func jsonEntry(name string, line int, raw json.RawMessage) entry {
	e := entry{name: name, line: line}
	if raw[0] != '[' {
		e.text, e.fault = jsonScalar(raw)
		return e
	}
	e.sequence = true
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		e.fault = nested()
		return e
	}
	for _, item := range items {
		text, f := jsonScalar(item)
		if f != (fault{}) {
			e.fault = f
			return e
		}
		e.items = append(e.items, text)
	}
	return e
}

func jsonScalar(raw json.RawMessage) (string, fault) {
	switch raw[0] {
	case '{', '[':
		return "", nested()
	case 'n':
		return "", fault{}
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", nested()
		}
		return text, fault{}
	default:
		return string(raw), fault{}
	}
}

func nested() fault {
	return fault{"is a nested value", "give a string, a number, a boolean or a list of strings"}
}

func notAMapping() fault {
	return fault{"not a mapping of settings to values", "write NAME: VALUE lines, or one JSON object"}
}

func jsonSyntaxError(data []byte, err error) *syntaxError {
	offset := len(data)
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = int(syntax.Offset)
	}
	bad := &syntaxError{lineAt(data, offset-1), fault{"malformed JSON: " + err.Error(), "check the quotes, commas and braces there"}}
	before := bytes.TrimRight(data[:max(min(offset, len(data))-1, 0)], " \t\r\n")
	if bytes.HasSuffix(before, []byte(",")) && strings.Contains(err.Error(), "invalid character '}'") {
		bad.line = lineAt(data, len(before)-1)
		bad.fix = "remove the comma after the last value"
	}
	return bad
}
