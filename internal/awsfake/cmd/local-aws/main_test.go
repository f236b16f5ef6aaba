package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestBadFlags(t *testing.T) {
	for name, args := range map[string][]string{"unknown": {"-nonsense"}, "image": {"-image", "x"}, "argument": {"extra"}} {
		var stderr bytes.Buffer
		if code := run(t.Context(), args, io.Discard, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("%s: got exit code %d, stderr %q", name, code, stderr.String())
		}
	}
}

func TestServesAndLeavesNothing(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"-image", "agent=ami-0123456789abcdef0", "-semaphore-token", "token", "-speed", "10"}, w, io.Discard)
		_ = w.Close()
	}()
	out := make([]byte, 0, 4096)
	for buf := make([]byte, 1024); !strings.Contains(string(out), "SSL_CERT_FILE="); {
		n, err := r.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, buf[:n]...)
	}
	go func() { _, _ = io.Copy(io.Discard, r) }()
	certificate := regexp.MustCompile(`SSL_CERT_FILE=(\S+)`).FindStringSubmatch(string(out))[1]
	if _, err := os.Stat(certificate); err != nil {
		t.Error(err)
	}
	if !strings.Contains(string(out), "export AWS_ENDPOINT_URL=http://127.0.0.1:") || !strings.Contains(string(out), "export SEMAPHORE_ENDPOINT=127.0.0.1:") {
		t.Errorf("got %s", out)
	}
	stop()
	select {
	case code := <-ended:
		if code != 0 {
			t.Errorf("got exit code %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("does not end")
	}
	if _, err := os.Stat(certificate); !os.IsNotExist(err) {
		t.Errorf("the certificate is left: %v", err)
	}
}
