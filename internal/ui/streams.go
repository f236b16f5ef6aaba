// Package ui draws strings on the three standard streams: colour, tables, prompts, a live block. It decides once,
// per stream, what the other end can show. It refuses to know what the strings mean, and it never ends the process.
package ui

import (
	"io"
	"strings"
	"sync"

	"golang.org/x/term"
)

// Streams are the standard streams of one command. Out carries the answer and may be piped; Err carries
// progress, prompts and warnings.
type Streams struct {
	In  *Input
	Out *Output
	Err *Output
}

// New looks at each stream for itself: a stream is a terminal if it has a file descriptor that is one. environ holds
// NAME=VALUE, of which NO_COLOR, TERM, LC_ALL, LC_CTYPE and LANG count.
func New(in io.Reader, out, err io.Writer, environ []string) *Streams {
	env := environment(environ)
	return &Streams{
		In:  newInput(in),
		Out: newOutput(out, sizeOf(out), env),
		Err: newOutput(err, sizeOf(err), env),
	}
}

// NewTerminal treats all three streams as terminals of the size that size reports (columns, rows), whatever is
// behind them. It is for tests, and for a terminal that is carried over something that is not a file.
func NewTerminal(in io.Reader, out, err io.Writer, environ []string, size func() (int, int)) *Streams {
	env := environment(environ)
	input := newInput(in)
	input.terminal = true
	return &Streams{In: input, Out: newOutput(out, size, env), Err: newOutput(err, size, env)}
}

// DisableColor turns colour off on both outputs, as --no-color asks. Call it before anything is written.
func (s *Streams) DisableColor() {
	s.Out.color, s.Err.color = false, false
}

// Interactive reports whether a person can be asked: what is typed comes from a terminal, and so does what is read
// on Err, where prompts go.
func (s *Streams) Interactive() bool { return s.In.terminal && s.Err.IsTerminal() }

// Output is one stream that people may read. Writes are safe from several goroutines.
type Output struct {
	mu    sync.Mutex
	w     io.Writer
	size  func() (int, int) // nil when it is not a terminal
	dumb  bool              // a terminal that knows no control sequences
	color bool
	utf8  bool
}

func newOutput(w io.Writer, size func() (int, int), env map[string]string) *Output {
	dumb := env["TERM"] == "dumb"
	return &Output{
		w:     w,
		size:  size,
		dumb:  dumb,
		color: size != nil && !dumb && env["NO_COLOR"] == "",
		utf8:  speaksUTF8(env),
	}
}

// Write passes p on as it is.
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.w.Write(p)
}

// IsTerminal reports whether a person is likely to be watching.
func (o *Output) IsTerminal() bool { return o.size != nil }

// Repaints reports whether what was written can be painted over: a terminal that is not TERM=dumb.
func (o *Output) Repaints() bool { return o.size != nil && !o.dumb }

// Size is the terminal's size now, in columns and rows; 0, 0 when it is not a terminal. A terminal that does not
// tell its size counts as 80 by 24.
func (o *Output) Size() (width, height int) {
	if o.size == nil {
		return 0, 0
	}
	width, height = o.size()
	if width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// Style colours strings for this stream; it leaves them alone where colour is off.
func (o *Output) Style() Style { return Style{on: o.color} }

// Symbols are the signs that this stream's character set has.
func (o *Output) Symbols() Symbols {
	if o.utf8 {
		return unicodeSymbols()
	}
	return asciiSymbols()
}

type descriptor interface{ Fd() uintptr }

func sizeOf(stream any) func() (int, int) {
	file, ok := stream.(descriptor)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return func() (int, int) {
		width, height, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return 0, 0
		}
		return width, height
	}
}

// environment keeps the last value of a name that occurs twice, as os/exec does.
func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		env[name] = value
	}
	return env
}

// speaksUTF8 follows POSIX: the first of the three that is not empty decides.
func speaksUTF8(env map[string]string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if locale := strings.ToLower(env[name]); locale != "" {
			return strings.Contains(locale, "utf-8") || strings.Contains(locale, "utf8")
		}
	}
	return false
}
