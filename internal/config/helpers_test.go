package config

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// complete is the least that Load accepts.
func complete(more ...string) []string {
	return append([]string{
		"SEMAPHORE_ORGANIZATION=acme",
		"SEMAPHORE_AGENT_STACK_NAME=ci",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=token",
	}, more...)
}

func file(content string) func(string) ([]byte, error) {
	return func(string) ([]byte, error) { return []byte(content), nil }
}

func mustLoad(t *testing.T, in Input) *Config {
	t.Helper()
	cfg, err := Load(in)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}
