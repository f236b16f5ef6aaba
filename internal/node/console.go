package node

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
)

// NewLog logs JSON to stderr, and to the console of the machine below root: what stands there is kept by EC2 and can be
// read when the machine is gone (GetConsoleOutput). A console that cannot be written is left alone.
func NewLog(stderr io.Writer, root string) *slog.Logger {
	outputs := []io.Writer{stderr}
	console, err := os.OpenFile(filepath.Join("/", root, "/dev/console"), os.O_WRONLY|os.O_APPEND|syscall.O_NOCTTY, 0)
	if err == nil {
		outputs = append(outputs, console)
	}
	return slog.New(slog.NewJSONHandler(everywhere(outputs), nil))
}

// everywhere writes to each writer whatever becomes of the others.
type everywhere []io.Writer

// Write never fails: a log that is full must not keep a machine from leaving.
func (e everywhere) Write(line []byte) (int, error) {
	for _, w := range e {
		_, _ = w.Write(line)
	}
	return len(line), nil
}
