package template

import (
	"encoding/json"
	"testing"
)

// decode is the document as a reader of JSON sees it, without a type of this package.
func decode(tb testing.TB, doc Document) map[string]any {
	tb.Helper()
	var out map[string]any
	if err := json.Unmarshal(doc.JSON, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

// at follows keys (string) and indices (int) down; a step that is not there is a fatal failure.
func at(tb testing.TB, v any, path ...any) any {
	tb.Helper()
	for i, step := range path {
		var ok bool
		switch step := step.(type) {
		case string:
			var m map[string]any
			if m, ok = v.(map[string]any); ok {
				v, ok = m[step]
			}
		case int:
			var list []any
			if list, ok = v.([]any); ok && step < len(list) {
				v = list[step]
			}
		}
		if !ok {
			tb.Fatalf("document has no %v", path[:i+1])
		}
	}
	return v
}

func property(tb testing.TB, doc Document, logicalID string, path ...any) any {
	tb.Helper()
	return at(tb, decode(tb, doc), append([]any{"Resources", logicalID, "Properties"}, path...)...)
}

func resources(tb testing.TB, doc Document) map[string]any {
	tb.Helper()
	return at(tb, decode(tb, doc), "Resources").(map[string]any)
}

// object is a shorthand for what decode gives.
type object = map[string]any
