// Package schema owns what AWS says about its CloudFormation resource types: which properties exist, which make a new
// resource when they change, which name it, and which values are refused. It refuses to know stacks or templates.
//
// The table is derived from the AWS CloudFormation resource schemas as packaged by cfn-lint 1.51 (MIT-0).
package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

//go:generate sh -c "go run ./gen \"$SCHEMAS\" > facts.json"

//go:embed facts.json
var facts []byte

// Set is the table of resource types, by name.
type Set struct{ types map[string]*Type }

// Type is one resource type.
type Type struct {
	node
	Name string

	CreateOnly            []string        `json:"createOnlyProperties"`
	ConditionalCreateOnly []string        `json:"conditionalCreateOnlyProperties"`
	ReadOnly              []string        `json:"readOnlyProperties"`
	PrimaryIdentifier     []string        `json:"primaryIdentifier"`
	Taggable              bool            `json:"taggable"`
	Definitions           map[string]node `json:"definitions"`
}

// node is one node of a type's JSON schema.
type node struct {
	Ref               string              `json:"$ref"`
	Type              kinds               `json:"type"`
	Enum              []any               `json:"enum"`
	Pattern           string              `json:"pattern"`
	MinLength         *int                `json:"minLength"`
	MaxLength         *int                `json:"maxLength"`
	Minimum           *float64            `json:"minimum"`
	Maximum           *float64            `json:"maximum"`
	MinItems          *int                `json:"minItems"`
	MaxItems          *int                `json:"maxItems"`
	Required          []string            `json:"required"`
	RequiredXor       []string            `json:"requiredXor"`
	RequiredOr        []string            `json:"requiredOr"`
	RequireOneOf      [][]string          `json:"requireOneOf"`
	DependentRequired map[string][]string `json:"dependentRequired"`
	DependentExcluded map[string][]string `json:"dependentExcluded"`
	Closed            bool                `json:"closed"`
	Properties        map[string]node     `json:"properties"`
	PatternProperties map[string]node     `json:"patternProperties"`
	Items             *node               `json:"items"`
}

// kinds is JSON schema's "type": one name or a list of them.
type kinds []string

// UnmarshalJSON accepts both forms.
func (k *kinds) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*k = kinds{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(k))
}

// Load returns the embedded table.
func Load() (*Set, error) {
	var file struct {
		Types map[string]*Type `json:"types"`
	}
	if err := json.Unmarshal(facts, &file); err != nil {
		return nil, fmt.Errorf("read resource facts: %w", err)
	}
	for name, t := range file.Types {
		t.Name = name
	}
	return &Set{types: file.Types}, nil
}

// Type is the resource type of that name; nil when AWS's table does not hold it.
func (s *Set) Type(name string) *Type { return s.types[name] }

// Recreation says what a change of the property at path (JSON pointer below Properties, such as /TopicName or
// /Code/S3Key) does: Never, Conditionally, or Always makes a new physical resource.
func (t *Type) Recreation(path string) string {
	switch {
	case t == nil:
		return "Never"
	case covers(t.CreateOnly, path):
		return "Always"
	case covers(t.ConditionalCreateOnly, path):
		return "Conditionally"
	default:
		return "Never"
	}
}

func covers(pointers []string, path string) bool {
	return slices.ContainsFunc(pointers, func(p string) bool {
		p = strings.TrimPrefix(p, "/properties")
		return p == path || strings.HasPrefix(path, p+"/") || strings.HasPrefix(p, path+"/")
	})
}

// IsReadOnly says whether only AWS sets the top-level property.
func (t *Type) IsReadOnly(property string) bool {
	return slices.Contains(t.ReadOnly, "/properties/"+property)
}

// Attributes are the names that Fn::GetAtt gives beside the ordinary properties, nested ones dotted.
func (t *Type) Attributes() []string {
	out := make([]string, 0, len(t.ReadOnly))
	for _, p := range t.ReadOnly {
		out = append(out, strings.ReplaceAll(strings.TrimPrefix(p, "/properties/"), "/", "."))
	}
	return out
}

// HasAttribute says whether Fn::GetAtt accepts the (dotted) name: a read-only attribute or any property.
func (t *Type) HasAttribute(name string) bool {
	if slices.Contains(t.Attributes(), name) {
		return true
	}
	top, _, _ := strings.Cut(name, ".")
	_, ok := t.Properties[top]
	return ok
}
