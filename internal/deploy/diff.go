package deploy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// diff lists every leaf that differs between two JSON values, by path, sorted. A list whose length changed is
// compared by position, a template function is one leaf.
func diff(path string, before, after any) []PropertyChange {
	if b, ok := before.(map[string]any); ok && !isFunction(b) {
		if a, ok := after.(map[string]any); ok && !isFunction(a) {
			return diffMaps(path, b, a)
		}
	}
	if b, ok := before.([]any); ok {
		if a, ok := after.([]any); ok {
			return diffMaps(path, indexed(b), indexed(a))
		}
	}
	if reflect.DeepEqual(before, after) || text(before) == text(after) {
		return nil
	}
	value := text(after)
	return []PropertyChange{{
		Path: path, Action: Modify, Before: text(before), After: value,
		Replacement: ReplaceNever, Dynamic: strings.Contains(value, unknown),
	}}
}

func diffMaps(path string, before, after map[string]any) []PropertyChange {
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	var changes []PropertyChange
	for _, key := range slices.SortedFunc(maps.Keys(keys), naturally) {
		at := path + "/" + key
		b, had := before[key]
		a, has := after[key]
		switch {
		case !had:
			changes = append(changes, PropertyChange{
				Path: at, Action: Add, After: text(a), Replacement: ReplaceNever, Dynamic: strings.Contains(text(a), unknown),
			})
		case !has:
			changes = append(changes, PropertyChange{Path: at, Action: Remove, Before: text(b), Replacement: ReplaceNever})
		default:
			changes = append(changes, diff(at, b, a)...)
		}
	}
	return changes
}

// naturally orders list positions by number, and names by their bytes.
func naturally(a, b string) int {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return x - y
	}
	return strings.Compare(a, b)
}

func indexed(list []any) map[string]any {
	m := make(map[string]any, len(list))
	for i, v := range list {
		m[strconv.Itoa(i)] = v
	}
	return m
}

// isFunction reports whether the object is a template function, as {"Fn::GetAtt": ["Role", "Arn"]}.
func isFunction(m map[string]any) bool {
	if len(m) != 1 {
		return false
	}
	for key := range m {
		return key == "Ref" || key == "Condition" || strings.HasPrefix(key, "Fn::")
	}
	return false
}

// text is a value as people read it: a string bare, anything else as compact JSON.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// lookup finds the value at a path like /Properties/Tags/0/Value.
func lookup(value any, path string) (any, bool) {
	for step := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[step]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

func diffTags(before, after map[string]string) []PropertyChange {
	return trimmed(diff("", generic(before), generic(after)))
}

func generic(m map[string]string) map[string]any {
	g := make(map[string]any, len(m))
	for k, v := range m {
		g[k] = v
	}
	return g
}

// trimmed takes the slash off paths that are single keys.
func trimmed(changes []PropertyChange) []PropertyChange {
	for i := range changes {
		changes[i].Path = strings.TrimPrefix(changes[i].Path, "/")
	}
	return changes
}
