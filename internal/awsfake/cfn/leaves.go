package cfn

import (
	"maps"
	"strconv"

	"github.com/semagent/semagent/internal/awsfake/schema"
)

// leaf is one value that differs, with its JSON pointer.
type leaf struct {
	path, kind    string // kind: Add, Remove or Modify
	before, after *string
}

// absent stands for a value that is not there.
type absent struct{}

func optional(v any, ok bool) any {
	if !ok {
		return absent{}
	}
	return v
}

// leaves are the smallest differences between two values: maps are entered, and lists of equal length.
func leaves(before, after any, path string) []leaf {
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return mapLeaves(b, a, path)
		}
	case []any:
		if a, ok := after.([]any); ok && len(a) == len(b) {
			var out []leaf
			for i := range a {
				out = append(out, leaves(b[i], a[i], path+"/"+strconv.Itoa(i))...)
			}
			return out
		}
	}
	l := leaf{path: path, kind: "Modify", before: shownValue(before), after: shownValue(after)}
	switch {
	case l.before == nil && l.after == nil, l.before != nil && l.after != nil && canonical(before) == canonical(after) && !hasUnknown(after):
		return nil
	case l.before == nil:
		l.kind = "Add"
	case l.after == nil:
		l.kind = "Remove"
	}
	return []leaf{l}
}

func mapLeaves(before, after map[string]any, path string) []leaf {
	keys := maps.Clone(before)
	maps.Copy(keys, after)
	var out []leaf
	for _, k := range sortedKeys(keys) {
		b, had := before[k]
		a, has := after[k]
		out = append(out, leaves(optional(b, had), optional(a, has), path+"/"+k)...)
	}
	return out
}

func shownValue(v any) *string {
	var s string
	switch v := v.(type) {
	case absent:
		return nil
	case map[string]any, []any:
		s = compact(plain(v))
	case unknown:
		s = knownAfterApply
	default:
		s = schema.Scalar(v)
	}
	return &s
}
