// Command docgen writes the documents that come from the code: the settings table in README.md, the JSON Schema
// of the settings file, and the table of parity with the reference stack. With -check it only compares, and fails on a difference.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"

	"github.com/semagent/semagent/internal/config"
)

const (
	begin = "<!-- settings: made by `make generate` -->\n"
	end   = "<!-- end of settings -->\n"
)

func main() {
	check := flag.Bool("check", false, "compare instead of writing")
	flag.Parse()
	if err := run(*check); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func run(check bool) error {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		return err
	}
	readme, err = withTable(readme, config.Markdown())
	if err != nil {
		return err
	}
	page, err := parity()
	if err != nil {
		return err
	}
	for path, want := range map[string][]byte{
		"docs/parity.md":            page,
		"README.md":                 readme,
		"docs/settings.schema.json": config.JSONSchema(),
	} {
		if err := put(path, want, check); err != nil {
			return err
		}
	}
	return nil
}

func withTable(readme []byte, table string) ([]byte, error) {
	head, rest, ok := bytes.Cut(readme, []byte(begin))
	if !ok {
		return nil, fmt.Errorf("README.md lacks the line %q", begin)
	}
	_, tail, ok := bytes.Cut(rest, []byte(end))
	if !ok {
		return nil, fmt.Errorf("README.md lacks the line %q", end)
	}
	return bytes.Join([][]byte{head, []byte(begin), []byte(table), []byte(end), tail}, nil), nil
}

func put(path string, want []byte, check bool) error {
	have, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if bytes.Equal(have, want) {
		return nil
	}
	if check {
		return fmt.Errorf("%s differs from what the code says: run make generate", path)
	}
	return os.WriteFile(path, want, 0o644)
}
