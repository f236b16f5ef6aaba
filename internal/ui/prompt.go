package ui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

var (
	// ErrNotTerminal says that there is nobody to ask.
	ErrNotTerminal = errors.New("no terminal to ask on")
	// ErrMultiLine says that a secret was pasted with more than one line.
	ErrMultiLine = errors.New("more than one line was entered")
)

// Confirm asks a yes-or-no question on Err; an empty answer means byDefault, the end of input means no. It asks again
// after an answer that is neither. ErrNotTerminal when nobody can answer; ctx's error when ctx ends first.
func (s *Streams) Confirm(ctx context.Context, question string, byDefault bool) (bool, error) {
	choices := "[y/N]"
	if byDefault {
		choices = "[Y/n]"
	}
	for {
		answer, err := s.ask(ctx, question+" "+choices+" ")
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		switch strings.ToLower(answer) {
		case "":
			return byDefault, nil
		case "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		if _, err := fmt.Fprintln(s.Err, "Please answer yes or no."); err != nil {
			return false, err
		}
	}
}

// ConfirmName asks for name to be typed, for what cannot be undone. Any other answer, and the end of input, is a no.
// Errors are those of Confirm.
func (s *Streams) ConfirmName(ctx context.Context, question, name string) (bool, error) {
	answer, err := s.ask(ctx, fmt.Sprintf("%s Type %q to confirm: ", question, name))
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	return err == nil && answer == name, err
}

func (s *Streams) ask(ctx context.Context, prompt string) (string, error) {
	if !s.Interactive() {
		return "", ErrNotTerminal
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if _, err := io.WriteString(s.Err, prompt); err != nil {
		return "", err
	}
	answer, err := s.In.line(ctx)
	if err != nil {
		// The cursor still stands behind the prompt.
		_, _ = io.WriteString(s.Err, "\n")
	}
	return strings.TrimSpace(answer), err
}
