package uitest

import (
	"strings"
	"testing"
)

func TestScreen(t *testing.T) {
	tests := map[string]struct {
		written string
		want    string
	}{
		"lines":                   {"a\nb\r\nc", "a\nb\nc"},
		"overwrite":               {"hello\rJ", "Jello"},
		"wrap at the width":       {"0123456789ab", "0123456789\nab"},
		"full line does not wrap": {"0123456789\nab", "0123456789\nab"},
		"cursor up and clear":     {"one\ntwo\n\x1b[2Aup\x1b[K\n", "up\ntwo"},
		"clear below":             {"one\ntwo\nthree\n\x1b[2A\x1b[J", "one"},
		"up stops at the top":     {"one\n\x1b[9AO", "One"},
		"colour takes no room":    {"\x1b[31mred\x1b[0m", "red"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := NewScreen(10, 4)
			if _, err := s.Write([]byte(tt.written)); err != nil {
				t.Fatal(err)
			}
			if got := s.Text(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(s.Unknown()) > 0 {
				t.Errorf("unknown sequences: %v", s.Unknown())
			}
		})
	}
}

func TestScreenScrolls(t *testing.T) {
	s := NewScreen(10, 2)
	_, _ = s.Write([]byte("one\ntwo\nthree"))
	if got := s.Visible(); got != "two\nthree" {
		t.Errorf("visible: %q", got)
	}
	_, _ = s.Write([]byte("\x1b[5A\rX"))
	if got := s.Text(); got != "one\nXwo\nthree" {
		t.Errorf("the cursor left the screen: %q", got)
	}
}

func TestScreenResizeWraps(t *testing.T) {
	s := NewScreen(10, 5)
	_, _ = s.Write([]byte("0123456789ab\nsecond\n"))
	s.Resize(6, 5)
	if got := s.Text(); got != "012345\n6789ab\nsecond" {
		t.Errorf("narrower: %q", got)
	}
	s.Resize(20, 5)
	if got := s.Text(); got != "0123456789ab\nsecond" {
		t.Errorf("wider: %q", got)
	}
	_, _ = s.Write([]byte("x"))
	if got := s.Text(); !strings.HasSuffix(got, "second\nx") {
		t.Errorf("the cursor moved: %q", got)
	}
}

func TestScreenReportsUnknown(t *testing.T) {
	s := NewScreen(10, 5)
	_, _ = s.Write([]byte("\x1b[2J"))
	if len(s.Unknown()) != 1 {
		t.Errorf("got %v", s.Unknown())
	}
}
