package ui_test

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/semagent/semagent/internal/ui/uitest"
)

// pty is a real terminal: what is written to keyboard is typed on it, what is read from it is its screen; user is
// the end that a program gets.
type pty struct {
	keyboard *os.File
	user     *os.File
}

func openPTY(t *testing.T) pty {
	t.Helper()
	p, err := uitest.OpenPTY()
	if err != nil {
		t.Fatal(err)
	}
	keyboard, user := p.Keyboard, p.User
	t.Cleanup(func() {
		_ = user.Close()
		_ = keyboard.Close()
	})
	return pty{keyboard: keyboard, user: user}
}

func (p pty) resize(t *testing.T, width, height uint16) {
	t.Helper()
	if err := (&uitest.PTY{Keyboard: p.keyboard}).Resize(width, height); err != nil {
		t.Fatal(err)
	}
}

func (p pty) echoes(t *testing.T) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(p.user.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
