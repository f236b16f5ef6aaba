package packer

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
)

func whole() fstest.MapFS {
	return fstest.MapFS{
		"a.pkr.hcl": {Data: []byte("a")}, "scripts/b.sh": {Data: []byte("b")}, "dist/.gitkeep": {},
		"dist/node-x86_64.gz": {Data: []byte("x")}, "dist/node-arm64.gz": {Data: []byte("y")},
	}
}

func TestDigestFollowsEveryFile(t *testing.T) {
	first, err := digest(whole())
	if err != nil || len(first) != 64 {
		t.Fatalf("got %q, %v", first, err)
	}
	for path := range whole() {
		changed := maps.Clone(whole())
		changed[path] = &fstest.MapFile{Data: []byte("changed")}
		second, err := digest(changed)
		if err != nil {
			t.Fatal(err)
		}
		if same := second == first; same != (path == "dist/.gitkeep") {
			t.Errorf("%s is changed, and the digest is the same: %t", path, same)
		}
	}
}

func TestDigestNeedsTheInstanceProgram(t *testing.T) {
	for _, arch := range Architectures() {
		half := whole()
		delete(half, "dist/node-"+arch+".gz")
		if got, err := digest(half); !errors.Is(err, ErrNotEmbedded) {
			t.Errorf("without the program for %s the digest is %q, %v", arch, got, err)
		}
	}
}

// TestWhatIsEmbedded holds in a tree with and without make build.
func TestWhatIsEmbedded(t *testing.T) {
	dir := t.TempDir()
	name, err := ImageName("ubuntu-focal", "x86_64")
	if _, missing := os.Stat("dist/node-x86_64.gz"); errors.Is(missing, fs.ErrNotExist) {
		if !errors.Is(err, ErrNotEmbedded) || !errors.Is(Write(dir), ErrNotEmbedded) {
			t.Errorf("nothing was built, and the name is %q, %v", name, err)
		}
		return
	}
	if err != nil || len(name) != len("semagent-ubuntu-focal-x86_64-")+12 {
		t.Errorf("got %q, %v", name, err)
	}
	if err := Write(dir); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"ubuntu.pkr.hcl", "plugins.pkr.hcl", "files/start.sh", "scripts/40-agent.sh", "dist/node-arm64.gz"} {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, path)); err != nil || string(got) != string(want) {
			t.Errorf("%s was not written as it is: %v", path, err)
		}
	}
}
