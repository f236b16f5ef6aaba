package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/scaler"
)

// brief is time for one tick and no second one.
const brief = 2500 * time.Millisecond

func TestScale(t *testing.T) {
	t.Parallel()
	f := start(t)
	if o := f.invoke(t, brief); o.failed {
		t.Fatal(o.message)
	}
	if n := f.aws.desiredCapacity(); n != 4 {
		t.Errorf("desired capacity is %d, want 4", n)
	}
	for _, want := range []string{
		`"reason":"4 jobs (3 queued, 1 running) need 4 machines: raise desired capacity from 1 to 4"`,
		`"JobCount":3,"JobState":"queued"`,
	} {
		f.output.wait(t, want)
	}
	for line := range strings.Lines(f.output.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
}

func TestScaleWithHeadroom(t *testing.T) {
	t.Parallel()
	f := start(t, "SEMAPHORE_AGENT_OVERPROVISION_STRATEGY=percentage", "SEMAPHORE_AGENT_OVERPROVISION_FACTOR=30")
	if o := f.invoke(t, brief); o.failed {
		t.Fatal(o.message)
	}
	if n := f.aws.desiredCapacity(); n != 6 {
		t.Errorf("desired capacity is %d, want 6", n)
	}
}

// TestScaleAfterAFault spoils the first invocation. It has to fail and change nothing, and the second to put right
// what the first could not.
func TestScaleAfterAFault(t *testing.T) {
	throttledSSM := text(http.StatusBadRequest, `{"__type":"ThrottlingException","message":"Rate exceeded"}`)
	throttledGroup := text(http.StatusBadRequest, queryError("Throttling", "Rate exceeded"))
	metrics := func(more ...fault) func(*function) {
		return func(f *function) { f.semaphore.add("metrics", more...) }
	}
	aws := func(call string, more ...fault) func(*function) {
		return func(f *function) { f.aws.add(call, more...) }
	}
	tests := map[string]struct {
		spoil   func(*function)
		message string
	}{
		"metrics hang":       {metrics(hang), "deadline exceeded"},
		"metrics stall":      {metrics(stall), "deadline exceeded"},
		"metrics reset":      {metrics(reset, reset), ": EOF"},
		"web page":           {metrics(text(200, "<html>", "Content-Type", "text/html")), "it is a web page"},
		"404":                {metrics(text(404, "")), "404 Not Found"},
		"500":                {metrics(text(500, ""), text(500, "")), "500 Internal Server Error"},
		"429":                {metrics(text(429, ""), text(429, "")), "rate limited (429"},
		"redirect":           {metrics(text(307, "", "Location", "https://127.0.0.1:1/")), "307 Temporary Redirect"},
		"truncated":          {metrics(text(200, goodMetrics[:30])), "not understood"},
		"no jobs":            {metrics(text(200, `{"agents":{"idle":1,"occupied":1}}`)), "jobs is missing"},
		"string":             {metrics(text(200, `{"jobs":{"queued":"032","running":0}}`)), `jobs.queued is "032"`},
		"negative":           {metrics(text(200, `{"jobs":{"queued":-3,"running":0}}`)), "jobs.queued is -3"},
		"huge":               {metrics(text(200, `{"jobs":{"queued":9e99,"running":0}}`)), "jobs.queued is 9e99"},
		"endless":            {metrics(text(200, strings.Repeat(" ", 2<<20))), "larger than 1048576 bytes"},
		"token throttled":    {aws("AmazonSSM.GetParameter", throttledSSM, throttledSSM), "ThrottlingException"},
		"token hangs":        {aws("AmazonSSM.GetParameter", hang, hang), `read parameter "/ci/token"`},
		"describe throttled": {aws("DescribeAutoScalingGroups", throttledGroup, throttledGroup), "Throttling"},
		"describe 500":       {aws("DescribeAutoScalingGroups", text(500, "<html>"), text(500, "<html>")), "describe Auto Scaling group"},
		"set hangs":          {aws("SetDesiredCapacity", hang, hang), "set desired capacity"},
		"set refused":        {aws("SetDesiredCapacity", text(400, queryError("ValidationError", "above max value"))), "above max value"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			tt.spoil(f)
			if o := f.invoke(t, brief); !o.failed || !strings.Contains(o.message, tt.message) {
				t.Errorf("got %+v, want a failure with %q", o, tt.message)
			}
			if n := f.aws.desiredCapacity(); n != 1 {
				t.Errorf("desired capacity is %d after the fault, want 1", n)
			}
			f.aws.heal()
			if o := f.invoke(t, brief); o.failed {
				t.Errorf("the second invocation fails: %s", o.message)
			}
			if n := f.aws.desiredCapacity(); n != 4 {
				t.Errorf("desired capacity is %d, want 4", n)
			}
		})
	}
}

// TestScaleInSpiteOf has faults that one tick gets over.
func TestScaleInSpiteOf(t *testing.T) {
	tests := map[string]struct {
		spoil   func(*function)
		desired int
	}{
		"one 500":                 {func(f *function) { f.semaphore.add("metrics", text(500, "")) }, 4},
		"one reset":               {func(f *function) { f.semaphore.add("metrics", reset) }, 4},
		"429 for a second":        {func(f *function) { f.semaphore.add("metrics", text(429, "", "Retry-After", "1")) }, 4},
		"token throttled once":    {func(f *function) { f.aws.add("AmazonSSM.GetParameter", text(500, "")) }, 4},
		"describe throttled once": {func(f *function) { f.aws.add("DescribeAutoScalingGroups", text(503, "")) }, 4},
		"suspension denied": {func(f *function) {
			f.aws.suspended = false
			f.aws.add("SuspendProcesses", text(403, queryError("AccessDenied", "")))
		}, 4},
		"low maximum":              {func(f *function) { f.aws.maximum = 2 }, 2},
		"live capacity above need": {func(f *function) { f.aws.desired = 9 }, 9},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := start(t)
			tt.spoil(f)
			if o := f.invoke(t, brief+time.Second); o.failed {
				t.Fatal(o.message)
			}
			if n := f.aws.desiredCapacity(); n != tt.desired {
				t.Errorf("desired capacity is %d, want %d", n, tt.desired)
			}
		})
	}
}

func TestScaleWithARotatedToken(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.semaphore.token = "s3cr3t-new"
	f.aws.add("AmazonSSM.GetParameter", text(http.StatusOK, `{"Parameter":{"Value":"s3cr3t-old"}}`))
	f.aws.parameters["/ci/token"] = "s3cr3t-new"
	if o := f.invoke(t, brief); o.failed {
		t.Fatal(o.message)
	}
	if n, reads := f.aws.desiredCapacity(), f.aws.count("AmazonSSM.GetParameter"); n != 4 || reads != 2 {
		t.Errorf("desired capacity is %d after %d reads, want 4 after 2", n, reads)
	}
}

func TestScaleWithAWrongToken(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.aws.parameters["/ci/token"] = "s3cr3t-wrong"
	if o := f.invoke(t, brief); !o.failed || !strings.Contains(o.message, "registration token refused (401 Unauthorized)") {
		t.Errorf("got %+v", o)
	}
}

func TestScaleWithoutAGroup(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.aws.gone = true
	if o := f.invoke(t, brief); !o.failed || !strings.Contains(o.message, `Auto Scaling group "agents": it does not exist`) {
		t.Errorf("got %+v", o)
	}
}

// TestScaleLeavesALimitedSemaphoreAlone looks at the invocation after the one that was told to wait.
func TestScaleLeavesALimitedSemaphoreAlone(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.semaphore.add("metrics", text(429, "", "Retry-After", "60"))
	for range 2 {
		if o := f.invoke(t, brief); !o.failed {
			t.Error("an invocation without a tick succeeds")
		}
	}
	if n := f.semaphore.count("metrics"); n != 1 {
		t.Errorf("Semaphore was asked %d times", n)
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		env  []string
		want []string
	}{
		"no task":      {[]string{"SEMAGENT_TASK="}, []string{"SEMAGENT_TASK is not set"}},
		"unknown task": {[]string{"SEMAGENT_TASK=shrink"}, []string{`SEMAGENT_TASK is "shrink": must be scale or maintain`}},
		"all at once": {
			[]string{"SEMAGENT_GROUP_NAME=", "SEMAPHORE_ENDPOINT=https://acme.semaphoreci.com", "SEMAPHORE_AGENT_OVERPROVISION_STRATEGY=some"},
			[]string{"SEMAGENT_GROUP_NAME is not set", "use endpoint", `overprovision strategy "some"`},
		},
		"boot time":   {[]string{"SEMAGENT_BOOT_TIME=soon"}, []string{`SEMAGENT_BOOT_TIME is "soon": must be a duration like 20m`}},
		"maintenance": {[]string{"SEMAGENT_TASK=maintain", "SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME="}, []string{"SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME is not set"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := start(t, tt.env...).invoke(t, brief)
			for _, want := range tt.want {
				if !o.failed || !strings.Contains(o.message, want) {
					t.Errorf("got %+v, want %q", o, want)
				}
			}
		})
	}
}

func TestMaintain(t *testing.T) {
	t.Parallel()
	f := start(t, "SEMAGENT_TASK=maintain")
	f.aws.suspended = false
	for range 2 {
		if o := f.invoke(t, brief); o.failed {
			t.Fatal(o.message)
		}
	}
	want, err := json.Marshal(scaler.KnownHosts())
	if err != nil {
		t.Fatal(err)
	}
	f.aws.with(func() {
		if diff := cmp.Diff(string(want), f.aws.parameters["fleet-hosts"]); diff != "" || !f.aws.suspended {
			t.Errorf("suspended: %t, parameter: %s", f.aws.suspended, diff)
		}
	})
	if n := f.aws.count("AmazonSSM.PutParameter"); n != 1 {
		t.Errorf("the parameter was written %d times in two invocations, want once", n)
	}
}
