package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/imds"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/template"
)

const (
	registrationToken = "s3cr3t-registration-token"
	hostKey           = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "semagent-node-")
	if err != nil {
		panic(err)
	}
	binary = filepath.Join(dir, "semagent-node")
	if text, err := exec.CommandContext(context.Background(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, text))
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code) //nolint:forbidigo // this is a main
}

// world is one instance in a group of the local AWS, made by semagent's own template.
type world struct {
	t         *testing.T
	aws       *awsfake.Server
	url       string
	imds      *imds.Server
	imdsURL   string
	semaphore *semaphore.Server
	root      string // of the machine
	instance  string
	environ   []string
}

type size struct{ least, most, desired int }

func newWorld(t *testing.T, s size, o imds.Options) *world {
	t.Helper()
	w := &world{t: t, root: t.TempDir(), environ: []string{"PATH=/nowhere"}}
	w.semaphore = semaphore.New(semaphore.Options{Token: registrationToken, TLS: true})
	endpoint, err := w.semaphore.Start(t.Context())
	w.check(err)
	t.Cleanup(w.semaphore.Close)
	w.put("semaphore.pem", string(w.semaphore.Certificate()), 0o644)
	w.environ = append(w.environ, "SSL_CERT_FILE="+filepath.Join(w.root, "semaphore.pem"))

	w.aws = awsfake.New(awsfake.Options{Speed: 200, Images: map[string]string{"image": "ami-0123456789abcdef0"}})
	w.url, err = w.aws.Start()
	w.check(err)
	t.Cleanup(w.aws.Close)
	w.deploy(endpoint, s)

	o.InstanceID, o.Role = w.instance, "agents"
	w.imds = imds.New(o)
	w.imdsURL, err = w.imds.Start()
	w.check(err)
	t.Cleanup(w.imds.Close)
	w.furnish()
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sdk() aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String(w.url), Credentials: credentials.NewStaticCredentialsProvider("AKIDOTHER", "secret", ""),
	}
}

// deploy makes what of a fleet's template an instance meets, and waits for one.
func (w *world) deploy(endpoint string, s size) {
	w.t.Helper()
	doc, err := template.Build(template.Inputs{
		Config: config.Config{
			Endpoint: endpoint, StackName: "ci", TokenParameter: "/ci/token", InstanceType: "t2.micro", MinSize: s.least, MaxSize: s.most,
			DisconnectAfterJob: true, DisconnectAfterIdleTimeout: 300, CacheBucket: "cache-of-the-fleet",
		},
		ImageID: "ami-0123456789abcdef0", DesiredCapacity: s.desired, ScalerDigest: strings.Repeat("a", 64), KnownHosts: []string{hostKey},
	})
	w.check(err)
	var body map[string]any
	w.check(json.Unmarshal(doc.JSON, &body))
	delete(body, "Outputs")
	resources, _ := body["Resources"].(map[string]any)
	for name := range resources {
		if !strings.HasPrefix(name, "Agent") && name != "KnownHostsParameter" {
			delete(resources, name)
		}
	}
	text, err := json.Marshal(body)
	w.check(err)
	w.putParameter("/ci/token", registrationToken, types.ParameterTypeSecureString)
	client := cloudformation.NewFromConfig(w.sdk())
	_, err = client.CreateStack(w.t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("ci"), TemplateBody: aws.String(string(text)), Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityIam},
	})
	w.check(err)
	w.eventually("the group has its instances", func() bool { return len(w.aws.InService()) == s.desired })
	w.instance = w.aws.InService()[0]
}

func (w *world) putParameter(name, value string, kind types.ParameterType) {
	w.t.Helper()
	_, err := ssm.NewFromConfig(w.sdk()).PutParameter(w.t.Context(), &ssm.PutParameterInput{
		Name: &name, Value: &value, Type: kind, Overwrite: aws.Bool(true),
	})
	w.check(err)
}

// furnish lays out the machine as the image does.
func (w *world) furnish() {
	w.t.Helper()
	w.put("etc/passwd", fmt.Sprintf("root:x:0:0::/root:/bin/sh\nsemaphore:x:%d:%d::/home/semaphore:/bin/bash\n", os.Getuid(), os.Getgid()), 0o644)
	w.put("dev/console", "", 0o600)
	w.put("opt/semaphore/agent/agent", "", 0o755)
	w.put("opt/semaphore/skeleton/.bash_profile", "source ~/.toolbox/toolbox\n", 0o640)
	w.put("opt/semaphore/skeleton/.toolbox/cache", "#!/bin/sh\n", 0o755)
	w.check(os.Symlink("cache", filepath.Join(w.root, "opt/semaphore/skeleton/.toolbox/restore")))
	for _, dir := range []string{"home/semaphore", "proc/1", "tmp"} {
		w.check(os.MkdirAll(filepath.Join(w.root, dir), 0o755))
	}
	w.command("usr/bin/systemctl", "")
	w.command("usr/bin/docker", `[ "$1" != ps ] || printf 'c1\nc2\n'`)
}

// command is a program of the machine that writes down how it was called.
func (w *world) command(path, more string) {
	name := filepath.Base(path)
	w.put(path, fmt.Sprintf("#!/bin/sh\necho \"%s $*\" >>%s\n%s\n", name, filepath.Join(w.root, "commands"), more), 0o755)
}

func (w *world) put(name, content string, mode os.FileMode) {
	w.t.Helper()
	path := filepath.Join(w.root, name)
	w.check(os.MkdirAll(filepath.Dir(path), 0o755))
	w.check(os.WriteFile(path, []byte(content), mode))
	w.check(os.Chmod(path, mode))
}

func (w *world) read(name string) string {
	w.t.Helper()
	body, err := os.ReadFile(filepath.Join(w.root, name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		w.t.Fatal(err)
	}
	return string(body)
}

// run runs the program on the machine and returns its exit code and what it logged.
func (w *world) run(args ...string) (int, string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, append([]string{"-root", w.root, "-metadata", w.imdsURL, "-endpoint", w.url}, args...)...)
	cmd.Env = w.environ
	var log bytes.Buffer
	cmd.Stderr = &log
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	if strings.Contains(log.String(), registrationToken) {
		w.t.Error("the token is in the log")
	}
	return cmd.ProcessState.ExitCode(), log.String()
}

func (w *world) retire(reason string) (int, string) {
	w.t.Helper()
	w.environ = append(w.environ, "SEMAPHORE_AGENT_SHUTDOWN_REASON="+reason)
	return w.run("retire")
}

// fault spoils AWS calls from now on; count 0 means all of them.
func (w *world) fault(service, operation string, kind fault.Kind, count int) {
	rule := fault.Call{Service: service, Operation: operation, Kind: kind, Count: count}
	if kind == fault.Error {
		rule.Code, rule.Message, rule.Status = "InternalFailure", "scripted", 500
	}
	w.aws.Faults().Add(fault.Set{Calls: []fault.Call{rule}})
}

// calls are the parameters of the calls of an operation that were carried out.
func (w *world) calls(operation string) []map[string]string {
	var found []map[string]string
	for _, c := range w.aws.Calls() {
		if c.Operation == operation && c.Code == "" && (c.Fault == "" || c.Fault == fault.LostReply || c.Fault == fault.Delay) {
			found = append(found, c.Parameters)
		}
	}
	return found
}

func (w *world) eventually(what string, is func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// desired is the desired capacity of the one group that there is.
func (w *world) desired() int {
	for _, g := range w.aws.State().Groups {
		return g.DesiredCapacity
	}
	return -1
}
