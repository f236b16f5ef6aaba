// Package uitest shows what a person would see on a terminal: a screen that obeys the control sequences semagent
// uses and reports every other one. It is for tests and refuses to be a terminal emulator.
package uitest

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// Screen is a terminal of a given size with its scrollback. As common terminals do, it wraps long lines and wraps
// them anew when its width changes. The zero Screen is not usable. It is safe for use from several goroutines.
type Screen struct {
	mu            sync.Mutex
	frames        []string
	cursorHidden  bool
	colored       bool
	unknown       []string
	sequence      *regexp.Regexp
	width, height int
	rows          []row // scrollback first; the screen is the last height of them
	y, x          int   // y counts from the first of rows
}

type row struct {
	runes []rune
	wraps bool // goes on in the next row
}

// NewScreen makes an empty screen.
func NewScreen(width, height int) *Screen {
	sequence := regexp.MustCompile(`^\x1b\[([?0-9;]*)([@-~])`)
	return &Screen{sequence: sequence, width: width, height: height, rows: make([]row, 1)}
}

// Size is what the terminal tells a program that asks.
func (s *Screen) Size() (width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.width, s.height
}

// Text is all that can be seen, scrollback included, without trailing spaces and empty lines.
func (s *Screen) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return joined(s.rows)
}

// Visible is Text without the scrollback.
func (s *Screen) Visible() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return joined(s.rows[s.top():])
}

// Frames is what Text was after each write.
func (s *Screen) Frames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.frames)
}

// CursorHidden reports whether a program hid the cursor and did not show it again.
func (s *Screen) CursorHidden() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cursorHidden
}

// Colored reports whether any colour was used.
func (s *Screen) Colored() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.colored
}

// Unknown lists the control sequences that the screen could not obey, quoted.
func (s *Screen) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.unknown)
}

// Resize changes the size as dragging a window's corner does.
func (s *Screen) Resize(width, height int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var wrapped []row
	var line []rune
	y, x := 0, 0
	for i, r := range s.rows {
		if i == s.y {
			offset := len(line) + s.x
			y, x = len(wrapped)+offset/width, offset%width
		}
		line = append(line, r.runes...)
		if r.wraps {
			continue
		}
		wrapped = append(wrapped, wrap(line, width)...)
		line = nil
	}
	s.rows, s.width, s.height = wrapped, width, height
	s.moveTo(y, x)
}

func wrap(line []rune, width int) []row {
	var rows []row
	for len(line) > width {
		rows = append(rows, row{runes: line[:width:width], wraps: true})
		line = line[width:]
	}
	return append(rows, row{runes: line})
}

// Write obeys p. It never fails.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text := string(p); text != ""; {
		if match := s.sequence.FindStringSubmatch(text); match != nil {
			s.control(match[1], match[2])
			text = text[len(match[0]):]
			continue
		}
		r, n := utf8.DecodeRuneInString(text)
		s.put(r)
		text = text[n:]
	}
	s.frames = append(s.frames, joined(s.rows))
	return len(p), nil
}

func (s *Screen) control(parameters, final string) {
	switch {
	case final == "A":
		n, err := strconv.Atoi(parameters)
		if err != nil {
			n = 1
		}
		s.y = max(s.y-n, s.top())
	case final == "K" && parameters == "":
		r := &s.rows[s.y]
		r.runes = r.runes[:min(s.x, len(r.runes))]
		r.wraps = false
	case final == "J" && parameters == "":
		s.control("", "K")
		clear(s.rows[s.y+1:])
	case final == "m":
		s.colored = true
	case parameters == "?25" && (final == "l" || final == "h"):
		s.cursorHidden = final == "l"
	case parameters == "?2026" && (final == "l" || final == "h"):
	default:
		s.unknown = append(s.unknown, fmt.Sprintf("%q", "\x1b["+parameters+final))
	}
}

func (s *Screen) put(r rune) {
	switch r {
	case '\r':
		s.x = 0
	case '\n': // a terminal's driver makes CR LF of it
		s.moveTo(s.y+1, 0)
	default:
		if s.x == s.width {
			s.rows[s.y].wraps = true
			s.moveTo(s.y+1, 0)
		}
		runes := s.rows[s.y].runes
		for len(runes) <= s.x {
			runes = append(runes, ' ')
		}
		runes[s.x] = r
		s.rows[s.y].runes = runes
		s.x++
	}
}

func (s *Screen) moveTo(y, x int) {
	for len(s.rows) <= y {
		s.rows = append(s.rows, row{})
	}
	s.y, s.x = y, x
}

func (s *Screen) top() int { return max(len(s.rows)-s.height, 0) }

func joined(rows []row) string {
	lines := make([]string, len(rows))
	for i, r := range rows {
		lines[i] = strings.TrimRight(string(r.runes), " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
