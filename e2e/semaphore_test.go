//go:build e2e

package e2e

import (
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
)

// newSemaphore serves Semaphore's metrics for one token over TLS, and makes it the shell's endpoint.
func newSemaphore(w *world, token string) (endpoint string) {
	w.t.Helper()
	server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if in.Header.Get("Authorization") != "Token "+token {
			out.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = out.Write([]byte(`{"jobs":{"queued":3,"running":4},"agents":{"idle":1,"occupied":4}}`))
	}))
	w.t.Cleanup(server.Close)
	authority := filepath.Join(w.t.TempDir(), "authority.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(authority, certificate, 0o600); err != nil {
		w.t.Fatal(err)
	}
	endpoint = strings.TrimPrefix(server.URL, "https://")
	w.unset("SEMAPHORE_ORGANIZATION")
	w.export("SEMAPHORE_ENDPOINT", endpoint)
	w.export("SSL_CERT_FILE", authority)
	return endpoint
}

func contains(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}
