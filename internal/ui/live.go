package ui

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// Live repaints a block of lines at the bottom of a terminal. On a stream that cannot be painted over it writes
// nothing at all. It is not safe for use from several goroutines.
type Live struct {
	out     *Output
	painted []string // the block as it stands on the screen
	width   int      // of the terminal when it was painted
	height  int
	open    bool // the cursor is hidden
}

// NewLive makes an empty block; nothing is written before the first Frame.
func NewLive(out *Output) *Live { return &Live{out: out} }

const (
	hideCursor = "\x1b[?25l"
	showCursor = "\x1b[?25h"
	// A terminal that knows synchronized output (private mode 2026) shows a frame only when it is whole; others
	// ignore the mode.
	beginFrame = "\x1b[?2026h"
	endFrame   = "\x1b[?2026l"
	clearRight = "\x1b[K"
	clearBelow = "\x1b[J"
)

// Frame replaces the block. Lines are cut to the terminal's width; where there are more than its height they are
// cut from the top, so the last lines stay visible. Each frame is one write, and an unchanged one is none.
func (l *Live) Frame(lines []string) error {
	if !l.out.Repaints() {
		return nil
	}
	width, height := l.out.Size()
	lines = l.fit(lines, width, height)
	if l.open && width == l.width && height == l.height && slices.Equal(lines, l.painted) {
		return nil
	}
	var frame strings.Builder
	frame.WriteString(beginFrame)
	if !l.open {
		frame.WriteString(hideCursor)
	}
	frame.WriteString(l.home(width, height))
	for _, line := range lines {
		frame.WriteString(line + clearRight + "\r\n")
	}
	frame.WriteString(clearBelow + endFrame)
	l.open, l.painted, l.width, l.height = true, lines, width, height
	_, err := io.WriteString(l.out, frame.String())
	return err
}

// Done takes the block away, leaves final in its place, uncut, and shows the cursor again. After it the Live is
// as new.
func (l *Live) Done(final []string) error {
	if !l.out.Repaints() {
		return nil
	}
	width, height := l.out.Size()
	var last strings.Builder
	last.WriteString(beginFrame + l.home(width, height) + clearBelow)
	for _, line := range final {
		last.WriteString(line + "\r\n")
	}
	last.WriteString(endFrame)
	if l.open {
		last.WriteString(showCursor)
	}
	l.open, l.painted = false, nil
	_, err := io.WriteString(l.out, last.String())
	return err
}

// fit leaves the last column free, because a terminal that has written into it may or may not have wrapped, and
// the last row, because the cursor waits there.
func (l *Live) fit(lines []string, width, height int) []string {
	if extra := len(lines) - (height - 1); extra > 0 {
		lines = lines[extra:]
	}
	fitted := make([]string, len(lines))
	for i, line := range lines {
		fitted[i] = Truncate(line, width-1, l.out.Symbols().Ellipsis)
	}
	return fitted
}

// home moves the cursor to the block's first row. A terminal that became narrower has wrapped the old lines.
func (l *Live) home(width, height int) string {
	rows := 0
	for _, line := range l.painted {
		rows += max((Width(line)+width-1)/width, 1)
	}
	rows = min(rows, height-1)
	if rows == 0 {
		return "\r"
	}
	return fmt.Sprintf("\r\x1b[%dA", rows)
}
