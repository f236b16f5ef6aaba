// Command gen derives facts.json, the compact table that package schema embeds, from a file of AWS CloudFormation
// resource schemas (one JSON object, keyed by type name, as cfn-lint packages them). It keeps what decides whether AWS accepts,
// replaces or names a resource, and drops the rest.
//
//	go run ./internal/awsfake/schema/gen SCHEMAS.json > internal/awsfake/schema/facts.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
)

const source = "AWS CloudFormation resource schemas as packaged by cfn-lint 1.51 (MIT-0), reduced by internal/awsfake/schema/gen"

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(args []string, out io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("want the path of the schemas, got %d arguments", len(args))
	}
	raw, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	var types map[string]map[string]any
	if err := json.Unmarshal(raw, &types); err != nil {
		return fmt.Errorf("read %s: %w", args[0], err)
	}
	facts := map[string]any{}
	for name, s := range types {
		facts[name] = reduce(s)
	}
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	return enc.Encode(map[string]any{"source": source, "types": facts})
}

func reduce(s map[string]any) map[string]any {
	out := node(s)
	for _, k := range []string{"createOnlyProperties", "conditionalCreateOnlyProperties", "readOnlyProperties", "primaryIdentifier"} {
		if v, ok := s[k]; ok {
			out[k] = v
		}
	}
	if tagging, ok := s["tagging"].(map[string]any); ok {
		out["taggable"] = tagging["taggable"] == true
	}
	if defs, ok := s["definitions"].(map[string]any); ok {
		out["definitions"] = nodes(defs)
	}
	return out
}

// catalogue is the length from which an enumeration is a list of what AWS offered on some day, such as cfn-lint's of instance types: what is
// not in it may exist, and the service itself says so when it does not.
const catalogue = 64

// node keeps the validating keywords of one schema node.
func node(s map[string]any) map[string]any {
	out := map[string]any{}
	for _, k := range []string{
		"$ref", "type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "required",
		"requiredXor", "requiredOr", "dependentRequired", "dependentExcluded",
	} {
		if v, ok := s[k]; ok {
			out[k] = v
		}
	}
	if values, ok := s["enum"].([]any); ok && len(values) > catalogue {
		delete(out, "enum")
	}
	if s["additionalProperties"] == false {
		out["closed"] = true
	}
	for _, k := range []string{"properties", "patternProperties"} {
		if props, ok := s[k].(map[string]any); ok {
			out[k] = nodes(props)
		}
	}
	if items, ok := s["items"].(map[string]any); ok {
		out["items"] = node(items)
	}
	for _, k := range []string{"anyOf", "oneOf"} {
		if alternatives := requiredSets(s[k]); alternatives != nil {
			out["requireOneOf"] = alternatives
		}
	}
	return out
}

func nodes(in map[string]any) map[string]any {
	out := map[string]any{}
	for name, v := range in {
		if s, ok := v.(map[string]any); ok {
			out[name] = node(s)
		}
	}
	return out
}

// requiredSets reads alternatives that only name required keys; other kinds of alternatives are not kept.
func requiredSets(v any) []any {
	var out []any
	list, _ := v.([]any)
	for _, a := range list {
		m, _ := a.(map[string]any)
		required, ok := m["required"]
		if !ok || len(m) != 1 {
			return nil
		}
		out = append(out, required)
	}
	return out
}
