package cfn

import (
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

const (
	maxBody      = 51200
	maxURLBody   = 1 << 20
	maxResources = 500
)

// template is a parsed template; its values are those of encoding/json with numbers kept as written.
type template struct {
	body        string
	description string
	metadata    any
	transforms  []string
	parameters  map[string]parameterDecl
	mappings    map[string]any
	conditions  map[string]any
	resources   map[string]resourceDecl
	outputs     map[string]outputDecl
}

type resourceDecl struct {
	typ                 string
	condition           string
	dependsOn           []string
	properties          map[string]any
	metadata            any
	creationPolicy      any
	updatePolicy        any
	deletionPolicy      any
	updateReplacePolicy any
}

type outputDecl struct {
	value, export any
	description   any
	condition     string
}

func invalid(format string, args ...any) error {
	return wire.Errorf("ValidationError", format, args...)
}

func parseTemplate(body string) (*template, error) {
	if err := wellFormed(body); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(body))
	dec.UseNumber()
	var raw map[string]any
	if err := dec.Decode(&raw); err != nil {
		return nil, invalid("Template format error: unsupported structure.")
	}
	t := &template{body: body, metadata: raw["Metadata"], mappings: object(raw["Mappings"]), conditions: object(raw["Conditions"])}
	t.description, _ = raw["Description"].(string)
	t.transforms = stringList(raw["Transform"])
	for _, step := range []func(map[string]any) error{t.readSections, t.readParameters, t.readResources, t.readOutputs} {
		if err := step(raw); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// wellFormed reports bad JSON with its place, and nulls with their path in document order.
func wellFormed(body string) error {
	dec := json.NewDecoder(strings.NewReader(body))
	null, err := findNull(dec, "")
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		line, column := place(body, int(dec.InputOffset()))
		return invalid("Template format error: JSON not well-formed. (line %d, column %d)", line, column)
	}
	if null != "" {
		return invalid("[%s] 'null' values are not allowed in templates", null)
	}
	return nil
}

func place(body string, offset int) (line, column int) {
	before := body[:min(offset, len(body))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n")
}

func findNull(dec *json.Decoder, path string) (string, error) {
	token, err := dec.Token()
	if err != nil {
		return "", err
	}
	if token == nil {
		return path, nil
	}
	open, ok := token.(json.Delim)
	if !ok {
		return "", nil
	}
	found := ""
	for i := 0; dec.More(); i++ {
		key := strconv.Itoa(i)
		if open == '{' {
			name, err := dec.Token()
			if err != nil {
				return "", err
			}
			key, _ = name.(string)
		}
		null, err := findNull(dec, path+"/"+key)
		if err != nil {
			return "", err
		}
		if found == "" {
			found = null
		}
	}
	_, err = dec.Token()
	return found, err
}

func (t *template) readSections(raw map[string]any) error {
	known := []string{
		"AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Transform", "Resources", "Outputs",
	}
	var unknown []string
	for key := range raw {
		if !slices.Contains(known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) > 0 {
		return invalid("Invalid template property or properties %s", bracketed(unknown))
	}
	if v, ok := raw["AWSTemplateFormatVersion"]; ok && v != "2010-09-09" {
		return invalid("Template format error: Unrecognized template format version: %v", v)
	}
	for _, transform := range t.transforms {
		if transform != "AWS::LanguageExtensions" {
			return invalid("No transform named %s found.", transform)
		}
	}
	return nil
}

func (t *template) readResources(raw map[string]any) error {
	section := object(raw["Resources"])
	if len(section) == 0 {
		return invalid("Template format error: At least one Resources member must be defined.")
	}
	if len(section) > maxResources {
		return invalid("Template format error: Number of resources, %d, is greater than maximum allowed, %d", len(section), maxResources)
	}
	t.resources = map[string]resourceDecl{}
	for _, id := range sortedKeys(section) {
		decl, err := readResource(id, section[id])
		if err != nil {
			return err
		}
		t.resources[id] = decl
	}
	return nil
}

func readResource(id string, v any) (resourceDecl, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return resourceDecl{}, invalid("Template format error: Any Resources member must be an object.")
	}
	if !alphanumeric(id) {
		return resourceDecl{}, invalid("Template format error: Resource name %s is non alphanumeric.", id)
	}
	known := []string{
		"Type", "Properties", "Metadata", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "UpdatePolicy", "CreationPolicy", "Description",
	}
	for _, key := range sortedKeys(m) {
		if !slices.Contains(known, key) {
			return resourceDecl{}, invalid("Invalid template resource property '%s'", key)
		}
	}
	d := resourceDecl{
		metadata: m["Metadata"], creationPolicy: m["CreationPolicy"], updatePolicy: m["UpdatePolicy"],
		deletionPolicy: m["DeletionPolicy"], updateReplacePolicy: m["UpdateReplacePolicy"], dependsOn: stringList(m["DependsOn"]),
	}
	d.condition, _ = m["Condition"].(string)
	if d.typ, _ = m["Type"].(string); d.typ == "" {
		return d, invalid("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", id)
	}
	if p, given := m["Properties"]; given {
		if d.properties, ok = p.(map[string]any); !ok {
			return d, invalid("[/Resources/%s/Properties] 'Properties' must be an object", id)
		}
	}
	return d, d.checkPolicies(id)
}

func (d resourceDecl) checkPolicies(id string) error {
	policies := map[string]any{"DeletionPolicy": d.deletionPolicy, "UpdateReplacePolicy": d.updateReplacePolicy}
	for _, name := range sortedKeys(policies) {
		text, ok := policies[name].(string)
		if ok && !slices.Contains([]string{"Delete", "Retain", "RetainExceptOnCreate", "Snapshot"}, text) {
			return invalid("Template error: resource %s has unrecognized %s value %s", id, name, text)
		}
	}
	return nil
}

func (t *template) readOutputs(raw map[string]any) error {
	t.outputs = map[string]outputDecl{}
	section := object(raw["Outputs"])
	for _, key := range sortedKeys(section) {
		m := object(section[key])
		value, ok := m["Value"]
		if !ok {
			return invalid("Template format error: Every Outputs member must contain a Value object")
		}
		o := outputDecl{value: value, description: m["Description"], export: object(m["Export"])["Name"]}
		o.condition, _ = m["Condition"].(string)
		t.outputs[key] = o
	}
	return nil
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func stringList(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, item := range v {
			if s, ok := item.(string); ok {
				out = append(out, s)
			}
		}
		return out
	default:
		return nil
	}
}

func alphanumeric(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// bracketed writes names as AWS's messages do: [A, B].
func bracketed(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	return "[" + strings.Join(slices.Compact(names), ", ") + "]"
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
