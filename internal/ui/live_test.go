package ui_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/ui"
	"github.com/semagent/semagent/internal/ui/uitest"
)

func onScreen(t *testing.T, width, height int) (*ui.Live, *uitest.Screen) {
	t.Helper()
	screen := uitest.NewScreen(width, height)
	t.Cleanup(func() {
		if len(screen.Unknown()) > 0 {
			t.Errorf("unknown sequences: %v", screen.Unknown())
		}
	})
	s := ui.NewTerminal(nil, io.Discard, screen, []string{"LANG=C.UTF-8"}, screen.Size)
	return ui.NewLive(s.Err), screen
}

func frame(t *testing.T, live *ui.Live, lines ...string) {
	t.Helper()
	if err := live.Frame(lines); err != nil {
		t.Fatal(err)
	}
}

func sees(t *testing.T, screen *uitest.Screen, want ...string) {
	t.Helper()
	if got := screen.Text(); got != strings.Join(want, "\n") {
		t.Errorf("the screen shows:\n%s\nwant:\n%s", got, strings.Join(want, "\n"))
	}
}

func TestLiveRepaints(t *testing.T) {
	live, screen := onScreen(t, 20, 10)
	fmt.Fprint(screen, "$ semagent deploy\n")
	frame(t, live, "one", "two long", "three")
	sees(t, screen, "$ semagent deploy", "one", "two long", "three")
	frame(t, live, "1", "two")
	sees(t, screen, "$ semagent deploy", "1", "two")
	frame(t, live, "1", "2", "3", "4")
	sees(t, screen, "$ semagent deploy", "1", "2", "3", "4")
	if !screen.CursorHidden() {
		t.Error("the cursor is not hidden")
	}
	if err := live.Done([]string{"all done"}); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(screen, "$ ")
	sees(t, screen, "$ semagent deploy", "all done", "$")
	if screen.CursorHidden() {
		t.Error("the cursor stays hidden")
	}
}

func TestLiveDoesNotFlicker(t *testing.T) {
	live, screen := onScreen(t, 20, 10)
	for i := range 5 {
		frame(t, live, fmt.Sprintf("frame %d", i), "same")
	}
	if len(screen.Frames()) != 5 {
		t.Errorf("%d writes for 5 frames", len(screen.Frames()))
	}
	for i, shown := range screen.Frames() {
		if want := fmt.Sprintf("frame %d\nsame", i); shown != want {
			t.Errorf("write %d left %q on the screen", i, shown)
		}
	}
	frame(t, live, "frame 4", "same")
	if len(screen.Frames()) != 5 {
		t.Error("an unchanged frame was written")
	}
}

func TestLiveFitsTheScreen(t *testing.T) {
	live, screen := onScreen(t, 8, 4)
	frame(t, live, "cut from the top", "0123456", "01234567", "\x1b[31m0123456789\x1b[0m")
	sees(t, screen, "0123456", "012345…", "012345…")
	frame(t, live, "a", "b", "c", "d", "e")
	sees(t, screen, "c", "d", "e")
	if screen.Text() != screen.Visible() {
		t.Error("the block scrolled")
	}
}

func TestLiveFollowsTheSize(t *testing.T) {
	live, screen := onScreen(t, 30, 10)
	fmt.Fprint(screen, "$ semagent deploy\n")
	lines := []string{"a line of 28 columns, nearly", "short"}
	frame(t, live, lines...)
	screen.Resize(20, 10)
	frame(t, live, lines...)
	sees(t, screen, "$ semagent deploy", "a line of 28 colum…", "short")
	screen.Resize(40, 10)
	frame(t, live, lines...)
	sees(t, screen, "$ semagent deploy", "a line of 28 columns, nearly", "short")
	screen.Resize(40, 2)
	frame(t, live, lines...)
	if got := screen.Visible(); got != "short" {
		t.Errorf("on two rows: %q", got)
	}
}

func TestLiveDoneIsUncut(t *testing.T) {
	live, screen := onScreen(t, 10, 3)
	frame(t, live, "working")
	final := []string{"1", "2", "3", "4", "a reason longer than a line"}
	if err := live.Done(final); err != nil {
		t.Fatal(err)
	}
	sees(t, screen, "1", "2", "3", "4", "a reason l", "onger than", " a line")
	frame(t, live, "again")
	if !strings.HasSuffix(screen.Text(), " a line\nagain") {
		t.Errorf("after Done:\n%s", screen.Text())
	}
}

func TestLiveIsSilentWhereItCannotRepaint(t *testing.T) {
	var out bytes.Buffer
	streams := map[string]*ui.Streams{
		"pipe":      ui.New(nil, &out, &out, nil),
		"TERM=dumb": ui.NewTerminal(nil, &out, &out, []string{"TERM=dumb"}, size(80, 24)),
	}
	for name, s := range streams {
		live := ui.NewLive(s.Err)
		frame(t, live, "one")
		if err := live.Done([]string{"two"}); err != nil || out.Len() > 0 {
			t.Errorf("%s: wrote %q, %v", name, out.String(), err)
		}
	}
}

func TestLiveReportsAFailedWrite(t *testing.T) {
	s := ui.NewTerminal(nil, io.Discard, brokenWriter{}, nil, size(80, 24))
	live := ui.NewLive(s.Err)
	if err := live.Frame([]string{"one"}); !errors.Is(err, errBroken) {
		t.Errorf("Frame: %v", err)
	}
	if err := live.Done(nil); !errors.Is(err, errBroken) {
		t.Errorf("Done: %v", err)
	}
}
