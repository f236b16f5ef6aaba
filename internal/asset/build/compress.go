package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
)

// compress writes the file at source with gzip. The header has neither a name nor a time.
func compress(source, output string) error {
	body, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return fmt.Errorf("compress %s: %w", source, err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("compress %s: %w", source, err)
	}
	return os.WriteFile(output, b.Bytes(), 0o644)
}
