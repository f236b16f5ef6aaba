package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/semagent/semagent/internal/config"
)

// TestProofsExist: a page that names tests is worth something only as long as they are there.
func TestProofsExist(t *testing.T) {
	tests := testNames(t)
	all := proofs()
	for name, p := range all {
		if !slices.Contains(config.ReferenceNames(), name) {
			t.Errorf("%s is no setting of the reference stack", name)
		}
		if script, ok := strings.CutPrefix(p.test, "script/"); ok {
			exists(t, "../cli/testdata/script/"+script)
		} else if !tests[p.test] {
			t.Errorf("%s names %s, which is no test", name, p.test)
		}
		exists(t, "../template/testdata/golden/"+p.golden+".json")
	}
	for _, name := range config.ReferenceNames() {
		if all[name] == (proof{}) {
			t.Errorf("%s has no proof", name)
		}
	}
	for _, match := range regexp.MustCompile("`(Test[A-Za-z]+)`").FindAllStringSubmatch(parityHead+parityPairs, -1) {
		if !tests[match[1]] {
			t.Errorf("the page names %s, which is no test", match[1])
		}
	}
}

func exists(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func testNames(t *testing.T) map[string]bool {
	t.Helper()
	declaration := regexp.MustCompile(`(?m)^func (Test[A-Za-z0-9]+)\(`)
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		source, err := os.ReadFile(path)
		for _, match := range declaration.FindAllSubmatch(source, -1) {
			names[string(match[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
