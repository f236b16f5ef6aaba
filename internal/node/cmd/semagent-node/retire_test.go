package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/imds"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
)

// retired is how the group was asked to take the machine out: "decrement", "replace" or nothing.
func (w *world) retired() string {
	calls := w.calls("TerminateInstanceInAutoScalingGroup")
	switch {
	case len(calls) == 0:
		return ""
	case calls[0]["InstanceId"] != w.instance || len(calls) > 1:
		return "wrong"
	case calls[0]["ShouldDecrementDesiredCapacity"] == "true":
		return "decrement"
	}
	return "replace"
}

func jobs(queued, running int) semaphore.Metrics {
	return semaphore.Metrics{Jobs: semaphore.Jobs{Queued: queued, Running: running}}
}

func TestRetire(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		reason  string
		size    size
		spoil   func(*world)
		want    string
		desired int
	}{
		"idle":                             {"IDLE", size{0, 3, 2}, nil, "decrement", 1},
		"finished":                         {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.semaphore.Set(jobs(0, 1)) }, "decrement", 1},
		"finished, jobs wait":              {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.semaphore.Set(jobs(2, 1)) }, "replace", 2},
		"finished, Semaphore hangs":        {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.misbehave(semaphore.Hang) }, "decrement", 1},
		"finished, Semaphore is down":      {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.misbehave(semaphore.ServerError, semaphore.ServerError) }, "decrement", 1},
		"finished, Semaphore shows a page": {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.misbehave(semaphore.HTML) }, "decrement", 1},
		"finished, Semaphore stumbles":     {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.semaphore.Set(jobs(2, 1)); w.misbehave(semaphore.ServerError) }, "replace", 2},
		"finished, parameter name is lost": {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.put("var/lib/semagent/parameter", " ", 0o644) }, "decrement", 1},
		"finished, token is denied":        {"JOB_FINISHED", size{0, 3, 2}, func(w *world) { w.fault("ssm", "*", fault.Denied, 0) }, "decrement", 1},
		"finished, group is not shown": {"JOB_FINISHED", size{0, 3, 2}, func(w *world) {
			w.semaphore.Set(jobs(9, 9))
			w.fault("autoscaling", "DescribeAutoScalingGroups", fault.Denied, 0)
		}, "decrement", 1},
		"requested":                          {"REQUESTED", size{0, 3, 2}, nil, "decrement", 1},
		"requested at the minimum":           {"REQUESTED", size{2, 3, 2}, nil, "replace", 2},
		"interrupted":                        {"INTERRUPTED", size{0, 3, 2}, nil, "replace", 2},
		"unable to sync":                     {"UNABLE_TO_SYNC", size{0, 3, 2}, nil, "replace", 2},
		"unknown":                            {"UNKNOWN", size{0, 3, 2}, nil, "replace", 2},
		"no reason":                          {"", size{0, 3, 2}, nil, "replace", 2},
		"throttled":                          {"IDLE", size{0, 3, 2}, func(w *world) { w.fault("autoscaling", "TerminateInstanceInAutoScalingGroup", fault.Throttle, 2) }, "decrement", 1},
		"connection breaks":                  {"IDLE", size{0, 3, 2}, func(w *world) { w.fault("autoscaling", "*", fault.Reset, 2) }, "decrement", 1},
		"idle at an unseen minimum":          {"IDLE", size{2, 3, 2}, func(w *world) { w.fault("autoscaling", "DescribeAutoScalingGroups", fault.Denied, 0) }, "replace", 2},
		"metadata stumbles":                  {"IDLE", size{0, 3, 2}, func(w *world) { w.imds.Break(500, 503) }, "decrement", 1},
		"restart fails, so it is replaced":   {"IDLE", size{1, 3, 1}, func(w *world) { w.command("usr/bin/systemctl", "exit 1") }, "replace", 1},
		"nothing to clean with, so replaced": {"IDLE", size{1, 3, 1}, func(w *world) { w.check(os.RemoveAll(filepath.Join(w.root, "opt/semaphore/skeleton"))) }, "replace", 1},
		"Docker hangs on, so replaced":       {"IDLE", size{1, 3, 1}, func(w *world) { w.command("usr/bin/docker", "exit 1") }, "replace", 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.size, imds.Options{})
			w.put("var/lib/semagent/parameter", "ci-config", 0o644)
			if tt.spoil != nil {
				tt.spoil(w)
			}
			code, log := w.retire(tt.reason)
			if code != 0 {
				t.Fatalf("exit code %d: %s", code, log)
			}
			if got := w.retired(); got != tt.want {
				t.Errorf("%s, want %s: %s", got, tt.want, log)
			}
			if n := w.desired(); n != tt.desired {
				t.Errorf("desired capacity is %d, want %d", n, tt.desired)
			}
			if strings.Contains(w.read("commands"), "poweroff") {
				t.Errorf("commands: %s", w.read("commands"))
			}
		})
	}
}

func (w *world) misbehave(how ...semaphore.Misbehaviour) { w.semaphore.Misbehave(how...) }

// TestRetireAsksForTwoSeconds bounds the wait for a Semaphore that hangs.
func TestRetireAsksForTwoSeconds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, size{0, 3, 2}, imds.Options{})
	w.put("var/lib/semagent/parameter", "ci-config", 0o644)
	w.misbehave(semaphore.Hang, semaphore.Hang)
	began := time.Now()
	if code, log := w.retire("JOB_FINISHED"); code != 0 {
		t.Fatal(log)
	}
	if took := time.Since(began); took < 2*time.Second || took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestRetireInPlace is at the minimum size: no machine is churned, the agent gets a clean one and a name of its own.
func TestRetireInPlace(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"IDLE", "JOB_FINISHED"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, size{1, 3, 1}, imds.Options{})
			if code, log := w.run("start", "ci-config"); code != 0 {
				t.Fatal(log)
			}
			before := agentFile(t, w)["name"]
			for _, trace := range []string{"home/semaphore/project/secret.txt", "home/semaphore/.docker/config.json", "tmp/build/output", "home/semaphore/.toolbox/cache"} {
				w.put(trace, "s3cr3t of the job", 0o600)
			}
			w.check(os.Symlink("/etc", filepath.Join(w.root, "home/semaphore/link")))
			w.check(os.Remove(filepath.Join(w.root, "commands")))
			code, log := w.retire(reason)
			if code != 0 || w.retired() != "" || w.desired() != 1 {
				t.Fatalf("exit code %d, %s: %s", code, w.retired(), log)
			}
			if after := agentFile(t, w)["name"]; after == before || !strings.HasPrefix(after.(string), w.instance) {
				t.Errorf("the name was %v and is %v", before, after)
			}
			checkClean(t, w)
			want := "docker ps --all --quiet\ndocker rm --force --volumes c1 c2\ndocker volume prune --all --force\ndocker network prune --force\n" +
				"systemctl --no-block restart semaphore-agent.service\n"
			if got := w.read("commands"); got != want {
				t.Errorf("commands: %s", got)
			}
		})
	}
}

func checkClean(t *testing.T, w *world) {
	t.Helper()
	for _, gone := range []string{"home/semaphore/project", "home/semaphore/.docker", "home/semaphore/link", "tmp/build"} {
		if _, err := os.Lstat(filepath.Join(w.root, gone)); !os.IsNotExist(err) {
			t.Errorf("%s is left (%v)", gone, err)
		}
	}
	for name, want := range map[string]string{
		"home/semaphore/.bash_profile": "source ~/.toolbox/toolbox\n", "home/semaphore/.toolbox/cache": "#!/bin/sh\n",
		"home/semaphore/.toolbox/restore": "#!/bin/sh\n", "home/semaphore/.ssh/known_hosts": "github.com " + hostKey + "\n",
	} {
		if got := w.read(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	info, err := os.Stat(filepath.Join(w.root, "home/semaphore/.toolbox/cache"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the tool's mode is %v, %v", info.Mode(), err)
	}
}

// TestRetireAfterAHostileJob: the job had the environment, the home and the agent's own files, and the machine leaves all
// the same.
func TestRetireAfterAHostileJob(t *testing.T) {
	t.Parallel()
	w := newWorld(t, size{0, 3, 2}, imds.Options{})
	w.put("var/lib/semagent/parameter", "ci-config", 0o644)
	w.put("home/semaphore/.aws/credentials", "[default]\naws_access_key_id = AKIDHOSTILE\naws_secret_access_key = x\n", 0o600)
	w.put("home/semaphore/.aws/config", "[default]\nregion = mars-1\nendpoint_url = http://127.0.0.1:1\n", 0o600)
	w.put("opt/semaphore/agent/config.yaml", "nonsense", 0o600)
	for _, name := range []string{"AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"} {
		w.environ = append(w.environ, name+"="+filepath.Join(w.root, "home/semaphore/.aws/config"))
	}
	w.environ = append(w.environ,
		"HOME="+filepath.Join(w.root, "home/semaphore"), "PATH=", "AWS_ACCESS_KEY_ID=AKIDHOSTILE", "AWS_SECRET_ACCESS_KEY=x", "AWS_SESSION_TOKEN=y",
		"AWS_REGION=mars-1", "AWS_PROFILE=none", "AWS_ENDPOINT_URL=http://127.0.0.1:1", "AWS_EC2_METADATA_DISABLED=true",
		"AWS_EC2_METADATA_SERVICE_ENDPOINT=http://127.0.0.1:1", "AWS_MAX_ATTEMPTS=1", "HTTP_PROXY=http://127.0.0.1:1", "HTTPS_PROXY=http://127.0.0.1:1", "NO_PROXY=",
	)
	w.semaphore.Set(jobs(5, 0))
	if code, log := w.retire("JOB_FINISHED"); code != 0 || w.retired() != "replace" {
		t.Errorf("exit code %d, %s: %s", code, w.retired(), log)
	}
}

// TestRetirePowersOff is the end of the ladder.
func TestRetirePowersOff(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		spoil func(*world)
		want  string
	}{
		"metadata is gone":      {func(w *world) { w.imds.Close() }, ""},
		"no member of a group":  {func(w *world) { w.leaveGroup() }, ""},
		"answer was lost":       {func(w *world) { w.fault("autoscaling", "TerminateInstanceInAutoScalingGroup", fault.LostReply, 1) }, "decrement"},
		"sudo is needed for it": {func(w *world) { w.imds.Close(); w.command("usr/bin/systemctl", "exit 1") }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, size{0, 3, 2}, imds.Options{})
			w.command("usr/bin/sudo", "")
			tt.spoil(w)
			code, log := w.retire("IDLE")
			if code != 1 || w.retired() != tt.want {
				t.Errorf("exit code %d, %s: %s", code, w.retired(), log)
			}
			want := "systemctl poweroff\n"
			if name == "sudo is needed for it" {
				want += "sudo -n /usr/bin/systemctl poweroff\n"
			}
			if got := w.read("commands"); got != want {
				t.Errorf("commands: %s", got)
			}
		})
	}
}

// leaveGroup makes somebody else terminate the instance first.
func (w *world) leaveGroup() {
	w.check(w.aws.Retire(w.instance, true))
	w.eventually("the instance has left", func() bool { return !strings.Contains(strings.Join(w.aws.InService(), " "), w.instance) })
	w.eventually("it is forgotten", func() bool {
		for _, g := range w.aws.State().Groups {
			if slices.Contains(g.Instances, w.instance) {
				return false
			}
		}
		return true
	})
}

func TestHealth(t *testing.T) {
	t.Parallel()
	const line = "/opt/semaphore/agent/agent\x00start\x00--config-file\x00/opt/semaphore/agent/config.yaml\x00"
	t.Run("there", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, size{0, 3, 1}, imds.Options{})
		w.put("proc/42/cmdline", line, 0o444)
		if code, log := w.run("-patience", "50ms", "health"); code != 0 || w.read("commands") != "" || len(w.calls("SetInstanceHealth")) != 0 {
			t.Errorf("exit code %d, %s", code, log)
		}
	})
	t.Run("back in time", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, size{0, 3, 1}, imds.Options{})
		path := filepath.Join(w.root, "proc/1/cmdline")
		time.AfterFunc(300*time.Millisecond, func() { _ = os.WriteFile(path, []byte(line), 0o444) })
		if code, log := w.run("-patience", "2s", "health"); code != 0 || w.read("commands") != "" {
			t.Errorf("exit code %d, %s", code, log)
		}
	})
	t.Run("gone", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, size{0, 3, 1}, imds.Options{})
		w.put("proc/42/cmdline", "/bin/echo\x00/opt/semaphore/agent/agent start", 0o444)
		code, log := w.run("-patience", "100ms", "health")
		if code != 1 || !strings.Contains(log, "the agent's process has been gone for 100ms") {
			t.Errorf("exit code %d, %s", code, log)
		}
		if n := len(w.calls("SetInstanceHealth")); n != 1 || w.read("commands") != "systemctl poweroff\n" {
			t.Errorf("%d reports, commands %s", n, w.read("commands"))
		}
	})
}

// TestRetireFinishesAfterASignal: systemd ends the agent's unit while its hook runs.
func TestRetireFinishesAfterASignal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, size{0, 3, 2}, imds.Options{})
	w.aws.Faults().Add(fault.Set{Calls: []fault.Call{
		{Service: "autoscaling", Operation: "DescribeAutoScalingInstances", Kind: fault.Delay, Delay: time.Second},
	}})
	cmd := exec.CommandContext(t.Context(), binary, "-root", w.root, "-metadata", w.imdsURL, "-endpoint", w.url, "retire")
	cmd.Env = append(w.environ, "SEMAPHORE_AGENT_SHUTDOWN_REASON=IDLE")
	w.check(cmd.Start())
	w.eventually("it has begun", func() bool { return strings.Contains(w.read("dev/console"), `"msg":"identity"`) })
	w.check(cmd.Process.Signal(syscall.SIGTERM))
	if err := cmd.Wait(); err != nil || w.retired() != "decrement" {
		t.Errorf("%v, %q: %s", err, w.retired(), w.read("dev/console"))
	}
}
