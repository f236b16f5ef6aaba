package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"time"
)

// pack writes a zip that holds the file at source as an executable named bootstrap, which is what a provided
// runtime starts. Nothing in it depends on the clock, the umask or the source's own name.
func pack(source, output string) error {
	body, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	var archive bytes.Buffer
	if err := writeZip(&archive, body); err != nil {
		return fmt.Errorf("zip %s: %w", source, err)
	}
	return os.WriteFile(output, archive.Bytes(), 0o644)
}

func writeZip(w io.Writer, body []byte) error {
	archive := zip.NewWriter(w)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	header := &zip.FileHeader{
		Name:     "bootstrap",
		Method:   zip.Deflate,
		Modified: time.Date(1980, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	header.SetMode(0o755)
	file, err := archive.CreateHeader(header)
	if err != nil {
		return err
	}
	if _, err := file.Write(body); err != nil {
		return err
	}
	return archive.Close()
}
