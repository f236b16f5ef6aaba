package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/awsfake/runtime"
)

// lines collects a function's log.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(_, line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) has(part string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Contains(strings.Join(l.all, "\n"), part)
}

func build(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "function")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./testdata/function").CombinedOutput(); err != nil {
		t.Fatalf("build the function: %v\n%s", err, out)
	}
	return binary
}

func runner(t *testing.T, f runtime.Function) (*runtime.Runner, *lines) {
	t.Helper()
	log := &lines{}
	f.Name, f.ARN, f.Log = "scaler", "arn:aws:lambda:us-east-1:123456789012:function:scaler", log.add
	if f.Timeout == 0 {
		f.Timeout = 10 * time.Second
	}
	r := runtime.New(f)
	t.Cleanup(r.Close)
	return r, log
}

func TestInvoke(t *testing.T) {
	binary := build(t)
	r, log := runner(t, runtime.Function{Binary: binary, Env: []string{"GREETING=hello"}})
	var answer struct {
		Count                            int
		ARN, Deadline, Trace, Env, Event string
	}
	for want := 1; want <= 2; want++ {
		result, err := r.Invoke(t.Context(), []byte(`{"n":1}`))
		if err != nil || result.Failed {
			t.Fatalf("got %+v, %v", result, err)
		}
		if err := json.Unmarshal(result.Payload, &answer); err != nil {
			t.Fatal(err)
		}
		if answer.Count != want {
			t.Errorf("invocation %d was the process's %d", want, answer.Count)
		}
	}
	deadline, err := strconv.ParseInt(answer.Deadline, 10, 64)
	if left := time.Until(time.UnixMilli(deadline)); err != nil || left < 8*time.Second || left > 10*time.Second {
		t.Errorf("the deadline is %v away, want about 10 s (%v)", left, err)
	}
	if !strings.Contains(answer.Env, "GREETING=hello") || !strings.Contains(answer.Env, "AWS_LAMBDA_LOG_STREAM_NAME=") || strings.Contains(answer.Env, "HOME=") {
		t.Errorf("got the environment %s", answer.Env)
	}
	if !strings.HasSuffix(answer.ARN, ":function:scaler") || !strings.HasPrefix(answer.Trace, "Root=1-") || answer.Event != `{"n":1}` {
		t.Errorf("got %+v", answer)
	}
	for _, want := range []string{"START RequestId: ", "handling", "END RequestId: ", "REPORT RequestId: "} {
		if !log.has(want) {
			t.Errorf("the log has no %q", want)
		}
	}
}

func TestFailures(t *testing.T) {
	binary := build(t)
	tests := map[string]struct {
		function runtime.Function
		event    string
		want     string
	}{
		"error":      {runtime.Function{}, `{"do":"fail"}`, "as told"},
		"crash":      {runtime.Function{}, `{"do":"crash"}`, "Runtime exited with error: exit status 3"},
		"timeout":    {runtime.Function{Timeout: 300 * time.Millisecond}, `{"do":"sleep"}`, "Task timed out after 0.30 seconds"},
		"init error": {runtime.Function{Env: []string{"FAIL_INIT=1"}}, `{}`, "cannot start"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tc.function.Binary = binary
			r, _ := runner(t, tc.function)
			result, err := r.Invoke(t.Context(), []byte(tc.event))
			if err != nil || !result.Failed || !strings.Contains(string(result.Payload), tc.want) {
				t.Errorf("got %t %s, %v; want a failure with %q", result.Failed, result.Payload, err, tc.want)
			}
			if tc.function.Env != nil {
				return
			}
			if result, err := r.Invoke(t.Context(), []byte(`{}`)); err != nil || result.Failed {
				t.Errorf("the next invocation: %+v, %v", result, err)
			}
		})
	}
}

func TestNoSuchBinary(t *testing.T) {
	r, _ := runner(t, runtime.Function{Binary: filepath.Join(t.TempDir(), "absent")})
	if _, err := r.Invoke(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "start scaler") {
		t.Errorf("got error %v", err)
	}
}

func TestConcurrencyAndClose(t *testing.T) {
	r, log := runner(t, runtime.Function{Binary: build(t), Concurrency: 1})
	ended := make(chan runtime.Result)
	go func() {
		result, _ := r.Invoke(context.Background(), []byte(`{"do":"sleep"}`))
		ended <- result
	}()
	for deadline := time.Now().Add(10 * time.Second); !log.has("handling"); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the invocation did not start")
		}
	}
	if _, err := r.Invoke(t.Context(), nil); !errors.Is(err, runtime.ErrThrottled) {
		t.Errorf("got error %v, want throttling", err)
	}
	r.Close()
	if result := <-ended; !result.Failed {
		t.Errorf("an invocation survived Close: %s", result.Payload)
	}
	if _, err := r.Invoke(t.Context(), nil); err == nil {
		t.Error("a closed runner takes invocations")
	}
}

func TestDrainLetsInvocationsFinish(t *testing.T) {
	r, _ := runner(t, runtime.Function{Binary: build(t)})
	if _, err := r.Invoke(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { r.Drain(); close(done) }()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Fatal("an idle runner does not drain")
	}
}
