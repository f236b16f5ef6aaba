package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const root = "../../.."

// TestBuildIsReproducible builds from this tree, and from a copy elsewhere under an environment that would change
// the binary if it could.
func TestBuildIsReproducible(t *testing.T) {
	dir := t.TempDir()
	here, there := filepath.Join(dir, "here.zip"), filepath.Join(dir, "there.zip")
	if err := build(t.Context(), root, here); err != nil {
		t.Fatal(err)
	}
	for _, kv := range []string{"GOFLAGS=-tags=surprise", "GOOS=darwin", "GOARCH=amd64", "GOARM64=v9.0", "CGO_ENABLED=1"} {
		name, value, _ := strings.Cut(kv, "=")
		t.Setenv(name, value)
	}
	if err := build(t.Context(), copyOfTree(t), there); err != nil {
		t.Fatal(err)
	}
	first, second := read(t, here), read(t, there)
	if a, b := digest(first), digest(second); a != b {
		t.Errorf("the digests differ: %s and %s", a, b)
	}
	checkZip(t, first)
}

// TestBuildNodeIsReproducible is the same of the instance program, of which the name of every machine image is made.
func TestBuildNodeIsReproducible(t *testing.T) {
	here, there := t.TempDir(), t.TempDir()
	if err := buildNode(t.Context(), root, here); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-tags=surprise")
	t.Setenv("GOAMD64", "v3")
	if err := buildNode(t.Context(), copyOfTree(t), there); err != nil {
		t.Fatal(err)
	}
	for name, machine := range map[string]elf.Machine{"node-x86_64.gz": elf.EM_X86_64, "node-arm64.gz": elf.EM_AARCH64} {
		first := read(t, filepath.Join(here, name))
		if a, b := digest(first), digest(read(t, filepath.Join(there, name))); a != b {
			t.Errorf("%s: the digests differ: %s and %s", name, a, b)
		}
		r, err := gzip.NewReader(bytes.NewReader(first))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		checkStatic(t, body, machine)
		t.Logf("%s: %d bytes, %d compressed", name, len(body), len(first))
	}
}

func checkStatic(t *testing.T, body []byte, machine elf.Machine) {
	t.Helper()
	binary, err := elf.NewFile(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if binary.Machine != machine {
		t.Errorf("the binary is for %s", binary.Machine)
	}
	for _, p := range binary.Progs {
		if p.Type == elf.PT_INTERP {
			t.Error("the binary is dynamically linked")
		}
	}
}

func copyOfTree(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "elsewhere")
	for _, name := range []string{"internal/semaphore", "internal/scaler", "internal/node"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(root, name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		if err := os.WriteFile(filepath.Join(dir, name), read(t, filepath.Join(root, name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// checkZip looks for what Lambda needs: one executable named bootstrap, static, for arm64.
func checkZip(t *testing.T, archive []byte) {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.File) != 1 || r.File[0].Name != "bootstrap" || r.File[0].Mode() != fs.FileMode(0o755) {
		t.Fatalf("the zip holds %+v", r.File)
	}
	f, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	body, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	checkStatic(t, body, elf.EM_AARCH64)
	t.Logf("%d bytes, %d zipped", len(body), len(archive))
}

func TestBuildFails(t *testing.T) {
	err := build(t.Context(), t.TempDir(), filepath.Join(t.TempDir(), "a.zip"))
	if err == nil || !strings.Contains(err.Error(), "compile github.com/semagent/semagent/internal/scaler/lambda: exit status 1\n") {
		t.Errorf("got %v", err)
	}
}

func TestPackFails(t *testing.T) {
	dir := t.TempDir()
	if err := pack(filepath.Join(dir, "missing"), filepath.Join(dir, "a.zip")); err == nil {
		t.Error("a missing binary is packed")
	}
	source := filepath.Join(dir, "bootstrap")
	if err := os.WriteFile(source, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := pack(source, filepath.Join(dir, "no such folder", "a.zip")); err == nil {
		t.Error("no folder to write to, and no error")
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
