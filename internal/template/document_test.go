package template

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

func TestYAMLIsTheSameDocument(t *testing.T) {
	cases := goldenCases()
	cases["words that YAML reads otherwise"] = inputs(func(in *Inputs) {
		in.Config.KeyName = "yes"
		in.Config.InstanceType = "0x1F"
		in.Config.StackName = "2010-09-09"
		in.Config.TokenParameter = "1:30"
		in.Config.VPCID = "null"
		in.Config.Subnets = []string{"~", "- a: b", "1e3", "# x", "'", "1_000"}
	})
	for name, in := range cases {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, in)
			text, err := doc.YAML()
			if err != nil {
				t.Fatal(err)
			}
			var got map[string]any
			if err := yaml.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(decode(t, doc), floats(got)); diff != "" {
				t.Errorf("YAML holds another document (-JSON +YAML):\n%s", diff)
			}
			again, err := doc.YAML()
			if err != nil || string(again) != string(text) {
				t.Errorf("YAML of one document differs from call to call (error: %v)", err)
			}
		})
	}
}

// floats turns YAML's integers into what JSON calls numbers.
func floats(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = floats(v[key])
		}
	case []any:
		for i := range v {
			v[i] = floats(v[i])
		}
	case int:
		return float64(v)
	}
	return v
}

func TestYAMLOfNoTemplate(t *testing.T) {
	if out, err := (Document{JSON: []byte("{")}).YAML(); err == nil {
		t.Errorf("YAML of broken JSON is %q, want an error", out)
	}
}

func TestDigest(t *testing.T) {
	doc := mustBuild(t, inputs(nil))
	sum := sha256.Sum256(doc.JSON)
	if want := hex.EncodeToString(sum[:]); doc.Digest != want {
		t.Errorf("digest is %s, want %s", doc.Digest, want)
	}
	if last := doc.JSON[len(doc.JSON)-1]; last != '\n' {
		t.Errorf("JSON ends with %q, want a newline", last)
	}
	other := mustBuild(t, inputs(func(in *Inputs) { in.Config.MaxSize = 2 }))
	if other.Digest == doc.Digest {
		t.Error("different templates have one digest")
	}
}

func TestResourcesOfNoTemplate(t *testing.T) {
	if n := (Document{JSON: []byte("no")}).Resources(); n != 0 {
		t.Errorf("Resources() = %d, want 0", n)
	}
}

func TestCapacity(t *testing.T) {
	tests := map[string]struct {
		template string
		want     int
		ok       bool
	}{
		"built":           {string(mustBuild(t, goldenCases()["desired-set"]).JSON), 7, true},
		"number":          {`{"Resources":{"AgentGroup":{"Properties":{"DesiredCapacity":3}}}}`, 3, true},
		"zero":            {`{"Resources":{"AgentGroup":{"Properties":{"DesiredCapacity":"0"}}}}`, 0, true},
		"left out":        {`{"Resources":{"AgentGroup":{"Properties":{}}}}`, 0, false},
		"no group":        {`{"Resources":{}}`, 0, false},
		"an intrinsic":    {`{"Resources":{"AgentGroup":{"Properties":{"DesiredCapacity":{"Ref":"X"}}}}}`, 0, false},
		"no number":       {`{"Resources":{"AgentGroup":{"Properties":{"DesiredCapacity":"many"}}}}`, 0, false},
		"a fraction":      {`{"Resources":{"AgentGroup":{"Properties":{"DesiredCapacity":"1.5"}}}}`, 0, false},
		"no template":     {`[]`, 0, false},
		"nothing":         {``, 0, false},
		"bootstrap stack": {string(mustBootstrap(t).JSON), 0, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got, ok := Capacity([]byte(tt.template)); got != tt.want || ok != tt.ok {
				t.Errorf("Capacity() = %d, %t, want %d, %t", got, ok, tt.want, tt.ok)
			}
		})
	}
}

func TestCompact(t *testing.T) {
	doc := mustBuild(t, inputs(nil))
	compact := Document{JSON: doc.Compact()}
	if diff := cmp.Diff(decode(t, doc), decode(t, compact)); diff != "" {
		t.Errorf("Compact holds another document (-JSON +Compact):\n%s", diff)
	}
	if bytes.ContainsAny(compact.JSON, "\n") || len(compact.JSON) >= len(doc.JSON) {
		t.Errorf("%d of %d bytes are left", len(compact.JSON), len(doc.JSON))
	}
	if got := (Document{JSON: []byte("{")}).Compact(); string(got) != "{" {
		t.Errorf("Compact of broken JSON is %q, want it as it is", got)
	}
}
