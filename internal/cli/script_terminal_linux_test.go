package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/semagent/semagent/internal/ui/uitest"
)

// scriptTerminal runs a command on a terminal of 120 by 50 and plays the person in front of it:
//
//	terminal EXIT-CODE FILE COMMAND ARGS...
//
// Each line of FILE waits, "? PATTERN", for what stands on the screen, or types: "> TEXT" a line, "^C" the interrupt key. In
// the end the screen, scrollback included, is in the file screen.
func scriptTerminal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: terminal EXIT-CODE FILE COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	pty, err := uitest.OpenPTY()
	ts.Check(err)
	defer pty.Keyboard.Close()
	ts.Check(pty.Resize(120, 50))
	screen, shown := uitest.NewScreen(120, 50), make(chan struct{})
	command := exec.Command(args[2], args[3:]...) //nolint:noctx // it is ended by the script's last step at the latest
	command.Env, command.Dir = scriptEnviron(ts), ts.MkAbs(".")
	command.Stdin, command.Stdout, command.Stderr = pty.User, pty.User, pty.User
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	ts.Check(command.Start())
	ts.Check(pty.User.Close())
	go func() { copyTo(screen, pty.Keyboard); close(shown) }()
	play(ts, pty.Keyboard, screen, strings.Split(strings.TrimSpace(ts.ReadFile(args[1])), "\n"))
	timer := time.AfterFunc(time.Minute, func() { _ = command.Process.Kill() })
	err = command.Wait()
	timer.Stop()
	<-shown
	ts.Check(os.WriteFile(ts.MkAbs("screen"), []byte(screen.Text()+"\n"), 0o600))
	ts.Logf("[screen]\n%s", screen.Text())
	var exit *exec.ExitError
	if code := command.ProcessState.ExitCode(); code != want || (err != nil && !errors.As(err, &exit)) {
		ts.Fatalf("want exit code %d, got %v", want, err)
	}
	if screen.CursorHidden() {
		ts.Fatalf("the cursor is left hidden")
	}
}

// copyTo ends with the read error that a terminal gives when its program is gone.
func copyTo(screen *uitest.Screen, from *os.File) {
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		_, _ = screen.Write(buffer[:n])
		if err != nil {
			return
		}
	}
}

func play(ts *testscript.TestScript, keyboard *os.File, screen *uitest.Screen, steps []string) {
	for _, step := range steps {
		verb, text, _ := strings.Cut(step, " ")
		var err error
		switch verb {
		case "?":
			seen := regexp.MustCompile(text)
			for deadline := time.Now().Add(30 * time.Second); !seen.MatchString(screen.Text()); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					ts.Fatalf("%q never stood on the screen:\n%s", text, screen.Text())
				}
			}
		case ">":
			_, err = keyboard.WriteString(text + "\n")
		case "^C":
			_, err = keyboard.WriteString("\x03")
		default:
			ts.Fatalf("terminal: unknown step %q", step)
		}
		ts.Check(err)
	}
}

// scriptEnviron is the script's environment, of which testscript tells single variables only.
func scriptEnviron(ts *testscript.TestScript) []string {
	environ := []string{"TERM=xterm", "NO_COLOR=1"}
	for _, name := range scriptVariables {
		environ = append(environ, name+"="+ts.Getenv(name))
	}
	return environ
}
