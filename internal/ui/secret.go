package ui

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ReadSecret asks on Err for one line that is not shown while it is typed. The terminal is as before when it returns,
// also when ctx ends or Ctrl-C is pressed, which is context.Canceled. ErrNotTerminal when nobody can
// answer; ErrMultiLine when several lines were pasted; io.EOF when input ended before anything was typed.
func (s *Streams) ReadSecret(ctx context.Context, prompt string) (secret string, err error) {
	if !s.Interactive() {
		return "", ErrNotTerminal
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	restore := func() error { return nil }
	if s.In.raw != nil {
		if restore, err = s.In.raw(); err != nil {
			return "", fmt.Errorf("hide what is typed: %w", err)
		}
	}
	defer func() {
		err = errors.Join(err, restore())
		_, _ = io.WriteString(s.Err, "\n")
	}()
	if _, err := io.WriteString(s.Err, prompt); err != nil {
		return "", err
	}
	return s.In.secret(ctx)
}

func (i *Input) secret(ctx context.Context) (string, error) {
	var edit lineEdit
	for {
		if err := i.fill(ctx); err != nil {
			return "", err
		}
		used, state := edit.feed(i.pending)
		i.pending = i.pending[used:]
		switch state {
		case lineOpen:
		case lineCanceled:
			return "", context.Canceled
		case lineEnded:
			return "", io.EOF
		case lineComplete:
			if err := i.dropRest(); err != nil {
				return "", err
			}
			return string(edit.text), nil
		}
	}
}

// dropRest forgets what came in one piece with a secret: it may belong to the secret, and must not answer the next
// question.
func (i *Input) dropRest() error {
	rest := bytes.TrimSpace(i.pending)
	i.pending = nil
	if len(rest) > 0 {
		return ErrMultiLine
	}
	return nil
}

type lineState int

const (
	lineOpen     lineState = iota
	lineComplete           // Enter, or Ctrl-D after some text
	lineCanceled           // Ctrl-C
	lineEnded              // Ctrl-D before any text
)

// lineEdit does for a terminal in raw mode what the terminal does otherwise: erase, kill, interrupt.
type lineEdit struct {
	text   []byte
	escape []byte // a control sequence of which more may come, as arrow keys and pasting send
}

const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	backspace = 0x08
	ctrlU     = 0x15
	del       = 0x7f
)

// feed takes what was typed up to the end of the line and says how much that was.
func (l *lineEdit) feed(typed []byte) (used int, state lineState) {
	for n, key := range typed {
		if state := l.press(key); state != lineOpen {
			return n + 1, state
		}
	}
	return len(typed), lineOpen
}

func (l *lineEdit) press(key byte) lineState {
	if len(l.escape) > 0 && key >= 0x20 {
		l.skip(key)
		return lineOpen
	}
	l.escape = nil
	switch key {
	case '\r', '\n':
		return lineComplete
	case ctrlC:
		return lineCanceled
	case ctrlD:
		if len(l.text) == 0 {
			return lineEnded
		}
		return lineComplete
	case backspace, del:
		_, size := utf8.DecodeLastRune(l.text)
		l.text = l.text[:len(l.text)-size]
	case ctrlU:
		l.text = nil
	case escape:
		l.escape = []byte{key}
	default:
		if key >= 0x20 {
			l.text = append(l.text, key)
		}
	}
	return lineOpen
}

// skip drops the rest of a control sequence: ESC [ parameters final, ESC O final, or ESC and one key.
func (l *lineEdit) skip(key byte) {
	l.escape = append(l.escape, key)
	if len(l.escape) == 2 && (key == '[' || key == 'O') {
		return
	}
	if len(l.escape) > 2 && key < 0x40 {
		return
	}
	l.escape = nil
}
