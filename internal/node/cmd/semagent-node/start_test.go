package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/imds"
)

func agentFile(t *testing.T, w *world) map[string]any {
	t.Helper()
	var file map[string]any
	if err := json.Unmarshal([]byte(w.read("opt/semaphore/agent/config.yaml")), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, size{0, 3, 1}, imds.Options{})
	code, log := w.run("start", "ci-config")
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, log)
	}
	file := agentFile(t, w)
	name, _ := file["name"].(string)
	if !strings.HasPrefix(name, w.instance+"__") || len(name) != len(w.instance)+15 {
		t.Errorf("the agent's name is %q", name)
	}
	delete(file, "name")
	delete(file, "endpoint")
	want := map[string]any{
		"token": registrationToken, "no-https": false, "shutdown-hook-path": "/opt/semaphore/agent/hooks/shutdown", "disconnect-after-job": true,
		"disconnect-after-idle-timeout": 300.0, "files": []any{}, "fail-on-missing-files": false,
		"env-vars": []any{"SEMAPHORE_CACHE_BACKEND=s3", "SEMAPHORE_CACHE_S3_BUCKET=cache-of-the-fleet", "SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true"},
	}
	if diff := cmp.Diff(want, file); diff != "" {
		t.Error(diff)
	}
	for path, mode := range map[string]os.FileMode{
		"opt/semaphore/agent/config.yaml": 0o600, "home/semaphore/.ssh": 0o700 | os.ModeDir, "home/semaphore/.ssh/known_hosts": 0o644,
		"home/semaphore/.aws/config": 0o644,
	} {
		info, err := os.Stat(filepath.Join(w.root, path))
		if err != nil || info.Mode() != mode {
			t.Errorf("%s: %v, %v, want %s", path, info.Mode(), err, mode)
		}
	}
	if got := w.read("home/semaphore/.ssh/known_hosts"); got != "github.com "+hostKey+"\n" {
		t.Errorf("known_hosts is %q", got)
	}
	if got := w.read("home/semaphore/.aws/config"); !strings.HasPrefix(got, "[default]\nregion = us-east-1\n") {
		t.Errorf(".aws/config is %q", got)
	}
	if got := w.read("commands"); got != "systemctl start semaphore-agent.service semagent-health.timer\n" {
		t.Errorf("commands: %q", got)
	}
	checkLog(t, w, log)
	if left, err := filepath.Glob(filepath.Join(w.root, "*/*/*/.*.new")); err != nil || len(left) > 0 {
		t.Errorf("drafts are left: %v, %v", left, err)
	}
}

// checkLog wants each step with its milliseconds, as JSON, and the same on the console.
func checkLog(t *testing.T, w *world, log string) {
	t.Helper()
	if log != w.read("dev/console") {
		t.Error("the console has another log than stderr")
	}
	took := map[string]bool{}
	for line := range strings.Lines(log) {
		var entry struct {
			Msg string
			MS  *int64
		}
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		took[entry.Msg] = entry.MS != nil
	}
	for _, step := range []string{"identity", "configuration", "token", "known hosts", "parameters", "files", "unit", "agent started"} {
		if !took[step] {
			t.Errorf("step %q is not logged with its time", step)
		}
	}
}

func TestStartWithAPreSignedURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t, size{0, 3, 1}, imds.Options{})
	w.putParameter("ci-config", `{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"/ci/token","sshKeysParameterName":"ci-ssh-public-keys",`+
		`"disconnectAfterJob":"false","disconnectAfterIdleTimeout":"0","envVars":[],"usePreSignedURL":true}`, types.ParameterTypeString)
	if code, log := w.run("start", "ci-config"); code != 0 {
		t.Fatal(log)
	}
	name, _ := agentFile(t, w)["name"].(string)
	if !strings.HasPrefix(name, "https://sts.us-east-1.amazonaws.com/?") {
		t.Fatalf("the name is %q", name)
	}
	for _, want := range []string{
		"Action=GetCallerIdentity", "Version=2011-06-15", "X-Amz-Expires=900", "X-Amz-Credential=ASIAINSTANCEROLE0001%2F", "X-Amz-Security-Token=session-of-the-role",
		"%2Fus-east-1%2Fsts%2Faws4_request", "X-Amz-Signature=",
	} {
		if !strings.Contains(name, want) {
			t.Errorf("the name has no %s: %s", want, name)
		}
	}
	// The local AWS reads the URL's scope as AWS does and answers who signed it.
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+strings.TrimPrefix(name, "https://sts.us-east-1.amazonaws.com"), nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the URL answers %s", resp.Status)
	}
}

// TestStartInSpiteOf has faults that retries get over.
func TestStartInSpiteOf(t *testing.T) {
	t.Parallel()
	tests := map[string]func(*world){
		"metadata service is not up yet":   func(w *world) { w.imds.Break(503, 503, 500) },
		"metadata service is slow":         func(w *world) { w.imds.Delay(300 * time.Millisecond) },
		"session token is refused once":    func(w *world) { w.imds.Break(200, 401) },
		"SSM throttles":                    func(w *world) { w.fault("ssm", "GetParameter", fault.Throttle, 2) },
		"SSM breaks the connection":        func(w *world) { w.fault("ssm", "GetParameter", fault.Reset, 2) },
		"SSM answers with a page":          func(w *world) { w.fault("ssm", "GetParameter", fault.HTML, 2) },
		"role is not known everywhere yet": func(w *world) { w.fault("ssm", "GetParameter", fault.Denied, 2) },
		"systemd is busy": func(w *world) {
			w.command("usr/bin/systemctl", `[ -e "$0.again" ] || { touch "$0.again"; exit 1; }`)
		},
		"a job's leftovers": func(w *world) {
			w.put("home/semaphore/.ssh/.known_hosts.new", "", 0o400)
			w.put("home/semaphore/.aws/config", "[default]\nregion = mars-1\n", 0o400)
		},
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, size{0, 3, 1}, imds.Options{})
			spoil(w)
			if code, log := w.run("-patience", "20s", "start", "ci-config"); code != 0 {
				t.Fatalf("exit code %d: %s", code, log)
			}
			if !strings.Contains(w.read("opt/semaphore/agent/config.yaml"), registrationToken) {
				t.Error("config.yaml has no token")
			}
			if n := len(w.calls("SetInstanceHealth")); n != 0 {
				t.Errorf("the instance was reported unhealthy %d times", n)
			}
		})
	}
}

// TestStartGivesUp has faults that last. The reason is on the console, the group replaces the instance and the machine
// powers off, in this order.
func TestStartGivesUp(t *testing.T) {
	t.Parallel()
	const good = `"endpoint":"a.example","agentTokenParameterName":"/ci/token","sshKeysParameterName":"ci-ssh-public-keys"`
	config := func(text string) func(*world) {
		return func(w *world) { w.putParameter("ci-config", text, types.ParameterTypeString) }
	}
	tests := map[string]struct {
		spoil     func(*world)
		options   imds.Options
		reason    string
		unhealthy bool // whether the group could be told
	}{
		"no configuration parameter": {func(w *world) { w.fault("ssm", "GetParameter", fault.Denied, 0) }, imds.Options{}, `read parameter \"ci-config\"`, true},
		"configuration is not JSON":  {config("endpoint: a"), imds.Options{}, "read the agent's configuration", true},
		"configuration lacks keys":   {config(`{"endpoint":"a"}`), imds.Options{}, "agentTokenParameterName is missing", true},
		"a variable with two =":      {config(`{` + good + `,"envVars":["OPTS=--a=hidden"]}`), imds.Options{}, `the value of OPTS has a \"=\" in it`, true},
		"token is missing":           {config(strings.ReplaceAll(`{`+good+`}`, "/ci/token", "/ci/none")), imds.Options{}, `read parameter \"/ci/none\"`, true},
		"known hosts are missing":    {config(strings.ReplaceAll(`{`+good+`}`, "ci-ssh", "no-ssh")), imds.Options{}, `read parameter \"no-ssh-public-keys\"`, true},
		"known hosts are no list": {func(w *world) {
			w.putParameter("ci-ssh-public-keys", "github.com ssh-rsa A", types.ParameterTypeString)
		}, imds.Options{}, "read the list of known hosts", true},
		"no such user":            {func(w *world) { w.put("etc/passwd", "root:x:0:0::/root:/bin/sh\n", 0o644) }, imds.Options{}, "no such user", true},
		"home is a link":          {func(w *world) { w.linkHome() }, imds.Options{}, "", true},
		"unit does not start":     {func(w *world) { w.command("usr/bin/systemctl", `[ "$1" = poweroff ]`) }, imds.Options{}, "run /usr/bin/systemctl start", true},
		"metadata is too far":     {func(*world) {}, imds.Options{Hops: 2}, "get a session token", false},
		"metadata is not there":   {func(w *world) { w.imds.Close() }, imds.Options{}, "connection refused", false},
		"metadata always fails":   {func(w *world) { w.imds.Break(make500(200)...) }, imds.Options{}, "status 500", false},
		"health cannot be set":    {func(w *world) { w.fault("*", "*", fault.Error, 0) }, imds.Options{}, "InternalFailure", false},
		"no instance profile yet": {func(w *world) { w.imds.ForgetTokens(); w.imds.Break(make401(400)...) }, imds.Options{}, "status 401", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, size{0, 3, 1}, tt.options)
			tt.spoil(w)
			code, log := w.run("-patience", "1500ms", "start", "ci-config")
			if code != 1 {
				t.Errorf("exit code %d: %s", code, log)
			}
			console := w.read("dev/console")
			if !strings.Contains(console, `"msg":"giving up","reason":"the agent did not start: `) || !strings.Contains(console, tt.reason) {
				t.Errorf("the console does not say %q: %s", tt.reason, console)
			}
			if strings.Contains(log, "hidden") {
				t.Error("the log shows a variable's value")
			}
			if got := w.read("commands"); !strings.HasSuffix(got, "systemctl poweroff\n") {
				t.Errorf("commands: %q", got)
			}
			reports := w.calls("SetInstanceHealth")
			if (len(reports) == 1) != tt.unhealthy {
				t.Errorf("reported unhealthy: %v", reports)
			}
			if tt.unhealthy && (reports[0]["HealthStatus"] != "Unhealthy" || reports[0]["InstanceId"] != w.instance || reports[0]["ShouldRespectGracePeriod"] != "false") {
				t.Errorf("reported %v", reports[0])
			}
		})
	}
}

func make500(n int) []int { return repeat(http.StatusInternalServerError, n) }
func make401(n int) []int { return repeat(http.StatusUnauthorized, n) }

func repeat(status, n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = status
	}
	return list
}

// linkHome makes a directory of the home a link out of it.
func (w *world) linkHome() {
	w.check(os.MkdirAll(filepath.Join(w.root, "etc/secret"), 0o700))
	w.check(os.Symlink(filepath.Join(w.root, "etc/secret"), filepath.Join(w.root, "home/semaphore/.ssh")))
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	w := &world{t: t, root: t.TempDir()}
	for _, args := range [][]string{{}, {"start"}, {"start", "a", "b"}, {"retire", "now"}, {"health", "x"}, {"stop"}, {"-no-such-flag"}} {
		if code, log := w.run(args...); code != 2 || !strings.Contains(log, "usage: semagent-node") {
			t.Errorf("%v: exit code %d, %s", args, code, log)
		}
	}
	if code, log := w.run("-h"); code != 0 || !strings.Contains(log, "-patience") {
		t.Errorf("-h: exit code %d, %s", code, log)
	}
}
