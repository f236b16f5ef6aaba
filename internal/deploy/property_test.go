package deploy

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/google/go-cmp/cmp"
)

// detail is a ResourceChangeDetail as JSON, in the API's own names.
func detail(t *testing.T, text string) types.ResourceChangeDetail {
	t.Helper()
	var d types.ResourceChangeDetail
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		t.Fatalf("read %s: %v", text, err)
	}
	return d
}

func TestChange(t *testing.T) {
	const (
		edit    = `"ChangeSource":"DirectModification","Evaluation":"Static"`
		dynamic = `"ChangeSource":"DirectModification","Evaluation":"Dynamic"`
	)
	for name, tc := range map[string]struct {
		action        types.ChangeAction
		replacement   types.Replacement
		before, after string
		details       []string
		want          Replacement
		properties    []PropertyChange
	}{
		"an edit": {
			replacement: "False",
			details:     []string{`{` + edit + `,"Target":{"Path":"/Properties/A","Name":"A","Attribute":"Properties","AttributeChangeType":"Modify","BeforeValue":"1","AfterValue":"2","RequiresRecreation":"Never"}}`},
			want:        ReplaceNever,
			properties:  []PropertyChange{{Path: "/Properties/A", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever}},
		},
		"an edit and its cause are one property": {
			replacement: "False",
			details: []string{
				`{` + dynamic + `,"Target":{"Path":"/Properties/A","Attribute":"Properties","AttributeChangeType":"Modify","BeforeValue":"1","AfterValue":"{{changeSet:KNOWN_AFTER_APPLY}}","RequiresRecreation":"Never"}}`,
				`{"CausingEntity":"Topic.Arn","ChangeSource":"ResourceAttribute","Evaluation":"Static","Target":{"Path":"/Properties/A","Attribute":"Properties","AttributeChangeType":"Modify","BeforeValue":"1","AfterValue":"{{changeSet:KNOWN_AFTER_APPLY}}","RequiresRecreation":"Never"}}`,
			},
			want:       ReplaceNever,
			properties: []PropertyChange{{Path: "/Properties/A", Action: Modify, Before: "1", After: unknown, Replacement: ReplaceNever, Dynamic: true, Cause: "Topic.Arn"}},
		},
		"certain replacement": {
			replacement: "True",
			details: []string{
				`{"CausingEntity":"Name","ChangeSource":"ParameterReference","Evaluation":"Static","Target":{"Attribute":"Properties","Name":"TopicName","RequiresRecreation":"Always"}}`,
				`{` + dynamic + `,"Target":{"Attribute":"Properties","Name":"TopicName","RequiresRecreation":"Always"}}`,
			},
			want:       ReplaceWill,
			properties: []PropertyChange{{Path: "/Properties/TopicName", Action: Modify, Replacement: ReplaceWill, Cause: "Name"}},
		},
		"dynamic evaluation of what always recreates is a may, though CloudFormation says True": {
			replacement: "True",
			details:     []string{`{"CausingEntity":"Role.Arn","ChangeSource":"ResourceAttribute","Evaluation":"Dynamic","Target":{"Attribute":"Properties","Name":"RoleArn","RequiresRecreation":"Always"}}`},
			want:        ReplaceMay,
			properties:  []PropertyChange{{Path: "/Properties/RoleArn", Action: Modify, Replacement: ReplaceMay, Dynamic: true, Cause: "Role.Arn"}},
		},
		"conditional replacement limits its properties": {
			replacement: "Conditional",
			details:     []string{`{` + edit + `,"Target":{"Attribute":"Properties","Name":"A","RequiresRecreation":"Always"}}`},
			want:        ReplaceMay,
			properties:  []PropertyChange{{Path: "/Properties/A", Action: Modify, Replacement: ReplaceMay}},
		},
		"no word of replacement: the details decide": {
			details:    []string{`{` + edit + `,"Target":{"Attribute":"Properties","Name":"A","RequiresRecreation":"Conditionally"}}`},
			want:       ReplaceMay,
			properties: []PropertyChange{{Path: "/Properties/A", Action: Modify, Replacement: ReplaceMay}},
		},
		"the cause without values goes to the leaves that have them": {
			replacement: "False",
			details: []string{
				`{` + edit + `,"Target":{"Path":"/Properties/Tags/0/Value","Attribute":"Tags","AttributeChangeType":"Modify","BeforeValue":"1","AfterValue":"2","RequiresRecreation":"Never"}}`,
				`{"CausingEntity":"Stage","ChangeSource":"ParameterReference","Evaluation":"Static","Target":{"Attribute":"Tags","RequiresRecreation":"Never"}}`,
			},
			want:       ReplaceNever,
			properties: []PropertyChange{{Path: "/Properties/Tags/0/Value", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever, Cause: "Stage"}},
		},
		"an attribute without a path": {
			replacement: "False",
			details:     []string{`{` + edit + `,"Target":{"Attribute":"Metadata","RequiresRecreation":"Never"}}`},
			want:        ReplaceNever,
			properties:  []PropertyChange{{Path: "Metadata", Action: Modify, Replacement: ReplaceNever}},
		},
		"contexts give the leaves that details do not": {
			replacement: "True",
			before:      `{"Properties":{"List":[{"K":"a"},{"K":"b"}],"Same":"x","Number":1,"Gone":true},"Metadata":{"M":"1"}}`,
			after:       `{"Properties":{"List":[{"K":"a"},{"K":"c"}],"Same":"x","Number":2,"New":{"Deep":["d"]}},"Metadata":{"M":"2"}}`,
			details: []string{
				`{` + edit + `,"Target":{"Attribute":"Properties","Name":"List","RequiresRecreation":"Always"}}`,
				`{` + edit + `,"Target":{"Path":"/Properties/Number","Attribute":"Properties","AttributeChangeType":"Modify","BeforeValue":"1","AfterValue":"2","RequiresRecreation":"Never"}}`,
			},
			want: ReplaceWill,
			properties: []PropertyChange{
				{Path: "/Metadata/M", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever},
				{Path: "/Properties/Gone", Action: Remove, Before: "true", Replacement: ReplaceNever},
				{Path: "/Properties/List/1/K", Action: Modify, Before: "b", After: "c", Replacement: ReplaceWill},
				{Path: "/Properties/New", Action: Add, After: `{"Deep":["d"]}`, Replacement: ReplaceNever},
				{Path: "/Properties/Number", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever},
			},
		},
		"a value not known yet is no change that details do not name": {
			replacement: "False",
			before:      `{"Properties":{"A":"1","B":"1"}}`,
			after:       `{"Properties":{"A":"2","B":"{{changeSet:KNOWN_AFTER_APPLY}}"}}`,
			details:     []string{`{` + edit + `,"Target":{"Path":"/Properties/A","BeforeValue":"1","AfterValue":"2"}}`},
			want:        ReplaceNever,
			properties:  []PropertyChange{{Path: "/Properties/A", Action: Modify, Before: "1", After: "2", Replacement: ReplaceNever}},
		},
		"a value cut short is whole in the context": {
			replacement: "False",
			before:      `{"Properties":{"A":"short"}}`,
			after:       `{"Properties":{"A":"` + strings.Repeat("long", 100) + `"}}`,
			details:     []string{`{` + edit + `,"Target":{"Path":"/Properties/A","BeforeValue":"short","AfterValue":"` + strings.Repeat("long", 50) + `..."}}`},
			want:        ReplaceNever,
			properties:  []PropertyChange{{Path: "/Properties/A", Action: Modify, Before: "short", After: strings.Repeat("long", 100), Replacement: ReplaceNever}},
		},
		"addition":                    {action: "Add", after: `{"Properties":{"A":"1"}}`, want: ReplaceNever},
		"addition called replacement": {action: "Add", replacement: "True", after: `{"Properties":{"A":"1"}}`, want: ReplaceNever},
		"a context that is no JSON":   {replacement: "False", before: `{"Prop`, after: `{"Properties":{}}`, want: ReplaceNever},
		"a detail without a target":   {replacement: "False", details: []string{`{` + edit + `}`}, want: ReplaceNever},
		"a replacement all the same":  {replacement: "True", want: ReplaceWill},
	} {
		t.Run(name, func(t *testing.T) {
			raw := types.ResourceChange{Action: tc.action, Replacement: tc.replacement, LogicalResourceId: aws.String("R")}
			if raw.Action == "" {
				raw.Action = types.ChangeActionModify
			}
			if tc.before != "" {
				raw.BeforeContext = &tc.before
			}
			if tc.after != "" {
				raw.AfterContext = &tc.after
			}
			for _, d := range tc.details {
				raw.Details = append(raw.Details, detail(t, d))
			}
			got := newChange(&raw)
			if got.Replacement != tc.want {
				t.Errorf("replacement %s, want %s", got.Replacement, tc.want)
			}
			if d := cmp.Diff(tc.properties, got.Properties); d != "" {
				t.Errorf("properties (-want +got):\n%s", d)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	valued := []Change{
		{LogicalID: "B", Replacement: ReplaceNever, Properties: []PropertyChange{{Path: "/Properties/Tags/0/Value", Before: "1", After: "2"}}},
	}
	plain := []Change{
		{LogicalID: "A", Properties: []PropertyChange{{Path: "/Properties/Name"}}},
		{LogicalID: "B", Properties: []PropertyChange{{Path: "Tags"}, {Path: "/Properties/Tags"}, {Path: "/Properties/Other"}}},
	}
	got, added := merge(valued, plain)
	want := []Change{
		{LogicalID: "A", Incomplete: true, Properties: []PropertyChange{{Path: "/Properties/Name"}}},
		{LogicalID: "B", Replacement: ReplaceNever, Properties: []PropertyChange{{Path: "/Properties/Tags/0/Value", Before: "1", After: "2"}, {Path: "/Properties/Other"}}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("merged (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"A"}, added); d != "" {
		t.Errorf("added (-want +got):\n%s", d)
	}
}

func TestOutputsOf(t *testing.T) {
	want := map[string]any{
		"Arn":   map[string]any{"Value": map[string]any{"Fn::GetAtt": []any{"Role", "Arn"}}, "Export": map[string]any{"Name": "x"}},
		"Name":  map[string]any{"Value": map[string]any{"Ref": "Role"}},
		"Place": map[string]any{"Value": map[string]any{"Fn::Sub": "${AWS::Region}"}},
	}
	for name, template := range map[string]string{
		"JSON": `{"Outputs":{"Arn":{"Value":{"Fn::GetAtt":["Role","Arn"]},"Export":{"Name":"x"}},"Name":{"Value":{"Ref":"Role"}},"Place":{"Value":{"Fn::Sub":"${AWS::Region}"}}}}`,
		"YAML": "Outputs:\n  Arn:\n    Value: !GetAtt Role.Arn\n    Export: {Name: x}\n  Name:\n    Value: !Ref Role\n  Place:\n    Value: !Sub ${AWS::Region}\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := outputsOf([]byte(template))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if d := diff("/Outputs", want, got); d != nil {
				t.Errorf("differs from itself: %v", d)
			}
		})
	}
	for name, template := range map[string]string{"JSON": `{"Outputs":`, "YAML": "Outputs: [\n"} {
		if _, err := outputsOf([]byte(template)); err == nil {
			t.Errorf("%s: no error for a broken template", name)
		}
	}
	if got, err := outputsOf([]byte("Resources: {}\n")); err != nil || len(got) > 0 {
		t.Errorf("a template without outputs gives %v, %v", got, err)
	}
}

func FuzzDiff(f *testing.F) {
	f.Add(`{"A":[1,{"B":"c"}]}`, `{"A":[1,{"B":"d"},2],"E":null}`)
	f.Add(`{"A":{"Ref":"X"}}`, `{"A":{"Ref":"Y"}}`)
	f.Add(`{"A":"1"}`, `{"A":1}`)
	f.Fuzz(func(t *testing.T, before, after string) {
		b, a := contextOf(&before), contextOf(&after)
		if b == nil || a == nil {
			return
		}
		if d := diff("", b, b); d != nil {
			t.Errorf("%s differs from itself: %v", before, d)
		}
		there, back := diff("", b, a), diff("", a, b)
		if len(there) != len(back) {
			t.Errorf("%d changes one way, %d the other", len(there), len(back))
		}
		for _, c := range there {
			if c.Action == Modify && c.Before == c.After {
				t.Errorf("%s: nothing changed in %q", c.Path, c.Before)
			}
		}
	})
}
