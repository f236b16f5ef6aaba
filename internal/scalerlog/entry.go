// Package scalerlog owns what the scaler's log says, as entries for people. It refuses to know stacks and to print.
package scalerlog

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Kind is what an entry is about.
type Kind string

// The kinds of entries.
const (
	Decision Kind = "decision"
	Error    Kind = "error"
	Warning  Kind = "warning"
	Notice   Kind = "notice"
)

// Entry is one line of the log that says something to people.
type Entry struct {
	Time   time.Time      `json:"time"`
	Kind   Kind           `json:"kind"`
	Text   string         `json:"text"`             // one line
	Fields map[string]any `json:"fields,omitempty"` // of a decision, under the scaler's names; nil otherwise
}

// parse reads one line of the log; ok is false for metrics and for what Lambda notes about invocations that went well.
func parse(at time.Time, line string) (e Entry, ok bool) {
	line = strings.TrimSpace(line)
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return parseText(at, line)
	}
	kind, _ := fields["type"].(string)
	switch {
	case fields["_aws"] != nil:
		return Entry{}, false
	case strings.HasPrefix(kind, "platform."):
		return parsePlatform(at, kind, fields)
	case fields["msg"] == "decision":
		return decision(at, fields), true
	default:
		return message(at, fields)
	}
}

// parseText reads what is not JSON: Lambda's own lines where its format is text, and a crash's trace.
func parseText(at time.Time, line string) (Entry, bool) {
	for _, prefix := range []string{"START ", "END ", "REPORT ", "INIT_START ", "EXTENSION "} {
		if strings.HasPrefix(line, prefix) {
			return Entry{}, false
		}
	}
	return Entry{Time: at, Kind: Error, Text: line}, line != ""
}

// parsePlatform reads an event of Lambda's JSON format; only the report of an invocation that failed says anything.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
func parsePlatform(at time.Time, kind string, fields map[string]any) (Entry, bool) {
	record, _ := fields["record"].(map[string]any)
	status, _ := record["status"].(string)
	if kind != "platform.report" || status == "" || status == "success" {
		return Entry{}, false
	}
	return Entry{Time: at, Kind: Error, Text: "the invocation ended with status " + status}, true
}

func decision(at time.Time, fields map[string]any) Entry {
	text, _ := fields["reason"].(string)
	if suspects, ok := fields["suspects"].([]any); ok {
		text += fmt.Sprintf(" [without an agent: %v of %s]", fields["stuck"], join(suspects))
	}
	if missing := fields["shortfall"]; missing != nil {
		text += fmt.Sprintf(" [not launched: %v%s]", missing, why(fields))
	}
	for _, name := range []string{"time", "level", "msg", "stack", "reason"} {
		delete(fields, name)
	}
	return Entry{Time: at, Kind: Decision, Text: text, Fields: fields}
}

func why(fields map[string]any) string {
	if fields["class"] == nil {
		return ""
	}
	return fmt.Sprintf(", %v: %v", fields["class"], fields["cause"])
}

func join(list []any) string {
	words := make([]string, len(list))
	for i, v := range list {
		words[i] = fmt.Sprint(v)
	}
	return strings.Join(words, ", ")
}

// message reads any other line of the program's: its level is slog's.
func message(at time.Time, fields map[string]any) (Entry, bool) {
	e := Entry{Time: at, Kind: Notice}
	switch fields["level"] {
	case "ERROR":
		e.Kind = Error
	case "WARN":
		e.Kind = Warning
	}
	e.Text, _ = fields["msg"].(string)
	if cause, ok := fields["error"].(string); ok {
		cause, _, _ = strings.Cut(cause, "\n") // a panic's trace follows
		e.Text += ": " + cause
	}
	return e, e.Text != ""
}
