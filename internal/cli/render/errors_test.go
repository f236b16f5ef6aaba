package render_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/ui"
)

func TestError(t *testing.T) {
	tests := map[string]struct {
		err        error
		hint, want string
	}{
		"error alone": {
			errors.New(`find AMI "semagent-x": none in eu-west-1`), "",
			"semagent: error: find AMI \"semagent-x\": none in eu-west-1\n",
		},
		"with a hint": {
			errors.New("no bootstrap stack"), "semagent bootstrap",
			"semagent: error: no bootstrap stack\nsemagent: hint: semagent bootstrap\n",
		},
		"several lines": {
			errors.Join(errors.New("A must be a number"), errors.New("B is required")), "set both:\nsemagent config\n",
			"semagent: error: A must be a number\n  B is required\nsemagent: hint: set both:\n  semagent config\n",
		},
		"an empty line": {
			errors.New("one\n\ntwo"), "",
			"semagent: error: one\n\n  two\n",
		},
		"a terminal command": {
			errors.New("bad name \x1b[2J\r\nnext"), "",
			"semagent: error: bad name \ufffd[2J\n  next\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, text := pipe()
			if err := render.Error(out, tt.err, tt.hint); err != nil {
				t.Fatal(err)
			}
			if text.String() != tt.want {
				t.Errorf("got %q, want %q", text, tt.want)
			}
		})
	}
}

func TestErrorInColour(t *testing.T) {
	var text bytes.Buffer
	s := ui.NewTerminal(nil, &text, &text, nil, func() (int, int) { return 80, 24 })
	if err := render.Error(s.Err, errBroken, "retry"); err != nil {
		t.Fatal(err)
	}
	if err := render.Warning(s.Err, "isolated subnet"); err != nil {
		t.Fatal(err)
	}
	want := "semagent: \x1b[31merror:\x1b[0m broken pipe\nsemagent: \x1b[36mhint:\x1b[0m retry\n" +
		"semagent: \x1b[33mwarning:\x1b[0m isolated subnet\n"
	if text.String() != want {
		t.Errorf("got %q", text.String())
	}
}

func TestErrorJSON(t *testing.T) {
	tests := map[string]struct {
		hint string
		code int
		want string
	}{
		"no hint": {"", 1, `{"error":"a <b> \"c\"\nd","hint":null,"code":1}` + "\n"},
		"hint":    {"semagent config", 2, `{"error":"a <b> \"c\"\nd","hint":"semagent config","code":2}` + "\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			if err := render.ErrorJSON(&text, errors.New("a <b> \"c\"\nd"), tt.hint, tt.code); err != nil {
				t.Fatal(err)
			}
			if text.String() != tt.want {
				t.Errorf("got %s", text.String())
			}
		})
	}
}

func TestErrorsReportAFailedWrite(t *testing.T) {
	broken := ui.New(nil, brokenWriter{}, brokenWriter{}, nil).Err
	for name, err := range map[string]error{
		"Error":     render.Error(broken, errors.New("x"), ""),
		"ErrorJSON": render.ErrorJSON(brokenWriter{}, errors.New("x"), "", 1),
		"Warning":   render.Warning(broken, "x"),
	} {
		if !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
