package cfn

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWalk(t *testing.T) {
	deps := map[string][]string{"b": {"a"}, "c": {"b", "elsewhere"}, "e": {"d"}}
	for name, c := range map[string]struct {
		bad    string
		stop   bool
		failed []string
		ran    []string
	}{
		"all":                  {"", true, nil, []string{"a", "b", "c", "d", "e"}},
		"dependents left out":  {"a", false, []string{"a"}, []string{"a", "d", "e"}},
		"everything stops":     {"d", true, []string{"d"}, []string{"a", "d"}},
		"the rest still comes": {"b", false, []string{"b"}, []string{"a", "b", "d", "e"}},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var ran []string
			done := make(chan struct{})
			failed := walk(t.Context(), []string{"e", "d", "c", "b", "a"}, func(id string) []string { return deps[id] }, c.stop,
				func(id string) func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					ran = append(ran, id)
					return func(context.Context) error {
						if id == c.bad {
							close(done)
							return errors.New("bad")
						}
						if c.stop && c.bad != "" {
							<-done // so that nothing starts before the failure is known
						}
						return nil
					}
				})
			slices.Sort(ran)
			if d := cmp.Diff(c.failed, failed); d != "" {
				t.Errorf("failed (-want +got):\n%s", d)
			}
			if name == "everything stops" && slices.Contains(ran, "e") {
				t.Errorf("%v ran after a failure", ran)
			} else if d := cmp.Diff(c.ran, ran); d != "" && name != "everything stops" {
				t.Errorf("ran (-want +got):\n%s", d)
			}
		})
	}
}

func TestLeaves(t *testing.T) {
	before := map[string]any{"same": "1", "gone": "x", "list": []any{"a", "b"}, "longer": []any{"a"}, "deep": map[string]any{"n": "1"}}
	after := map[string]any{"same": true, "new": "<y>", "list": []any{"a", "c"}, "longer": []any{"a", "b"}, "deep": map[string]any{"n": unknown{"Ref A"}}}
	before["same"] = "true"
	var got []string
	for _, l := range leaves(before, after, "/P") {
		line := l.path + " " + l.kind
		if l.before != nil {
			line += " " + *l.before
		}
		if l.after != nil {
			line += " -> " + *l.after
		}
		got = append(got, line)
	}
	want := []string{
		"/P/deep/n Modify 1 -> " + knownAfterApply, "/P/gone Remove x", "/P/list/1 Modify b -> c", `/P/longer Modify ["a"] -> ["a","b"]`, "/P/new Add -> <y>",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func FuzzParseTemplate(f *testing.F) {
	for _, seed := range []string{
		`{"Resources":{"A":{"Type":"AWS::SNS::Topic","Properties":{"DisplayName":{"Fn::Sub":"${B.C} ${!D}"}}}}}`,
		`{"Resources":{"A":{"Type":"T","DependsOn":["B"]}},"Outputs":{"O":{"Value":{"Fn::GetAtt":"A.B"}}}}`, `[null]`, `{"Resources":{"A":null}}`, ``,
	} {
		f.Add(seed)
	}
	e := New(Options{Partition: "aws", Account: "1", Region: "r"})
	f.Fuzz(func(t *testing.T, body string) {
		parsed, err := parseTemplate(body)
		if err != nil {
			return
		}
		if len(parsed.resources) == 0 {
			t.Error("a template without resources was accepted")
		}
		if _, err := e.plan(&stack{name: "s", id: "arn"}, parsed, map[string]parameter{}, nil); err != nil && err.Error() == "" {
			t.Error("an error without a message")
		}
	})
}
