package awsfake

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// props reads the properties of a resource, in which numbers and booleans may also be written as strings.
type props map[string]any

func (p props) has(name string) bool { return p[name] != nil }

func (p props) str(name string) string { return text(p[name]) }

func (p props) or(name, usual string) string {
	if p[name] == nil {
		return usual
	}
	return text(p[name])
}

func (p props) num(name string, usual int) int {
	n, err := strconv.Atoi(text(p[name]))
	if err != nil {
		return usual
	}
	return n
}

func (p props) flag(name string, usual bool) bool {
	b, err := strconv.ParseBool(text(p[name]))
	if err != nil {
		return usual
	}
	return b
}

func (p props) object(name string) props {
	m, _ := p[name].(map[string]any)
	return m
}

func (p props) objects(name string) []props {
	var out []props
	list, _ := p[name].([]any)
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func (p props) strings(name string) []string {
	var out []string
	list, _ := p[name].([]any)
	for _, e := range list {
		out = append(out, text(e))
	}
	return out
}

// tags are the resource's own, in either form that templates have: a list of Key and Value, or a map.
func (p props) tags(name string) map[string]string {
	out := map[string]string{}
	for k, v := range p.object(name) {
		out[k] = text(v)
	}
	for _, t := range p.objects(name) {
		out[t.str("Key")] = t.str("Value")
	}
	return out
}

// text is a scalar as AWS writes it; nil is empty and a structure is its JSON.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case map[string]any, []any:
		b, _ := json.Marshal(v) // what came out of JSON goes back into it
		return string(b)
	default:
		return fmt.Sprint(v)
	}
}
