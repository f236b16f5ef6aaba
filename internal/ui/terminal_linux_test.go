package ui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/ui"
)

func TestEachStreamForItself(t *testing.T) {
	tty := openPTY(t)
	s := ui.New(strings.NewReader(""), &bytes.Buffer{}, tty.user, nil)
	if s.Out.IsTerminal() || !s.Err.IsTerminal() {
		t.Errorf("out is a terminal: %v; err is one: %v", s.Out.IsTerminal(), s.Err.IsTerminal())
	}
	if s.Interactive() {
		t.Error("nobody types, and yet somebody can be asked")
	}
	if width, height := s.Out.Size(); width != 0 || height != 0 {
		t.Errorf("a buffer of %d by %d", width, height)
	}
	tty.resize(t, 132, 43)
	if width, height := s.Err.Size(); width != 132 || height != 43 {
		t.Errorf("got %d by %d", width, height)
	}
	tty.resize(t, 0, 0)
	if width, height := s.Err.Size(); width != 80 || height != 24 {
		t.Errorf("a terminal that does not tell its size: %d by %d", width, height)
	}
}

// until waits for a condition that another process's end of a terminal brings about; there is nothing to select on.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !condition(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

type answer struct {
	text string
	err  error
}

func readSecret(ctx context.Context, p pty) <-chan answer {
	s := ui.New(p.user, p.user, p.user, nil)
	done := make(chan answer, 1)
	go func() {
		text, err := s.ReadSecret(ctx, "Registration token: ")
		done <- answer{text, err}
	}()
	return done
}

func TestReadSecretOnARealTerminal(t *testing.T) {
	tests := map[string]struct {
		typed string
		want  answer
	}{
		"secret": {"s3cret\r", answer{"s3cret", nil}},
		"Ctrl-C": {"s3c\x03", answer{"", context.Canceled}},
		"Ctrl-D": {"\x04", answer{"", io.EOF}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			p := openPTY(t)
			done := readSecret(t.Context(), p)
			until(t, "hiding what is typed", func() bool { return !p.echoes(t) })
			if _, err := p.keyboard.WriteString(tt.typed); err != nil {
				t.Fatal(err)
			}
			got := <-done
			if got.text != tt.want.text || !errors.Is(got.err, tt.want.err) {
				t.Errorf("got %q, %v", got.text, got.err)
			}
			if !p.echoes(t) {
				t.Error("the terminal still hides what is typed")
			}
			screen := make([]byte, 256)
			n, err := p.keyboard.Read(screen)
			if err != nil {
				t.Fatal(err)
			}
			if shown := string(screen[:n]); !strings.Contains(shown, "Registration token: ") || strings.Contains(shown, "s3c") {
				t.Errorf("the screen shows %q", shown)
			}
		})
	}
}

func TestReadSecretRestoresTheTerminalWhenInterrupted(t *testing.T) {
	p := openPTY(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := readSecret(ctx, p)
	until(t, "hiding what is typed", func() bool { return !p.echoes(t) })
	cancel()
	if got := <-done; !errors.Is(got.err, context.Canceled) {
		t.Errorf("got %q, %v", got.text, got.err)
	}
	if !p.echoes(t) {
		t.Error("the terminal still hides what is typed")
	}
}
