package runtime

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"sync"
	"time"
)

// sandbox is one process and the Runtime API that it talks to. It runs one invocation at a time.
type sandbox struct {
	f      Function
	stream string
	cmd    *exec.Cmd
	api    *http.Server
	work   chan *invocation
	gone   chan struct{} // closed when the process has ended
	exit   error         // why, once gone is closed
	mu     sync.Mutex
	now    *invocation // what the process is at
	broken []byte      // what it said to /init/error
}

type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	done     chan Result // holds one
}

// start brings up a process, which outlives the invocation that wanted it and is ended by kill. It and all that belongs to it is counted in wg.
func start(ctx context.Context, f Function, wg *sync.WaitGroup) (*sandbox, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the Runtime API: %w", err)
	}
	s := &sandbox{
		f: f, stream: time.Now().UTC().Format("2006/01/02/[$LATEST]") + randomHex(16), work: make(chan *invocation), gone: make(chan struct{}),
	}
	s.api = &http.Server{Handler: s.handler(), ReadHeaderTimeout: time.Minute}
	s.cmd = exec.CommandContext(ctx, f.Binary)
	s.cmd.Env = append(append([]string{}, f.Env...), "AWS_LAMBDA_RUNTIME_API="+listener.Addr().String(), "AWS_LAMBDA_LOG_STREAM_NAME="+s.stream)
	out, err := s.cmd.StdoutPipe()
	if err == nil {
		s.cmd.Stderr = s.cmd.Stdout
		err = s.cmd.Start()
	}
	if err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("start %s: %w", f.Name, err)
	}
	wg.Go(func() { _ = s.api.Serve(listener) }) // it always ends with ErrServerClosed
	wg.Go(func() { s.watch(out) })
	return s, nil
}

// watch copies the process's output to the log until it ends.
func (s *sandbox) watch(out io.Reader) {
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		s.f.Log(s.stream, lines.Text())
	}
	_, _ = io.Copy(io.Discard, out) // a line too long for the scanner must not block the process
	s.exit = s.cmd.Wait()
	close(s.gone)
	_ = s.api.Close()
}

func (s *sandbox) ended() bool {
	select {
	case <-s.gone:
		return true
	default:
		return false
	}
}

func (s *sandbox) kill() {
	_ = s.cmd.Process.Kill() // it may have ended by itself
	<-s.gone
}

func (s *sandbox) invoke(ctx context.Context, payload []byte, timeout time.Duration) Result {
	began := time.Now()
	inv := &invocation{id: requestID(), payload: payload, deadline: began.Add(timeout), done: make(chan Result, 1)}
	s.f.Log(s.stream, "START RequestId: "+inv.id+" Version: $LATEST")
	result := s.await(ctx, inv, timeout)
	took := time.Since(began)
	s.f.Log(s.stream, "END RequestId: "+inv.id)
	s.f.Log(s.stream, fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %d MB\t", inv.id,
		float64(took.Microseconds())/1000, took.Milliseconds()+1, s.f.Memory))
	return result
}

func (s *sandbox) await(ctx context.Context, inv *invocation, timeout time.Duration) Result {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	work := s.work
	for {
		select {
		case work <- inv:
			work = nil // handed over; from here only its end is of interest
		case result := <-inv.done:
			return result
		case <-s.gone:
			return s.crashed(inv)
		case <-timer.C:
			s.kill()
			message := fmt.Sprintf("%s %s Task timed out after %.2f seconds", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), inv.id, timeout.Seconds())
			s.f.Log(s.stream, message)
			return failure(inv.id, "Sandbox.Timedout", message)
		case <-ctx.Done():
			s.kill()
			return failure(inv.id, "Sandbox.Stopped", ctx.Err().Error())
		}
	}
}

// crashed is the result of an invocation whose process ended; an answer that came just before counts.
func (s *sandbox) crashed(inv *invocation) Result {
	select {
	case result := <-inv.done:
		return result
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return Result{RequestID: inv.id, Payload: s.broken, Failed: true}
	}
	reason := "Runtime exited without providing a reason"
	if s.exit != nil {
		reason = "Runtime exited with error: " + s.exit.Error()
	}
	message := "RequestId: " + inv.id + " Error: " + reason
	s.f.Log(s.stream, message)
	return failure(inv.id, "Runtime.ExitError", message)
}

func failure(id, kind, message string) Result {
	body, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message}) // strings always marshal
	return Result{RequestID: id, Payload: body, Failed: true}
}

func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return hex.EncodeToString(b)
}

func requestID() string {
	h := randomHex(16)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:]
}
