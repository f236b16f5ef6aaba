package ui_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/ui"
)

func size(width, height int) func() (int, int) {
	return func() (int, int) { return width, height }
}

func terminal(environ ...string) *ui.Streams {
	return ui.NewTerminal(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, environ, size(80, 24))
}

func TestColor(t *testing.T) {
	const red = "\x1b[31mx\x1b[0m"
	tests := map[string]struct {
		streams *ui.Streams
		want    string
	}{
		"terminal":          {terminal(), red},
		"NO_COLOR":          {terminal("NO_COLOR=1"), "x"},
		"empty NO_COLOR":    {terminal("NO_COLOR="), red},
		"TERM=dumb":         {terminal("TERM=dumb"), "x"},
		"TERM=xterm":        {terminal("TERM=xterm"), red},
		"last value counts": {terminal("NO_COLOR=1", "NO_COLOR="), red},
		"not a terminal":    {ui.New(strings.NewReader(""), &bytes.Buffer{}, &bytes.Buffer{}, nil), "x"},
		"malformed environ": {terminal("NO_COLOR"), red},
		"a name it ignores": {terminal("COLOR=0"), red},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := tt.streams.Err.Style().Red("x"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestDisableColor(t *testing.T) {
	s := terminal()
	s.DisableColor()
	if got := s.Out.Style().Bold("x") + s.Err.Style().Bold("x"); got != "xx" {
		t.Errorf("got %q", got)
	}
}

func TestStyleLeavesNothingAlone(t *testing.T) {
	if got := terminal().Out.Style().Green(""); got != "" {
		t.Errorf("got %q", got)
	}
}

func TestSymbols(t *testing.T) {
	tests := map[string]struct {
		environ []string
		want    string
	}{
		"LANG":                        {[]string{"LANG=en_US.UTF-8"}, "→"},
		"written otherwise":           {[]string{"LANG=C.utf8"}, "→"},
		"nothing":                     {nil, "->"},
		"POSIX":                       {[]string{"LANG=POSIX"}, "->"},
		"LC_ALL before LANG":          {[]string{"LANG=en_US.UTF-8", "LC_ALL=C"}, "->"},
		"LC_CTYPE before LANG":        {[]string{"LANG=C", "LC_CTYPE=UTF-8"}, "→"},
		"an empty one does not count": {[]string{"LC_ALL=", "LANG=de_DE.UTF-8"}, "→"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := terminal(tt.environ...).Out.Symbols().Arrow; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestAFileIsNoTerminal(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if s := ui.New(file, file, file, nil); s.Out.IsTerminal() || s.In.IsTerminal() {
		t.Error("a file counts as a terminal")
	}
}
