package cli_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
	"github.com/semagent/semagent/internal/cli"
	"github.com/semagent/semagent/packer"
)

const registrationToken = "test-registration-token"

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"semagent": semagent, "packer": fakePacker})
}

// semagent is main of cmd/semagent, as a command of the scripts: a process of its own, with real signals.
func semagent() {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Main(context.Background(), cli.Process{ //nolint:forbidigo // this is a main
		Args: os.Args[1:], Environ: os.Environ(), Version: "v0.0.0-test", Signals: signals,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
	}))
}

func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		Setup:               setup,
		RequireUniqueNames:  true,
		RequireExplicitExec: false,
		UpdateScripts:       os.Getenv("UPDATE_SCRIPTS") != "",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"fault":         scriptFault,
			"jobs":          scriptJobs,
			"calls":         scriptCalls,
			"exitcode":      scriptExitCode,
			"leftovers":     scriptLeftovers,
			"scale":         scriptScale,
			"foreign-stack": scriptForeignStack,
			"packer-made":   scriptPackerMade,
			"lambda-log":    scriptLambdaLog,
			"somebody":      scriptSomebody,
			"await":         scriptAwait,
			"slow":          scriptSlow,
			"interrupt":     scriptInterrupt,
			"golden":        scriptGolden,
			"change-set":    scriptChangeSet,
			"terminal":      scriptTerminal,
		},
	})
}

// world is the AWS and the Semaphore of one script.
type world struct {
	aws       *awsfake.Server
	semaphore *semaphore.Server
	slow      sync.Map // resource type → how long an operation on it takes, on the local clock
}

// duration is a second or two, as the local AWS has it by itself, but for types that a script made slow.
func (w *world) duration(resourceType, _ string) time.Duration {
	if d, ok := w.slow.Load(resourceType); ok {
		return d.(time.Duration)
	}
	return 2 * time.Second
}

type worldKey struct{}

// setup gives each script an AWS of its own, reached as a user's would be: through the environment.
func setup(env *testscript.Env) error {
	image, err := packer.ImageName("ubuntu-focal", "x86_64")
	if err != nil {
		return err
	}
	w := &world{semaphore: semaphore.New(semaphore.Options{Token: registrationToken, TLS: true})}
	w.aws = awsfake.New(awsfake.Options{
		Speed: 100, Images: map[string]string{image: "ami-0123456789abcdef0"}, ResourceDuration: w.duration,
		NoSchedules: true, // no function runs here, and each invocation would say so in a log that scripts read
	})
	address, err := w.aws.Start()
	if err != nil {
		return err
	}
	env.Defer(w.aws.Close)
	host, err := w.semaphore.Start(context.Background())
	if err != nil {
		return err
	}
	env.Defer(w.semaphore.Close)
	certificate := filepath.Join(env.WorkDir, "semaphore.pem")
	if err := os.WriteFile(certificate, w.semaphore.Certificate(), 0o600); err != nil {
		return err
	}
	env.Values[worldKey{}] = w
	network := w.aws.Network()
	env.Vars = append(env.Vars,
		"AWS_ENDPOINT_URL="+address, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_CONFIG_FILE="+filepath.Join(env.WorkDir, "no-config"),
		"AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(env.WorkDir, "no-credentials"),
		"AWS_EC2_METADATA_DISABLED=true",
		"SSL_CERT_FILE="+certificate,
		"SEMAGENT_POLL_INTERVAL=20ms", "LANG=C.UTF-8",
		"SEMAPHORE_ENDPOINT="+host,
		"SEMAPHORE_AGENT_STACK_NAME=ci",
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token",
		"TOKEN="+registrationToken,
		"VPC="+network.VPC, "PRIVATE_SUBNET="+network.PrivateSubnets[0], "OTHER_PRIVATE_SUBNET="+network.PrivateSubnets[1],
		"ISOLATED_SUBNET="+network.IsolatedSubnet, "ISOLATED_TABLE="+network.IsolatedTable, "FOREIGN_SUBNET="+network.DefaultSubnets[0],
		"GROUP="+network.SecurityGroup, "FOREIGN_GROUP="+network.DefaultSecurityGroup,
	)
	return nil
}

// scriptVariables are the variables that a command needs which a script runs by itself.
var scriptVariables = []string{
	"PATH", "HOME", "TMPDIR", "LANG", "AWS_ENDPOINT_URL", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_CONFIG_FILE",
	"AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED", "SSL_CERT_FILE", "SEMAGENT_POLL_INTERVAL", "SEMAPHORE_ENDPOINT",
	"SEMAPHORE_AGENT_STACK_NAME", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME",
}

func worldOf(ts *testscript.TestScript) *world { return ts.Value(worldKey{}).(*world) }

// scriptFault scripts what goes wrong from here on; a resource fails once:
//
//	fault SERVICE OPERATION KIND [count N] [skip N] [delay MILLISECONDS]
//	fault resource LOGICAL-ID OPERATION REASON [count N] [skip N]
//	fault launch MESSAGE [count N] [skip N]
//	fault clear
func scriptFault(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: fault SERVICE OPERATION KIND [count N] [skip N] | resource ID OPERATION REASON | clear")
	}
	faults := worldOf(ts).aws.Faults()
	switch {
	case args[0] == "clear":
		faults.Clear()
	case args[0] == "resource" && len(args) >= 4:
		rule := fault.Resource{LogicalID: args[1], Op: args[2], Reason: args[3], Count: 1}
		numbers(ts, args[4:], map[string]*int{"count": &rule.Count, "skip": &rule.Skip})
		faults.Add(fault.Set{Resources: []fault.Resource{rule}})
	case args[0] == "launch" && len(args) >= 2:
		rule := fault.Launch{Message: args[1]}
		numbers(ts, args[2:], map[string]*int{"count": &rule.Count, "skip": &rule.Skip})
		faults.Add(fault.Set{Launches: []fault.Launch{rule}})
	case len(args) >= 3:
		rule := fault.Call{Service: args[0], Operation: args[1], Kind: fault.Kind(args[2])}
		milliseconds := 0
		numbers(ts, args[3:], map[string]*int{"count": &rule.Count, "skip": &rule.Skip, "delay": &milliseconds})
		rule.Delay = time.Duration(milliseconds) * time.Millisecond
		faults.Add(fault.Set{Calls: []fault.Call{rule}})
	default:
		ts.Fatalf("fault: cannot understand %q", args)
	}
}

// numbers reads words like count 2 into what they name.
func numbers(ts *testscript.TestScript, args []string, into map[string]*int) {
	for pair := range slices.Chunk(args, 2) {
		target := into[pair[0]]
		if target == nil || len(pair) < 2 {
			ts.Fatalf("fault: cannot understand %q", pair)
		}
		n, err := strconv.Atoi(pair[1])
		ts.Check(err)
		*target = n
	}
}

// scriptJobs sets what Semaphore answers: jobs QUEUED RUNNING.
func scriptJobs(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: jobs QUEUED RUNNING")
	}
	queued, err := strconv.Atoi(args[0])
	ts.Check(err)
	running, err := strconv.Atoi(args[1])
	ts.Check(err)
	worldOf(ts).semaphore.Set(semaphore.Metrics{Jobs: semaphore.Jobs{Queued: queued, Running: running}})
}

// scriptCalls asserts how often an operation was called so far: calls SERVICE OPERATION N. With ! it asserts that it was
// not N times.
func scriptCalls(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: calls SERVICE OPERATION N")
	}
	want, err := strconv.Atoi(args[2])
	ts.Check(err)
	n := 0
	for _, call := range worldOf(ts).aws.Calls() {
		if call.Service == args[0] && call.Operation == args[1] {
			n++
		}
	}
	if (n == want) == neg {
		ts.Fatalf("%s:%s was called %d times", args[0], args[1], n)
	}
}

// scriptExitCode runs a command that must end with the given exit code: exitcode N COMMAND ARGS...
func scriptExitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exitcode N COMMAND [ARGS...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case err == nil && want == 0:
	case errors.As(err, &exit) && exit.ExitCode() == want:
	default:
		ts.Fatalf("want exit code %d, got %v", want, err)
	}
}
