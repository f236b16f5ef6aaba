package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/awslabs/goformation/v7/intrinsics"
	"go.yaml.in/yaml/v3"
)

// Document is a finished template.
type Document struct {
	JSON   []byte // indented, keys sorted, one newline at the end
	Digest string // SHA-256 of JSON in hex
}

// body is a template before its intrinsics are written out. goformation's own Template type would do, but its
// package links every resource type of AWS into the program: eleven megabytes, and a minute of compiling.
type body struct {
	AWSTemplateFormatVersion string
	Description              string
	Metadata                 map[string]any `json:",omitempty"`
	Resources                map[string]any
	Outputs                  map[string]output
}

type output struct {
	Description string
	Value       string
}

func render(b body) (Document, error) {
	b.AWSTemplateFormatVersion = "2010-09-09"
	raw, err := json.Marshal(b)
	if err != nil {
		return Document{}, fmt.Errorf("encode template: %w", err)
	}
	out, err := intrinsics.ProcessJSON(raw, nil)
	if err != nil {
		return Document{}, fmt.Errorf("write intrinsic functions: %w", err)
	}
	out = append(out, '\n')
	sum := sha256.Sum256(out)
	return Document{JSON: out, Digest: hex.EncodeToString(sum[:])}, nil
}

// Compact is JSON without its white space, for the API's limit of 51,200 bytes on a template's body.
func (d Document) Compact() []byte {
	var out bytes.Buffer
	if json.Compact(&out, d.JSON) != nil {
		return d.JSON
	}
	return out.Bytes()
}

// Resources is the number of resources; 0 if JSON is no template.
func (d Document) Resources() int {
	var t struct{ Resources map[string]json.RawMessage }
	if json.Unmarshal(d.JSON, &t) != nil {
		return 0
	}
	return len(t.Resources)
}

// YAML is the same template as YAML with sorted keys. The error is of JSON that no Build made.
func (d Document) YAML() ([]byte, error) {
	var doc any
	if err := json.Unmarshal(d.JSON, &doc); err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(doc); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out.Bytes(), nil
}

// Capacity reads the desired capacity of the agents' group out of a deployed template; ok is false if templateJSON
// is no fleet's.
func Capacity(templateJSON []byte) (desired int, ok bool) {
	var t struct {
		Resources struct {
			AgentGroup struct {
				Properties struct{ DesiredCapacity json.Number }
			}
		}
	}
	// json.Number also takes a quoted number, as this package and the API's own schema write it.
	if json.Unmarshal(templateJSON, &t) != nil {
		return 0, false
	}
	n, err := t.Resources.AgentGroup.Properties.DesiredCapacity.Int64()
	return int(n), err == nil
}
