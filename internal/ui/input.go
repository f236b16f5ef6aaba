package ui

import (
	"bytes"
	"context"
	"errors"
	"io"

	"golang.org/x/term"
)

// Input is the stream that a person types on or a pipe fills. It is not safe for use from several goroutines.
type Input struct {
	r        io.Reader
	terminal bool
	raw      func() (restore func() error, err error) // nil where there is no echo to turn off

	pending []byte     // read and not yet used
	reading chan chunk // a read that is under way, nil when there is none
	err     error      // how the stream ended
}

type chunk struct {
	data []byte
	err  error
}

func newInput(r io.Reader) *Input {
	input := &Input{r: r}
	file, ok := r.(descriptor)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return input
	}
	input.terminal = true
	input.raw = func() (func() error, error) {
		state, err := term.MakeRaw(int(file.Fd()))
		if err != nil {
			return nil, err
		}
		return func() error { return term.Restore(int(file.Fd()), state) }, nil
	}
	return input
}

// IsTerminal reports whether a person is typing.
func (i *Input) IsTerminal() bool { return i.terminal }

// Read gives what the prompts have not used.
func (i *Input) Read(p []byte) (int, error) {
	if len(i.pending) == 0 && i.reading == nil && i.err == nil {
		return i.r.Read(p)
	}
	if err := i.fill(context.Background()); err != nil && len(i.pending) == 0 {
		return 0, err
	}
	n := copy(p, i.pending)
	i.pending = i.pending[n:]
	return n, nil
}

// line is the next line without its end. A last line that has no end counts; after it comes io.EOF.
func (i *Input) line(ctx context.Context) (string, error) {
	for {
		if end := bytes.IndexByte(i.pending, '\n'); end >= 0 {
			line := string(bytes.TrimSuffix(i.pending[:end], []byte("\r")))
			i.pending = i.pending[end+1:]
			return line, nil
		}
		if i.err != nil {
			break
		}
		if err := i.more(ctx); err != nil {
			return "", err
		}
	}
	line := string(i.pending)
	i.pending = nil
	if line != "" && errors.Is(i.err, io.EOF) {
		return line, nil
	}
	return "", i.err
}

// fill makes sure that something is pending, or says why nothing will be.
func (i *Input) fill(ctx context.Context) error {
	for len(i.pending) == 0 {
		if i.err != nil {
			return i.err
		}
		if err := i.more(ctx); err != nil {
			return err
		}
	}
	return nil
}

// more waits for one read, or for ctx. A read of a terminal cannot be called off, so one that was given up stays
// under way, and whoever asks next gets what it brings: nothing typed is lost.
func (i *Input) more(ctx context.Context) error {
	if i.reading == nil {
		i.reading = make(chan chunk, 1)
		go readChunk(i.r, i.reading)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case got := <-i.reading:
		i.reading = nil
		i.pending = append(i.pending, got.data...)
		i.err = got.err
		return nil
	}
}

func readChunk(r io.Reader, done chan<- chunk) {
	buffer := make([]byte, 4096)
	n, err := r.Read(buffer)
	done <- chunk{data: buffer[:n], err: err}
}
