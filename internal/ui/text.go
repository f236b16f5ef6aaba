package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const escape = '\x1b'

// Width is the number of columns that s takes: colour codes take none, every other rune takes one.
func Width(s string) int {
	width := 0
	for len(s) > 0 {
		if n := codeLen(s); n > 0 {
			s = s[n:]
			continue
		}
		_, n := utf8.DecodeRuneInString(s)
		s = s[n:]
		width++
	}
	return width
}

// Truncate shortens s to at most width columns, ellipsis included, and never splits a rune or a colour code. A
// shortened string that was coloured ends with the code that turns colour off.
func Truncate(s string, width int, ellipsis string) string {
	if Width(s) <= width {
		return s
	}
	room := width - Width(ellipsis)
	if room < 0 {
		ellipsis, room = "", max(width, 0)
	}
	var kept strings.Builder
	coloured := false
	for rest := s; room > 0 || codeLen(rest) > 0; {
		n := codeLen(rest)
		if n > 0 {
			coloured = true
		} else {
			_, n = utf8.DecodeRuneInString(rest)
			room--
		}
		kept.WriteString(rest[:n])
		rest = rest[n:]
	}
	kept.WriteString(ellipsis)
	if coloured {
		kept.WriteString("\x1b[0m")
	}
	return kept.String()
}

// Pad adds spaces to the right of s until it takes width columns.
func Pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-Width(s), 0))
}

// Wrap breaks plain text at spaces into lines of at most width columns. A word that is longer has a line of its own
// and stays whole, so that it can be copied. Empty text has no lines.
func Wrap(s string, width int) []string {
	var lines []string
	for word := range strings.FieldsSeq(s) {
		last := len(lines) - 1
		if last >= 0 && Width(lines[last])+1+Width(word) <= width {
			lines[last] += " " + word
			continue
		}
		lines = append(lines, word)
	}
	return lines
}

// Clean makes text from elsewhere safe to show on one line: white space becomes single spaces, and control
// characters, with which text could command the terminal or reorder itself, are dropped.
func Clean(s string) string {
	kept := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(kept), " ")
}

// codeLen is the length of the control sequence (ECMA-48 CSI) that s begins with, 0 if it begins with none.
func codeLen(s string) int {
	if len(s) < 2 || s[0] != escape || s[1] != '[' {
		return 0
	}
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] >= 0x40 && s[i] <= 0x7e:
			return i + 1
		case s[i] < 0x20 || s[i] > 0x7e: // no part of a sequence: this one was cut off
			return i
		}
	}
	return len(s)
}
