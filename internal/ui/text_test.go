package ui_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/semagent/semagent/internal/ui"
)

func TestTruncate(t *testing.T) {
	const coloured = "\x1b[31mabcdef\x1b[0m"
	tests := map[string]struct {
		text     string
		width    int
		ellipsis string
		want     string
	}{
		"fits":                 {"abc", 3, "…", "abc"},
		"too long":             {"abcdef", 4, "…", "abc…"},
		"ASCII ellipsis":       {"abcdef", 4, "...", "a..."},
		"no room for ellipsis": {"abcdef", 2, "...", "ab"},
		"no room at all":       {"abcdef", 0, "…", ""},
		"negative":             {"abcdef", -3, "…", ""},
		"runes stay whole":     {"ääääää", 4, "…", "äää…"},
		"colour fits":          {coloured, 6, "…", coloured},
		"colour is ended":      {coloured, 4, "…", "\x1b[31mabc…\x1b[0m"},
		"empty":                {"", 5, "…", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ui.Truncate(tt.text, tt.width, tt.ellipsis); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzTruncate(f *testing.F) {
	f.Add("abcdef", 3)
	f.Add("\x1b[31mabc\x1b[0m", 2)
	f.Add("\x1b[", -4)
	f.Add("ä\xff", 1)
	f.Fuzz(func(t *testing.T, text string, width int) {
		got := ui.Truncate(text, width, "…")
		if w := ui.Width(got); w > max(width, 0) {
			t.Errorf("%q is %d columns wide, not %d", got, w, width)
		}
		if utf8.ValidString(text) && !utf8.ValidString(got) {
			t.Errorf("%q splits a rune", got)
		}
		if ui.Width(text) <= width && got != text {
			t.Errorf("%q became %q without need", text, got)
		}
	})
}

func TestClean(t *testing.T) {
	tests := map[string]struct{ text, want string }{
		"plain":            {"Resource creation Initiated", "Resource creation Initiated"},
		"lines":            {"one\r\n  two\tthree \n", "one two three"},
		"terminal command": {"a\x1b]0;title\x07b\x1b[2Jc", "a]0;titleb[2Jc"},
		"eight-bit":        {"a\u009b2Jb", "a2Jb"},
		"reordering":       {"a\u202eb\u2066c", "abc"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ui.Clean(tt.text); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[2J\n\tb")
	f.Fuzz(func(t *testing.T, text string) {
		got := ui.Clean(text)
		if strings.ContainsAny(got, "\x1b\x07\r\n\t\u009b\u202e") {
			t.Errorf("%q still commands", got)
		}
		if ui.Clean(got) != got {
			t.Errorf("cleaning %q again changes it", got)
		}
	})
}

func TestWrap(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"empty":     {"", nil},
		"fits":      {"one two", []string{"one two"}},
		"breaks":    {"one two three four", []string{"one two", "three four"}},
		"long word": {"a arn:aws:iam::1:role/x b", []string{"a", "arn:aws:iam::1:role/x", "b"}},
		"exactly":   {"12345 1234 x", []string{"12345 1234", "x"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ui.Wrap(tt.text, 10); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPad(t *testing.T) {
	if got := ui.Pad("\x1b[1mä\x1b[0m", 3); got != "\x1b[1mä\x1b[0m  " {
		t.Errorf("got %q", got)
	}
	if got := ui.Pad("abcd", 3); got != "abcd" {
		t.Errorf("got %q", got)
	}
}
