package uitest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// PTY is a real terminal: what is written to Keyboard is typed on it, what is read from it is its screen; User is
// the end that a program gets.
type PTY struct {
	Keyboard *os.File
	User     *os.File
}

// OpenPTY opens a terminal of the system.
func OpenPTY() (*PTY, error) {
	keyboard, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	fd := int(keyboard.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, errors.Join(err, keyboard.Close())
	}
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, errors.Join(err, keyboard.Close())
	}
	user, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, errors.Join(err, keyboard.Close())
	}
	return &PTY{Keyboard: keyboard, User: user}, nil
}

// Resize tells the terminal its size.
func (p *PTY) Resize(width, height uint16) error {
	return unix.IoctlSetWinsize(int(p.Keyboard.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: width, Row: height})
}
