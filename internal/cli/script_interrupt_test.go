package cli_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptInterrupt runs a command in a process of its own and sends it a real interrupt once an operation was called;
// twice sends another one a moment later. What it wrote is in the files out and err.
//
//	interrupt EXIT-CODE once|twice SERVICE OPERATION COMMAND ARGS...
func scriptInterrupt(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 5 {
		ts.Fatalf("usage: interrupt EXIT-CODE once|twice SERVICE OPERATION COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	before := called(ts, args[2], args[3])
	var stdout, stderr bytes.Buffer
	command := exec.Command(args[4], args[5:]...) //nolint:noctx // it is killed below when it hangs
	command.Env, command.Dir, command.Stdout, command.Stderr = scriptEnviron(ts), ts.MkAbs("."), &stdout, &stderr
	ts.Check(command.Start())
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	for deadline := time.Now().Add(20 * time.Second); called(ts, args[2], args[3]) == before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			_ = command.Process.Kill()
			ts.Fatalf("%s was never called; stderr:\n%s", args[3], &stderr)
		}
	}
	ts.Check(command.Process.Signal(os.Interrupt))
	if args[1] == "twice" {
		time.Sleep(300 * time.Millisecond)
		ts.Check(command.Process.Signal(os.Interrupt))
	}
	select {
	case err = <-ended:
	case <-time.After(20 * time.Second):
		_ = command.Process.Kill()
		ts.Fatalf("the interrupt did not end it; stderr:\n%s", &stderr)
	}
	ts.Check(os.WriteFile(ts.MkAbs("out"), stdout.Bytes(), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("err"), stderr.Bytes(), 0o600))
	ts.Logf("[out]\n%s[err]\n%s", &stdout, &stderr)
	if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != want {
		ts.Fatalf("want exit code %d, got %v", want, err)
	}
	if bytes.Contains(stderr.Bytes(), []byte("context canceled")) {
		ts.Fatalf("it says context canceled:\n%s", &stderr)
	}
}

func called(ts *testscript.TestScript, service, operation string) int {
	n := 0
	for _, call := range worldOf(ts).aws.Calls() {
		if call.Service == service && call.Operation == operation {
			n++
		}
	}
	return n
}
