package render_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/ui"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if difference := cmp.Diff(string(want), got); difference != "" {
		t.Errorf("%s (-want +got):\n%s", path, difference)
	}
}

// pipe is a stream that is no terminal, of a UTF-8 locale.
func pipe() (*ui.Output, *piped) {
	text := &piped{}
	return ui.New(nil, text, text, []string{"LANG=C.UTF-8"}).Out, text
}

// piped is what came out of a pipe. A test may look while a watcher writes.
type piped struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (p *piped) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func (p *piped) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.String()
}
