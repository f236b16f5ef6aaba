package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/imds"
)

// world is what an instance boots in: AWS and a metadata service, each answer of which comes late, and a root directory.
type world struct {
	metadata, endpoint, root string
	cleanup                  []func()
}

func newWorld(latency time.Duration) (w *world, err error) {
	w = &world{}
	defer func() {
		if err != nil {
			w.close()
		}
	}()
	if w.root, err = os.MkdirTemp("", "semagent-bench-"); err != nil {
		return w, err
	}
	w.cleanup = append(w.cleanup, func() { _ = os.RemoveAll(w.root) }) // only stand-ins
	local := awsfake.New(awsfake.Options{})
	w.cleanup = append(w.cleanup, local.Close)
	w.endpoint = w.serve(local, latency)
	w.metadata = w.serve(imds.New(imds.Options{Role: "agents"}), latency)
	for name, value := range map[string]string{
		"ci-config": `{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"/ci/token","sshKeysParameterName":"ci-ssh-public-keys",` +
			`"disconnectAfterJob":"true","disconnectAfterIdleTimeout":"300","envVars":[],"usePreSignedURL":false}`,
		"ci-ssh-public-keys": `["ssh-ed25519 AAAA"]`, "/ci/token": "registration-token",
	} {
		if err := w.put(name, value); err != nil {
			return w, err
		}
	}
	return w, w.furnish()
}

// serve answers after a wait, which stands for the network's.
func (w *world) serve(handler http.Handler, latency time.Duration) string {
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		time.Sleep(latency)
		handler.ServeHTTP(rw, r)
	}))
	w.cleanup = append(w.cleanup, server.Close)
	return server.URL
}

// put writes a parameter as any client would. The local AWS reads a signature's scope and does not check it.
func (w *world) put(name, value string) error {
	kind := "String"
	if name == "/ci/token" {
		kind = "SecureString"
	}
	body, err := json.Marshal(map[string]string{"Name": name, "Value": value, "Type": kind})
	if err != nil {
		return err
	}
	req, err := http.NewRequest(http.MethodPost, w.endpoint, bytes.NewReader(body)) //nolint:noctx // the local AWS answers
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	req.Header.Set("X-Amz-Target", "AmazonSSM.PutParameter")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDBENCH/20260101/us-east-1/ssm/aws4_request, SignedHeaders=host, Signature=0")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("put parameter %q: %s", name, resp.Status)
	}
	return nil
}

func (w *world) furnish() error {
	for _, dir := range []string{"etc", "home/semaphore", "opt/semaphore/agent", "usr/bin"} {
		if err := os.MkdirAll(filepath.Join(w.root, dir), 0o755); err != nil {
			return err
		}
	}
	passwd := fmt.Sprintf("semaphore:x:%d:%d::/home/semaphore:/bin/bash\n", os.Getuid(), os.Getgid())
	if err := os.WriteFile(filepath.Join(w.root, "etc/passwd"), []byte(passwd), 0o600); err != nil {
		return err
	}
	systemctl := "#!/bin/sh\n: >" + filepath.Join(w.root, "started") + "\n"
	return os.WriteFile(filepath.Join(w.root, "usr/bin/systemctl"), []byte(systemctl), 0o755)
}

func (w *world) close() {
	for _, f := range w.cleanup {
		f()
	}
}
