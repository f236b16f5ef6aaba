package ui_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/semagent/semagent/internal/ui"
)

// typing is a terminal on which typed is typed; shown is what its person sees.
func typing(typed io.Reader) (s *ui.Streams, shown *bytes.Buffer) {
	shown = &bytes.Buffer{}
	return ui.NewTerminal(typed, io.Discard, shown, nil, size(80, 24)), shown
}

func TestConfirm(t *testing.T) {
	tests := map[string]struct {
		typed     string
		byDefault bool
		want      bool
		asked     int
	}{
		"yes":                  {"yes\n", false, true, 1},
		"y":                    {"y\n", false, true, 1},
		"capitals and spaces":  {"  Yes \r\n", false, true, 1},
		"no":                   {"no\n", true, false, 1},
		"default no":           {"\n", false, false, 1},
		"default yes":          {"\n", true, true, 1},
		"end of input is a no": {"", true, false, 1},
		"line without an end":  {"y", false, true, 1},
		"asks again":           {"sure\ny\n", false, true, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, shown := typing(strings.NewReader(tt.typed))
			got, err := s.Confirm(t.Context(), "Deploy?", tt.byDefault)
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v", got, err)
			}
			if asked := strings.Count(shown.String(), "Deploy? ["); asked != tt.asked {
				t.Errorf("asked %d times: %q", asked, shown)
			}
		})
	}
}

func TestConfirmShowsTheDefault(t *testing.T) {
	for byDefault, want := range map[bool]string{false: "Deploy? [y/N] ", true: "Deploy? [Y/n] "} {
		s, shown := typing(strings.NewReader("y\n"))
		if _, err := s.Confirm(t.Context(), "Deploy?", byDefault); err != nil {
			t.Fatal(err)
		}
		if shown.String() != want {
			t.Errorf("got %q, want %q", shown, want)
		}
	}
}

func TestConfirmName(t *testing.T) {
	tests := map[string]struct {
		typed string
		want  bool
	}{
		"the name":     {"fleet\n", true},
		"another":      {"fleets\n", false},
		"other case":   {"Fleet\n", false},
		"yes":          {"yes\n", false},
		"nothing":      {"\n", false},
		"end of input": {"", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, shown := typing(strings.NewReader(tt.typed))
			got, err := s.ConfirmName(t.Context(), "This deletes the stack.", "fleet")
			if err != nil || got != tt.want {
				t.Errorf("got %v, %v", got, err)
			}
			if !strings.HasPrefix(shown.String(), `This deletes the stack. Type "fleet" to confirm: `) {
				t.Errorf("asked %q", shown)
			}
		})
	}
}

func TestNobodyToAsk(t *testing.T) {
	var shown bytes.Buffer
	s := ui.New(strings.NewReader("y\n"), io.Discard, &shown, nil)
	_, confirm := s.Confirm(t.Context(), "Deploy?", true)
	_, name := s.ConfirmName(t.Context(), "Delete.", "y")
	_, secret := s.ReadSecret(t.Context(), "Token: ")
	for _, err := range []error{confirm, name, secret} {
		if !errors.Is(err, ui.ErrNotTerminal) {
			t.Errorf("got %v", err)
		}
	}
	if shown.Len() > 0 {
		t.Errorf("asked nevertheless: %q", shown.String())
	}
	if rest, err := io.ReadAll(s.In); string(rest) != "y\n" || err != nil {
		t.Errorf("input was used: %q, %v", rest, err)
	}
}

func TestPromptsDoNotBeginAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, shown := typing(strings.NewReader("y\n"))
	_, confirm := s.Confirm(ctx, "Deploy?", false)
	_, secret := s.ReadSecret(ctx, "Token: ")
	if !errors.Is(confirm, context.Canceled) || !errors.Is(secret, context.Canceled) {
		t.Errorf("got %v and %v", confirm, secret)
	}
	if shown.Len() > 0 {
		t.Errorf("asked nevertheless: %q", shown)
	}
}

func TestFailingStreams(t *testing.T) {
	s, _ := typing(iotest.ErrReader(errBroken))
	if _, err := s.Confirm(t.Context(), "Deploy?", true); !errors.Is(err, errBroken) {
		t.Errorf("broken input: %v", err)
	}
	mute := ui.NewTerminal(strings.NewReader("y\n"), io.Discard, brokenWriter{}, nil, size(80, 24))
	if _, err := mute.Confirm(t.Context(), "Deploy?", true); !errors.Is(err, errBroken) {
		t.Errorf("broken output: %v", err)
	}
	if _, err := mute.ReadSecret(t.Context(), "Token: "); !errors.Is(err, errBroken) {
		t.Errorf("broken output: %v", err)
	}
}

// A read of a terminal cannot be called off. What it brings later belongs to the next question.
func TestInterruptedPromptLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		keyboard, typed := io.Pipe()
		s, shown := typing(keyboard)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := s.Confirm(ctx, "First?", false)
			done <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		go func() { _, _ = typed.Write([]byte("y\nrest")); _ = typed.Close() }()
		if got, err := s.Confirm(t.Context(), "Second?", false); !got || err != nil {
			t.Errorf("got %v, %v", got, err)
		}
		if rest, err := io.ReadAll(s.In); string(rest) != "rest" || err != nil {
			t.Errorf("the rest is %q, %v", rest, err)
		}
		if got, want := shown.String(), "First? [y/N] \nSecond? [y/N] "; got != want {
			t.Errorf("shown %q, want %q", got, want)
		}
	})
}

func TestSeveralQuestionsFromOneRead(t *testing.T) {
	s, _ := typing(strings.NewReader("y\nfleet\n"))
	yes, err := s.Confirm(t.Context(), "Deploy?", false)
	if !yes || err != nil {
		t.Errorf("got %v, %v", yes, err)
	}
	if named, err := s.ConfirmName(t.Context(), "Delete.", "fleet"); !named || err != nil {
		t.Errorf("got %v, %v", named, err)
	}
}

func TestReadSecret(t *testing.T) {
	tests := map[string]struct {
		typed string
		want  string
		err   error
	}{
		"Enter":                   {"s3cret\r", "s3cret", nil},
		"pasted with its newline": {"s3cret\r\n", "s3cret", nil},
		"erased":                  {"s3cretx\x7f\x7ft\r", "s3cret", nil},
		"erased by rune":          {"aä\x08b\r", "ab", nil},
		"erased more than all":    {"a\x7f\x7fb\r", "b", nil},
		"killed":                  {"wrong\x15right\r", "right", nil},
		"arrow keys":              {"a\x1b[Db\x1bOCc\r", "abc", nil},
		"bracketed paste":         {"\x1b[200~s3cret\x1b[201~\r", "s3cret", nil},
		"control characters":      {"a\x00\x07b\r", "ab", nil},
		"empty":                   {"\r", "", nil},
		"Ctrl-D after text":       {"s3cret\x04", "s3cret", nil},
		"Ctrl-D":                  {"\x04", "", io.EOF},
		"Ctrl-C":                  {"s3c\x03", "", context.Canceled},
		"end of input":            {"s3c", "", io.EOF},
		"several lines":           {"one\rtwo\r", "", ui.ErrMultiLine},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for read, typed := range map[string]io.Reader{
				"at once": strings.NewReader(tt.typed),
				"by byte": iotest.OneByteReader(strings.NewReader(tt.typed)),
			} {
				if read == "by byte" && errors.Is(tt.err, ui.ErrMultiLine) {
					continue // typed, not pasted: the second line is somebody's next answer
				}
				s, shown := typing(typed)
				got, err := s.ReadSecret(t.Context(), "Token: ")
				if got != tt.want || !errors.Is(err, tt.err) {
					t.Errorf("%s: got %q, %v", read, got, err)
				}
				if shown.String() != "Token: \n" {
					t.Errorf("%s: shown %q", read, shown)
				}
			}
		})
	}
}
