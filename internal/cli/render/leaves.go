package render

import (
	"maps"
	"slices"
	"strconv"
)

// leaves lists what is in a value: one entry for each scalar and each list of scalars.
type leaves struct {
	within string // as in comparison
	of     string // the string that the value is in; empty for the property itself
	lines  []string
}

func (l *leaves) value(path, name string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			l.value(member(path, key), key, v[key])
		}
		return
	case []any:
		if slices.ContainsFunc(v, compound) {
			for i, item := range v {
				l.value(element(path, strconv.Itoa(i)), name, item)
			}
			return
		}
	case string:
		if part := structure(v); part != nil {
			nested := leaves{within: l.within, of: inside(l.of, l.within, path)}
			nested.value("", "", part)
			l.lines = append(l.lines, nested.lines...)
			return
		}
	}
	l.leaf(path, name, value)
}

func (l *leaves) leaf(path, name string, value any) {
	if name == "UserData" {
		value = userData(value)
	}
	label := inside(l.of, l.within, path) + ":"
	if multiline(value) {
		l.lines = append(l.lines, block(label, textLines(value))...)
		return
	}
	l.lines = append(l.lines, label+" "+show(value))
}

func compound(value any) bool {
	switch value.(type) {
	case map[string]any, []any:
		return true
	}
	return false
}
