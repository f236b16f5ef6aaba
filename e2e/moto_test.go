//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// install is what to run where moto or cfn-lint is missing; e2e/run says the same.
const install = `python3 -m pip install "moto[server]==5.2.1" "cfn-lint==1.51.0"`

// motoServer is moto_server on a free port of the loopback interface, in a process group of its own.
type motoServer struct {
	url   string
	group int            // process group
	alive io.WriteCloser // the server ends when this is closed, also because this process died
	ended chan struct{}
	log   *lockedBuffer
}

// supervisor runs the server until its stdin ends, so that not even a killed test leaves one behind. It outlives
// the signal to its own group, to collect the server.
const supervisor = `trap : TERM; moto_server "$@" </dev/null & cat >/dev/null; kill 0; wait`

func startMoto() (*motoServer, error) {
	if _, err := exec.LookPath("moto_server"); err != nil {
		return nil, fmt.Errorf("%w; install it with %s", err, install)
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log := &lockedBuffer{}
	cmd := exec.CommandContext(context.Background(), "sh", "-c", supervisor, "sh", "-H", "127.0.0.1", "-p", strconv.Itoa(port))
	cmd.Env = motoEnviron()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.WaitDelay = 5 * time.Second
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start moto_server: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start moto_server: %w", err)
	}
	m := &motoServer{
		url: fmt.Sprintf("http://127.0.0.1:%d", port), group: cmd.Process.Pid, alive: stdin, ended: make(chan struct{}), log: log,
	}
	go func() {
		_ = cmd.Wait() // a signal ends it
		close(m.ended)
	}()
	if err := m.await(); err != nil {
		m.stop()
		return nil, fmt.Errorf("start moto_server: %w\n%s", err, log)
	}
	return m, nil
}

// motoEnviron is this process's environment without what would lead moto or botocore elsewhere.
func motoEnviron() []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "AWS_") || strings.HasPrefix(entry, "MOTO_")
	})
	// Without its thousand stock AMIs moto starts and dumps its state faster; tests register their own.
	return append(env, "MOTO_EC2_LOAD_DEFAULT_AMIS=false", "PYTHONUNBUFFERED=1")
}

func freePort() (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

func (m *motoServer) await() error {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if _, err := m.ask(http.MethodGet, "/moto-api/data.json"); err == nil {
			return nil
		}
		select {
		case <-m.ended:
			return errors.New("it ended before it listened")
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("it does not answer")
}

func (m *motoServer) stop() {
	_ = m.alive.Close()
	select {
	case <-m.ended:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-m.group, syscall.SIGKILL)
	}
}

// showLog prints the end of the server's log, without the calls that it answered with 200.
func (m *motoServer) showLog(w io.Writer) {
	lines := slices.DeleteFunc(strings.Split(strings.TrimSpace(m.log.String()), "\n"), func(line string) bool {
		return strings.HasSuffix(line, `" 200 -`)
	})
	fmt.Fprintf(w, "moto_server, last lines:\n%s\n", strings.Join(lines[max(0, len(lines)-40):], "\n"))
}

// ask calls moto's own API.
func (m *motoServer) ask(method, path string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, m.url+path, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return body, err
}

func (m *motoServer) reset(t *testing.T) {
	t.Helper()
	if _, err := m.ask(http.MethodPost, "/moto-api/reset"); err != nil {
		t.Fatal("reset moto:", err)
	}
}

// everything is all that moto holds, by service and kind; kinds of which there is none are left out, because moto
// knows a kind only from the first call to its service.
type everything map[string][]any

func (m *motoServer) everything(t *testing.T) everything {
	t.Helper()
	body, err := m.ask(http.MethodGet, "/moto-api/data.json")
	if err != nil {
		t.Fatal("read moto's state:", err)
	}
	var services map[string]map[string][]any
	if err := json.Unmarshal(body, &services); err != nil {
		t.Fatal("read moto's state:", err)
	}
	state := everything{}
	for service, kinds := range services {
		for kind, things := range kinds {
			if len(things) > 0 {
				state[service+" "+kind] = things
			}
		}
	}
	return state
}

// unchanged fails the test if anything in any service is not as it was.
func (m *motoServer) unchanged(t *testing.T, before everything) {
	t.Helper()
	if diff := cmp.Diff(before, m.everything(t)); diff != "" {
		t.Errorf("AWS was changed (-before +after):\n%s", diff)
	}
}

// lockedBuffer is a log that is written by one goroutine and read by another.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
