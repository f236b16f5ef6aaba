package schema

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check compares resolved properties with the schema and returns the violations in AWS's words, in a stable order; nil when
// AWS would accept them. Scalars are taken as CloudFormation takes them: "5" is a number and true is a string.
func (t *Type) Check(properties map[string]any) []string {
	c := checker{t: t}
	c.object("#", t.node, properties)
	for name := range properties {
		if t.IsReadOnly(name) {
			c.add("#", "extraneous key [%s] is not permitted", name)
		}
	}
	slices.Sort(c.found)
	return slices.Compact(c.found)
}

type checker struct {
	t     *Type
	found []string
}

func (c *checker) add(path, format string, args ...any) {
	c.found = append(c.found, path+": "+fmt.Sprintf(format, args...))
}

func (c *checker) violates(path, keyword string) {
	c.add(path, "failed validation constraint for keyword [%s]", keyword)
}

func (c *checker) resolve(n node) node {
	for n.Ref != "" {
		if pointer, ok := strings.CutPrefix(n.Ref, "#/properties/"); ok {
			n = c.t.Properties[pointer]
			continue
		}
		n = c.t.Definitions[strings.TrimPrefix(n.Ref, "#/definitions/")]
	}
	return n
}

func (c *checker) value(path string, n node, v any) {
	n = c.resolve(n)
	if len(n.Type) > 0 && !slices.ContainsFunc(n.Type, func(kind string) bool { return fits(kind, v) }) {
		c.add(path, "expected type: %s, found: %s", typeNames(n.Type), foundName(v))
		return
	}
	switch v := v.(type) {
	case map[string]any:
		if slices.Contains(n.Type, "object") || len(n.Properties) > 0 {
			c.object(path, n, v)
		}
	case []any:
		c.list(path, n, v)
	default:
		c.scalar(path, n, Scalar(v))
	}
}

func (c *checker) object(path string, n node, v map[string]any) {
	for _, key := range n.Required {
		if _, ok := v[key]; !ok {
			c.add(path, "required key [%s] not found", key)
		}
	}
	c.combinations(path, n, v)
	for key, value := range v {
		if child, ok := n.property(key); ok {
			c.value(path+"/"+key, child, value)
		} else if n.Closed {
			c.add(path, "extraneous key [%s] is not permitted", key)
		}
	}
}

func (n node) property(key string) (node, bool) {
	if child, ok := n.Properties[key]; ok {
		return child, true
	}
	for pattern, child := range n.PatternProperties {
		if re := compile(pattern); re == nil || re.MatchString(key) {
			return child, true
		}
	}
	return node{}, false
}

func (c *checker) combinations(path string, n node, v map[string]any) {
	if len(n.RequiredXor) > 0 && count(v, n.RequiredXor) != 1 {
		c.add(path, "%d subschemas matched instead of one", count(v, n.RequiredXor))
	}
	if len(n.RequiredOr) > 0 && count(v, n.RequiredOr) == 0 {
		c.add(path, "no subschema matched out of the total %d subschemas", len(n.RequiredOr))
	}
	if len(n.RequireOneOf) > 0 && !slices.ContainsFunc(n.RequireOneOf, func(set []string) bool { return count(v, set) == len(set) }) {
		c.add(path, "no subschema matched out of the total %d subschemas", len(n.RequireOneOf))
	}
	for key, needs := range n.DependentRequired {
		if _, ok := v[key]; ok && count(v, needs) != len(needs) {
			c.add(path, "property [%s] is required", strings.Join(needs, ", "))
		}
	}
	for key, excludes := range n.DependentExcluded {
		if _, ok := v[key]; ok && count(v, excludes) > 0 {
			c.violates(path, "dependentExcluded")
		}
	}
}

func count(v map[string]any, keys []string) int {
	n := 0
	for _, k := range keys {
		if _, ok := v[k]; ok {
			n++
		}
	}
	return n
}

func (c *checker) list(path string, n node, v []any) {
	if n.MinItems != nil && len(v) < *n.MinItems {
		c.add(path, "expected minimum item count: %d, found: %d", *n.MinItems, len(v))
	}
	if n.MaxItems != nil && len(v) > *n.MaxItems {
		c.add(path, "expected maximum item count: %d, found: %d", *n.MaxItems, len(v))
	}
	if n.Items == nil {
		return
	}
	for i, item := range v {
		c.value(path+"/"+strconv.Itoa(i), *n.Items, item)
	}
}

func (c *checker) scalar(path string, n node, s string) {
	if len(n.Enum) > 0 && !slices.ContainsFunc(n.Enum, func(e any) bool { return Scalar(e) == s }) {
		c.violates(path, "enum")
	}
	if re := compile(n.Pattern); re != nil && !re.MatchString(s) {
		c.violates(path, "pattern")
	}
	if length := utf8.RuneCountInString(s); slices.Contains(n.Type, "string") {
		if n.MinLength != nil && length < *n.MinLength {
			c.add(path, "expected minLength: %d, actual: %d", *n.MinLength, length)
		}
		if n.MaxLength != nil && length > *n.MaxLength {
			c.add(path, "expected maxLength: %d, actual: %d", *n.MaxLength, length)
		}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		if n.Minimum != nil && f < *n.Minimum {
			c.violates(path, "minimum")
		}
		if n.Maximum != nil && f > *n.Maximum {
			c.violates(path, "maximum")
		}
	}
}

// compile returns nil for patterns that only AWS's regular expressions can say; such a pattern is not checked.
func compile(pattern string) *regexp.Regexp {
	if pattern == "" {
		return nil
	}
	re, err := regexp.Compile(unicodeEscape().ReplaceAllString(pattern, `\x{$1}`))
	if err != nil {
		return nil
	}
	return re
}

func unicodeEscape() *regexp.Regexp { return regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`) }

func fits(kind string, v any) bool {
	_, isMap := v.(map[string]any)
	_, isList := v.([]any)
	switch kind {
	case "object":
		return isMap
	case "array":
		return isList
	}
	if isMap || isList || v == nil {
		return false
	}
	s := Scalar(v)
	switch kind {
	case "integer":
		_, err := strconv.ParseInt(s, 10, 64)
		return err == nil
	case "number":
		_, err := strconv.ParseFloat(s, 64)
		return err == nil
	case "boolean":
		return s == "true" || s == "false"
	default:
		return true
	}
}

// Scalar is how CloudFormation writes a string, number or boolean of a template as text.
func Scalar(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

func typeNames(k kinds) string {
	out := make([]string, len(k))
	for i, name := range k {
		out[i] = map[string]string{"object": "JSONObject", "array": "JSONArray"}[name]
		if out[i] == "" {
			out[i] = strings.ToUpper(name[:1]) + name[1:]
		}
	}
	return strings.Join(out, " or ")
}

func foundName(v any) string {
	switch v.(type) {
	case map[string]any:
		return "JSONObject"
	case []any:
		return "JSONArray"
	case nil:
		return "Null"
	default:
		return "String"
	}
}
