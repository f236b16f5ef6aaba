package render_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

func diffs() map[string]render.Diff {
	warned := updateFixture()
	warned.Changes = warned.Changes[:1]
	warned.Warnings = []string{"early validation: the name\x1b[2J is taken", "values are incomplete"}
	nothing := changeSet()
	nothing.Executable = "UNAVAILABLE"
	return map[string]render.Diff{
		"create":         {ChangeSet: createFixture()},
		"create-verbose": {ChangeSet: createFixture(), Verbose: true},
		"update":         {ChangeSet: updateFixture()},
		"replace":        {ChangeSet: replaceFixture()},
		"drift":          {ChangeSet: driftFixture()},
		"rare":           {ChangeSet: rareFixture()},
		"remove":         {ChangeSet: removeFixture()},
		"structured":     {ChangeSet: structuredFixture()},
		"outputs-only":   {ChangeSet: outputsFixture()},
		"tags-only":      {ChangeSet: tagsFixture()},
		"empty":          {ChangeSet: nothing},
		"widening":       {ChangeSet: warned, Widening: widening()},
	}
}

func TestDiffText(t *testing.T) {
	for name, diff := range diffs() {
		t.Run(name, func(t *testing.T) {
			out, text := pipe()
			if err := diff.Text(out); err != nil {
				t.Fatal(err)
			}
			golden(t, "diff/"+name+".txt", text.String())
		})
	}
}

func TestDiffTextInASCII(t *testing.T) {
	var text bytes.Buffer
	diff := render.Diff{ChangeSet: replaceFixture(), Widening: widening()}
	if err := diff.Text(ui.New(nil, &text, &text, nil).Out); err != nil {
		t.Fatal(err)
	}
	golden(t, "diff/ascii.txt", text.String())
	if i := strings.IndexFunc(text.String(), func(r rune) bool { return r > 0x7e }); i >= 0 {
		t.Errorf("not ASCII from %q on", text.String()[i:])
	}
}

// Colour repeats what the text says: without its codes the coloured text is the plain one.
func TestDiffTextInColour(t *testing.T) {
	for name, diff := range diffs() {
		var coloured bytes.Buffer
		s := ui.NewTerminal(nil, &coloured, &coloured, []string{"LANG=C.UTF-8"}, func() (int, int) { return 80, 24 })
		if err := diff.Text(s.Out); err != nil {
			t.Fatal(err)
		}
		plain, text := pipe()
		if err := diff.Text(plain); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(coloured.String(), "\x1b[1m") {
			t.Errorf("%s: no colour", name)
		}
		if got := withoutColour(coloured.String()); got != text.String() {
			t.Errorf("%s: the coloured text says something else:\n%s", name, got)
		}
	}
}

func withoutColour(text string) string {
	for _, code := range []string{"0", "1", "2", "31", "32", "33", "36"} {
		text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
	}
	return text
}

func TestDiffReportsAFailedWrite(t *testing.T) {
	diff := render.Diff{ChangeSet: updateFixture()}
	if err := diff.Text(ui.New(nil, brokenWriter{}, brokenWriter{}, nil).Out); !errors.Is(err, errBroken) {
		t.Errorf("Text: %v", err)
	}
	if err := diff.JSON(brokenWriter{}); !errors.Is(err, errBroken) {
		t.Errorf("JSON: %v", err)
	}
}

var errBroken = errors.New("broken pipe")

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestSummarize(t *testing.T) {
	tests := map[string]struct {
		changes []deploy.Change
		want    string
	}{
		"nothing":     {nil, "0 to add, 0 to change, 0 to replace, 0 to remove"},
		"replacement": {replaceFixture().Changes, "0 to add, 0 to change, 2 to replace, 0 to remove, 3 that may be replaced"},
		"record":      {driftFixture().Changes, "1 to add, 1 to change, 0 to replace, 0 to remove, 1 to record"},
		"import":      {removeFixture().Changes, "0 to add, 0 to change, 0 to replace, 4 to remove, 1 to import"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := render.Summarize(tt.changes).String(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
