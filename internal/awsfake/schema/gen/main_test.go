package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRunKeepsWhatDecides(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schemas.json")
	schemas := `{"A::B::C":{"typeName":"A::B::C","sourceUrl":"u","additionalProperties":false,"createOnlyProperties":["/properties/N"],
		"tagging":{"taggable":true},"properties":{"N":{"type":"string","format":"x","maxLength":3}},
		"anyOf":[{"required":["N"]},{"required":["M"]}],"definitions":{"D":{"properties":{"E":{"enum":["<"]}}}}}}`
	if err := os.WriteFile(path, []byte(schemas), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{path}, &out); err != nil {
		t.Fatal(err)
	}
	want := `{"A::B::C":{"closed":true,"createOnlyProperties":["/properties/N"],"definitions":{"D":{"properties":{"E":{"enum":["<"]}}}},` +
		`"properties":{"N":{"maxLength":3,"type":"string"}},"requireOneOf":[["N"],["M"]],"taggable":true}}`
	if got := out.String(); !strings.Contains(got, want) {
		t.Errorf("got %s\nwant it to contain %s", got, want)
	}
}

func TestNodeDropsCatalogues(t *testing.T) {
	values := make([]any, catalogue+1)
	if _, kept := node(map[string]any{"enum": values})["enum"]; kept {
		t.Error("a catalogue was kept")
	}
	if _, kept := node(map[string]any{"enum": values[1:]})["enum"]; !kept {
		t.Error("an enumeration was dropped")
	}
}

func TestRunReportsBadInput(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{"none": nil, "missing": {path + ".no"}, "malformed": {path}} {
		if err := run(args, &bytes.Buffer{}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
