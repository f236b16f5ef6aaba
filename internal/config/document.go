package config

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// Markdown is the settings as a table for the README, one row each, in the schema's order.
func Markdown() string {
	var b strings.Builder
	b.WriteString("| Setting | Type | Default | Meaning |\n|---|---|---|---|\n")
	for _, row := range schema() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", row.name, row.typeNote(), row.defaultNote(), row.description)
	}
	return b.String()
}

func (row setting) typeNote() string {
	if row.unit == "" {
		return row.kind.String()
	}
	return row.kind.String() + " (" + row.unit + ")"
}

func (row setting) defaultNote() string {
	switch {
	case row.required && row.instead != "":
		return "required, or `" + row.instead + "`"
	case row.required:
		return "required"
	case row.fallbackNote != "":
		return row.fallbackNote
	case row.fallback != "":
		return "`" + row.fallback + "`"
	default:
		return "-"
	}
}

// JSONSchema describes the settings file for editors, in JSON Schema draft 2020-12. It requires no setting, because
// the environment and flags can give them too, and knows less than Load: relations between settings are left out.
func JSONSchema() []byte {
	properties := map[string]any{schemaKey: map[string]any{"type": "string"}}
	for _, row := range schema() {
		properties[row.name] = row.property()
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	// Strings, numbers and maps of them into a buffer: there is nothing to go wrong.
	_ = encoder.Encode(map[string]any{
		schemaKey:              "https://json-schema.org/draft/2020-12/schema",
		"title":                "semagent settings",
		"type":                 "object",
		"properties":           properties,
		"additionalProperties": false,
	})
	return b.Bytes()
}

// property allows null and "" everywhere, since both mean not set, and strings for every kind, as Load does.
func (row setting) property() map[string]any {
	p := map[string]any{"description": row.description}
	switch row.kind {
	case integer:
		p["type"] = []string{"integer", "string", "null"}
		p["minimum"], p["maximum"] = row.bounds()
		p["pattern"] = "^[0-9]*$"
	case boolean:
		p["type"] = []string{"boolean", "string", "null"}
		p["pattern"] = "^(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])?$"
	case list:
		item := strings.TrimSuffix(strings.TrimPrefix(row.pattern, "^"), "$")
		p["type"] = []string{"array", "string", "null"}
		p["items"] = map[string]any{"type": "string", "pattern": row.pattern}
		p["uniqueItems"] = true
		p["pattern"] = "^(?:" + item + "(?: *, *" + item + ")*)?$"
	default:
		p["type"] = []string{"string", "null"}
		p["pattern"] = "^$|" + row.pattern
	}
	if row.maxLength > 0 {
		p["maxLength"] = row.maxLength
	}
	if value := row.jsonDefault(); value != nil {
		p["default"] = value
	}
	return p
}

func (row setting) jsonDefault() any {
	if row.fallback == "" {
		return nil
	}
	switch row.kind {
	case integer:
		value, _ := parseInteger(row, row.fallback)
		return value.number
	case boolean:
		value, _ := parseBoolean(row.fallback)
		return value.truth
	default:
		return row.fallback
	}
}
