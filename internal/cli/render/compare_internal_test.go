package render

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// compared is what compareText finds, as path: before → after.
func compared(name, before, after string) []string {
	var found []string
	for _, d := range compareText(name, before, after, ">") {
		found = append(found, d.path+": "+show(d.before)+" → "+show(d.after))
	}
	return found
}

func TestCompareText(t *testing.T) {
	tests := map[string]struct {
		name, before, after string
		want                []string
	}{
		"strings":              {"", "a", "b", []string{`: "a" → "b"`}},
		"equal":                {"", "a", "a", nil},
		"only formatting":      {"", `{"a": [1, 2]}`, `{"a":[1,2]}`, nil},
		"order of members":     {"", `{"a":1,"b":2}`, `{"b":2,"a":1}`, nil},
		"leaf":                 {"", `{"a":{"b":true}}`, `{"a":{"b":false}}`, []string{`a.b: true → false`}},
		"added and removed":    {"", `{"a":1}`, `{"b":null}`, []string{`a: 1 → (none)`, `b: (none) → null`}},
		"type":                 {"", `{"a":"1"}`, `{"a":1}`, []string{`a: "1" → 1`}},
		"object to list":       {"", `{"a":{}}`, `{"a":[]}`, []string{`a: {} → []`}},
		"large numbers":        {"", `[9007199254740993]`, `[9007199254740992]`, []string{`[0]: 9007199254740993 → 9007199254740992`}},
		"element put in front": {"", `["b","c"]`, `["a","b","c"]`, []string{`[0]: (none) → "a"`}},
		"element taken out":    {"", `["a","b","c"]`, `["a","c"]`, []string{`[1]: "b" → (none)`}},
		"element exchanged":    {"", `["a","b","c"]`, `["a","x","c"]`, []string{`[1]: "b" → "x"`}},
		"inside an element":    {"", `[{"a":1,"b":2}]`, `[{"a":1,"b":3}]`, []string{`[0].b: 2 → 3`}},
		"named elements": {
			"", `[{"Key":"a","Value":"1"},{"Key":"b","Value":"2"}]`, `[{"Key":"c","Value":"3"},{"Key":"b","Value":"4"}]`,
			[]string{`[a]: {"Key":"a","Value":"1"} → (none)`, `[b].Value: "2" → "4"`, `[c]: (none) → {"Key":"c","Value":"3"}`},
		},
		"order of named elements": {
			"", `[{"Sid":"a"},{"Sid":"b"},{"Sid":"c"}]`, `[{"Sid":"b"},{"Sid":"a"}]`,
			[]string{`[c]: {"Sid":"c"} → (none)`, `[order]: ["a","b"] → ["b","a"]`},
		},
		"a name used twice": {
			"", `[{"Key":"a","V":1},{"Key":"a","V":2}]`, `[{"Key":"a","V":1},{"Key":"a","V":3}]`, []string{`[1].V: 2 → 3`},
		},
		"JSON in a string":  {"", `{"a":"{\"b\":1}"}`, `{"a":"{\"b\":2}"}`, []string{`a > b: 1 → 2`}},
		"JSON on one side":  {"", `{"a":1}`, `a`, []string{`: '{"a":1}' → "a"`}},
		"not quite JSON":    {"", `{"a":1} x`, `{"a":2} x`, []string{`: '{"a":1} x' → '{"a":2} x'`}},
		"names with a dot":  {"", `{"a.b":{"c d":1}}`, `{"a.b":{"c d":2}}`, []string{`[a.b][c d]: 1 → 2`}},
		"known after apply": {"", "a", knownAfterApply, []string{`: "a" → (known after apply)`}},
		"partly known":      {"", "a", "arn:" + knownAfterApply, []string{`: "a" → "arn:(known after apply)"`}},
		"user data":         {"UserData", "ZWNobyBvbmU=", "ZWNobyB0d28=", []string{`: "echo one" → "echo two"`}},
		"user data inside":  {"", `{"UserData":"ZWNobyBvbmU="}`, `{"UserData":"ZWNobyB0d28="}`, []string{`UserData: "echo one" → "echo two"`}},
		"binary user data":  {"UserData", "H4sIAAAA", "H4sIAAAB", []string{`: "H4sIAAAA" → "H4sIAAAB"`}},
		"base64 elsewhere":  {"", "ZWNobyBvbmU=", "ZWNobyB0d28=", []string{`: "ZWNobyBvbmU=" → "ZWNobyB0d28="`}},
		"a null":            {"", `{"a":null}`, `{"a":0}`, []string{`a: null → 0`}},
		"deep JSON strings": {"", `["[\"[1]\"]"]`, `["[\"[2]\"]"]`, []string{`[0][0][0]: 1 → 2`}},
		"both empty":        {"", "", "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if difference := cmp.Diff(tt.want, compared(tt.name, tt.before, tt.after)); difference != "" {
				t.Error(difference)
			}
		})
	}
}

func FuzzCompareText(f *testing.F) {
	f.Add(`{"a":[1,{"Key":"x"}]}`, `{"a":[{"Key":"y"},2]}`)
	f.Add(`["{\"a\":1}"]`, `["{\"a\":2}"]`)
	f.Add("a\nb", "a\nc")
	f.Fuzz(func(t *testing.T, before, after string) {
		if found := compareText("", before, before, ">"); len(found) > 0 {
			t.Errorf("%q differs from itself: %v", before, found)
		}
		same := before == after
		if b, a := structure(before), structure(after); b != nil && a != nil {
			same = reflect.DeepEqual(decoded(b), decoded(a))
		}
		if found := compareText("", before, after, ">"); same != (len(found) == 0) {
			t.Errorf("%q and %q: same is %v, but %v", before, after, same, found)
		}
	})
}

// decoded replaces the strings that hold JSON by what they hold.
func decoded(value any) any {
	switch v := value.(type) {
	case string:
		if part := structure(v); part != nil {
			return struct{ json any }{decoded(part)}
		}
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = decoded(item)
		}
		return list
	case map[string]any:
		object := map[string]any{}
		for name, item := range v {
			object[name] = decoded(item)
		}
		return object
	}
	return value
}

// Applying the hunks to before must give after, whatever they are.
func FuzzHunks(f *testing.F) {
	f.Add("a b c d", "a x c")
	f.Add("", "a")
	f.Add("a a a", "a a")
	f.Fuzz(func(t *testing.T, one, other string) {
		before, after := strings.Split(one, " "), strings.Split(other, " ")
		var built []string
		at := 0
		for _, h := range hunks(before, after) {
			built = append(built, before[at:h.before]...)
			if len(built) != h.after {
				t.Fatalf("%v: the hunk does not begin where %d lines of after are done", h, len(built))
			}
			built = append(built, after[h.after:h.afterEnd]...)
			at = h.beforeEnd
		}
		if built = append(built, before[at:]...); !slices.Equal(built, after) {
			t.Errorf("built %q, want %q", built, after)
		}
	})
}

func TestHunksAreShortest(t *testing.T) {
	got := hunks(strings.Fields("a b c d e f"), strings.Fields("a c d x e f g"))
	want := []hunk{{1, 2, 1, 1}, {4, 4, 3, 4}, {6, 6, 6, 7}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHunksOfLongLists(t *testing.T) {
	before := append([]string{"head"}, slices.Repeat([]string{"a", "b"}, 3000)...)
	after := append([]string{"head"}, slices.Repeat([]string{"b", "c"}, 3000)...)
	if got, want := hunks(before, after), []hunk{{1, 6001, 1, 6001}}; !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestPropertyName(t *testing.T) {
	tests := map[string]string{
		"/Properties/Tags/0/Value":   "Tags[0].Value",
		"/Properties/TopicName":      "TopicName",
		"/Properties":                "Properties",
		"/Metadata/Build":            "Metadata.Build",
		"/Properties/A/b~1c~0d":      "A.b/c~d",
		"/Properties/A/example.com":  "A[example.com]",
		"/Properties/Variables//x":   "Variables[].x",
		"Tags":                       "Tags",
		"":                           "",
		"/DeletionPolicy":            "DeletionPolicy",
		"/Properties/Rules/-1":       "Rules.-1",
		"/Properties/Rules/10/Ports": "Rules[10].Ports",
	}
	for path, want := range tests {
		if got := propertyName(path); got != want {
			t.Errorf("%q: got %q, want %q", path, got, want)
		}
	}
}
