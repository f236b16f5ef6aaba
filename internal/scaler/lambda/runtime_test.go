package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// binary is the function, built as it is for Lambda, for the machine that runs the tests.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstrap-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "bootstrap")
	build := exec.CommandContext(context.Background(), "go", "build", "-tags", "lambda.norpc", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v\n%s", err, out))
	}
	m.Run()
}

// outcome is what the function answered to one invocation.
type outcome struct {
	failed  bool
	message string // of a failure
}

// function is the running binary, with Lambda's Runtime API and everything else that it talks to.
type function struct {
	aws       *fakeAWS
	semaphore *fakeSemaphore
	github    *httptest.Server

	invocations chan time.Time // deadlines
	outcomes    chan outcome
	output      *lockedBuffer
	pid         int
}

// start runs the binary until the test ends. Each of env, as NAME=value, replaces a variable.
func start(t *testing.T, env ...string) *function {
	t.Helper()
	f := &function{
		aws:         newFakeAWS(),
		semaphore:   &fakeSemaphore{token: "s3cr3t-token", body: goodMetrics},
		invocations: make(chan time.Time),
		outcomes:    make(chan outcome, 1),
		output:      &lockedBuffer{},
	}
	runtime := serve(t, httptest.NewServer(f.runtimeAPI()))
	aws := serve(t, httptest.NewServer(f.aws))
	semaphore := serve(t, httptest.NewTLSServer(f.semaphore))
	f.github = serve(t, httptest.NewServer(http.HandlerFunc(answerMeta)))

	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, binary)
	cmd.Stdout, cmd.Stderr = f.output, f.output
	cmd.Env = append([]string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(runtime.URL, "http://"),
		"AWS_ENDPOINT_URL=" + aws.URL,
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=example",
		"SSL_CERT_FILE=" + certificate(t, semaphore),
		"SEMAPHORE_ENDPOINT=" + strings.TrimPrefix(semaphore.URL, "https://"),
		"SEMAPHORE_AGENT_STACK_NAME=fleet",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token",
		"SEMAGENT_GROUP_NAME=agents",
		"SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME=fleet-hosts",
		"SEMAGENT_GITHUB_META_URL=" + f.github.URL,
		"SEMAGENT_TASK=scale",
	}, env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	f.pid = cmd.Process.Pid
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed: that is its way to end
		if strings.Contains(f.output.String(), f.semaphore.token) || strings.Contains(f.output.String(), "s3cr3t") {
			t.Errorf("the registration token is in the output:\n%s", f.output)
		}
	})
	return f
}

func serve(t *testing.T, server *httptest.Server) *httptest.Server {
	t.Helper()
	server.Config.ErrorLog = nil
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server
}

// certificate writes the server's certificate where the function looks for the system's roots.
func certificate(t *testing.T, server *httptest.Server) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(path, pemOf(server.Certificate()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// invoke has the function do its task once, with so much time.
func (f *function) invoke(t *testing.T, timeout time.Duration) outcome {
	t.Helper()
	select {
	case f.invocations <- time.Now().Add(timeout):
	case <-time.After(10 * time.Second):
		t.Fatalf("the function asks for no invocation:\n%s", f.output)
	}
	select {
	case o := <-f.outcomes:
		return o
	case <-time.After(timeout + time.Second):
		t.Fatalf("the function does not answer in time:\n%s", f.output)
		return outcome{}
	}
}

// runtimeAPI is Lambda's: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (f *function) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		select {
		case deadline := <-f.invocations:
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
			w.Header().Set("Lambda-Runtime-Deadline-Ms", fmt.Sprint(deadline.UnixMilli()))
			_, _ = io.WriteString(w, `{"source":"aws.events"}`)
		case <-r.Context().Done():
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, _ *http.Request) {
		f.outcomes <- outcome{}
		w.WriteHeader(http.StatusAccepted)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		var body struct{ ErrorMessage string }
		_ = json.NewDecoder(r.Body).Decode(&body)
		f.outcomes <- outcome{failed: true, message: body.ErrorMessage}
		w.WriteHeader(http.StatusAccepted)
	})
	return mux
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// wait waits for text: what the function writes before it answers may still be on its way.
func (l *lockedBuffer) wait(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !strings.Contains(l.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the output lacks %s:\n%s", text, l)
		}
	}
}
