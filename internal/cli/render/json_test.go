package render_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/cli/render"
)

func TestDiffJSON(t *testing.T) {
	schema := readSchema(t)
	for name, diff := range diffs() {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			if err := diff.JSON(&text); err != nil {
				t.Fatal(err)
			}
			golden(t, "diff/"+name+".json", text.String())
			var document any
			if err := json.Unmarshal(text.Bytes(), &document); err != nil {
				t.Fatal(err)
			}
			for _, problem := range schema.check("", schema.root, document) {
				t.Error(problem)
			}
		})
	}
}

func TestDiffJSONValues(t *testing.T) {
	var text bytes.Buffer
	if err := (render.Diff{ChangeSet: replaceFixture()}).JSON(&text); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"before": "arn:old",
          "after": null,
          "knownAfterApply": true,`,
		`"cause": "Topic"`,
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in %s", want, text.String())
		}
	}
	if strings.Contains(text.String(), `\u003c`) {
		t.Error("values are escaped as for HTML")
	}
}

// The checker is only worth something if it finds what is wrong.
func TestSchemaCheckerFindsFaults(t *testing.T) {
	schema := readSchema(t)
	var good bytes.Buffer
	if err := (render.Diff{ChangeSet: updateFixture(), Widening: widening()}).JSON(&good); err != nil {
		t.Fatal(err)
	}
	faults := map[string][2]string{
		"wrong version":  {`"version": 1`, `"version": 2`},
		"missing member": {`"incomplete": false,`, ``},
		"unknown member": {`"effect": "change",`, `"effect": "change", "extra": 1,`},
		"wrong type":     {`"new": false`, `"new": "no"`},
		"unknown word":   {`"effect": "change"`, `"effect": "edit"`},
		"null for text":  {`"kind": "iam"`, `"kind": null`},
		"float":          {`"mayReplace": 0`, `"mayReplace": 0.5`},
		"not a list":     {`"warnings": []`, `"warnings": null`},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(good.String(), fault[0], fault[1], 1)
			if bad == good.String() {
				t.Fatalf("no %s to spoil", fault[0])
			}
			var document any
			if err := json.Unmarshal([]byte(bad), &document); err != nil {
				t.Fatal(err)
			}
			if len(schema.check("", schema.root, document)) == 0 {
				t.Error("the fault was not found")
			}
		})
	}
}

// schema knows the part of JSON Schema that docs/diff.schema.json uses.
type schema struct{ root map[string]any }

func readSchema(t *testing.T) schema {
	t.Helper()
	text, err := os.ReadFile("../../../docs/diff.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(text, &s.root); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s schema) check(path string, rule map[string]any, value any) (problems []string) {
	report := func(format string, args ...any) {
		problems = append(problems, path+": "+fmt.Sprintf(format, args...))
	}
	for keyword, argument := range rule {
		switch keyword {
		case "$schema", "title", "description", "$defs", "properties":
		case "$ref":
			definitions := s.root["$defs"].(map[string]any)
			name := strings.TrimPrefix(argument.(string), "#/$defs/")
			problems = append(problems, s.check(path, definitions[name].(map[string]any), value)...)
		case "const":
			if value != argument {
				report("%v is not %v", value, argument)
			}
		case "enum":
			if !slices.Contains(argument.([]any), value) {
				report("%v is none of %v", value, argument)
			}
		case "type":
			if !isOfType(argument, value) {
				report("%v is not of type %v", value, argument)
			}
		case "items":
			list, _ := value.([]any)
			for i, item := range list {
				problems = append(problems, s.check(fmt.Sprintf("%s[%d]", path, i), argument.(map[string]any), item)...)
			}
		case "required":
			object, _ := value.(map[string]any)
			for _, name := range argument.([]any) {
				if _, ok := object[name.(string)]; !ok {
					report("no %v", name)
				}
			}
		default:
			report("the checker does not know %q", keyword)
		}
	}
	return append(problems, s.members(path, rule, value)...)
}

// members is stricter than the schema, which leaves room for members of later releases: what is written is described.
func (s schema) members(path string, rule map[string]any, value any) (problems []string) {
	object, isObject := value.(map[string]any)
	properties, _ := rule["properties"].(map[string]any)
	if !isObject || properties == nil {
		return nil
	}
	for name, item := range object {
		member, known := properties[name].(map[string]any)
		if !known {
			problems = append(problems, path+": unknown member "+name)
			continue
		}
		problems = append(problems, s.check(path+"."+name, member, item)...)
	}
	return problems
}

func isOfType(types, value any) bool {
	if list, ok := types.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return isOfType(one, value) })
	}
	switch v := value.(type) {
	case nil:
		return types == "null"
	case bool:
		return types == "boolean"
	case string:
		return types == "string"
	case []any:
		return types == "array"
	case map[string]any:
		return types == "object"
	case float64:
		return types == "number" || (types == "integer" && v == float64(int(v)))
	}
	return false
}
