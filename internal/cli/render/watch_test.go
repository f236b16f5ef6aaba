package render_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
	"github.com/semagent/semagent/internal/ui/uitest"
)

// step is an event, after a pause.
type step struct {
	after  time.Duration
	id     string // empty for the stack itself
	status string
	reason string
}

func kinds() map[string]string {
	return map[string]string{
		"AgentRole":            "AWS::IAM::Role",
		"AgentGroup":           "AWS::AutoScaling::AutoScalingGroup",
		"AgentConfigParameter": "AWS::SSM::Parameter",
		"KnownHostsParameter":  "AWS::SSM::Parameter",
		"ScalerFunction":       "AWS::Lambda::Function",
		"ScalerSchedule":       "AWS::Events::Rule",
	}
}

func created() []deploy.Change {
	var changes []deploy.Change
	for _, id := range []string{"AgentConfigParameter", "AgentGroup", "AgentRole", "KnownHostsParameter", "ScalerFunction"} {
		changes = append(changes, added(id, kinds()[id], nil))
	}
	return changes
}

func createSteps() []step {
	return []step{
		{0, "", "CREATE_IN_PROGRESS", "User Initiated"},
		{2 * time.Second, "AgentConfigParameter", "CREATE_IN_PROGRESS", ""},
		{0, "AgentRole", "CREATE_IN_PROGRESS", ""},
		{0, "KnownHostsParameter", "CREATE_IN_PROGRESS", ""},
		{time.Second, "AgentRole", "CREATE_IN_PROGRESS", "Resource creation Initiated"},
		{time.Second, "AgentConfigParameter", "CREATE_COMPLETE", ""},
		{500 * time.Millisecond, "KnownHostsParameter", "CREATE_COMPLETE", ""},
		{15 * time.Second, "AgentRole", "CREATE_COMPLETE", ""},
		{0, "ScalerFunction", "CREATE_IN_PROGRESS", ""},
		{0, "AgentGroup", "CREATE_IN_PROGRESS", ""},
		{7 * time.Second, "ScalerFunction", "CREATE_COMPLETE", ""},
		{65 * time.Second, "AgentGroup", "CREATE_COMPLETE", ""},
		{time.Second, "", "CREATE_COMPLETE", ""},
	}
}

func failureSteps() []step {
	return []step{
		{0, "", "CREATE_IN_PROGRESS", "User Initiated"},
		{time.Second, "AgentRole", "CREATE_IN_PROGRESS", ""},
		{0, "AgentConfigParameter", "CREATE_IN_PROGRESS", ""},
		{time.Second, "AgentConfigParameter", "CREATE_COMPLETE", ""},
		{time.Second, "AgentGroup", "CREATE_IN_PROGRESS", ""},
		{3 * time.Second, "AgentGroup", "CREATE_FAILED", "The image id '[ami-0123456789abcdef0]' does not exist\n(Service: AutoScaling, Status Code: 400, Request ID: 0a1b2c3d)"},
		{0, "AgentRole", "CREATE_FAILED", "Resource creation cancelled"},
		{0, "", "ROLLBACK_IN_PROGRESS", "The following resource(s) failed to create: [AgentGroup, AgentRole]. Rollback requested by user."},
		{time.Second, "AgentGroup", "DELETE_COMPLETE", ""},
		{0, "AgentConfigParameter", "DELETE_IN_PROGRESS", ""},
		{time.Second, "AgentConfigParameter", "DELETE_COMPLETE", ""},
		{0, "AgentRole", "DELETE_IN_PROGRESS", ""},
		{2 * time.Second, "AgentRole", "DELETE_COMPLETE", ""},
		{0, "", "ROLLBACK_COMPLETE", ""},
	}
}

// replay shows steps to a watcher as they would come, and calls seen after each of them.
func replay(w *render.Watcher, steps []step, seen func(i int)) {
	for i, s := range steps {
		time.Sleep(s.after)
		e := deploy.Event{
			ID: "event-" + s.id + "-" + s.status, Time: time.Now(), StackID: stackARN, LogicalID: s.id,
			PhysicalID: "fleet-" + s.id, Type: kinds()[s.id], Status: s.status, StatusReason: s.reason,
		}
		if s.id == "" {
			e.LogicalID, e.PhysicalID, e.Type = "fleet", stackARN, "AWS::CloudFormation::Stack"
		}
		w.Event(e)
		synctest.Wait()
		seen(i)
	}
}

func ignore(int) {}

// utc fixes the zone of the lines' clock for one test.
func utc(t *testing.T) {
	t.Helper()
	local := time.Local
	time.Local = time.UTC
	t.Cleanup(func() { time.Local = local })
}

func TestWatchPipe(t *testing.T) {
	utc(t)
	for name, steps := range map[string][]step{"create": createSteps(), "failure": failureSteps()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				out, text := pipe()
				w := render.NewWatcher(out, render.Watch{Stack: "fleet", Changes: created()})
				replay(w, steps, ignore)
				if err := w.Close(""); err != nil {
					t.Error(err)
				}
				golden(t, "watch/"+name+".pipe.txt", text.String())
			})
		})
	}
}

func TestWatchPipeHeartbeat(t *testing.T) {
	utc(t)
	synctest.Test(t, func(t *testing.T) {
		out, text := pipe()
		w := render.NewWatcher(out, render.Watch{Stack: "fleet", Changes: created()})
		replay(w, createSteps()[:8], ignore)
		replay(w, createSteps()[8:10], ignore)
		before := text.String()
		since := func() string { return strings.TrimPrefix(text.String(), before) }
		time.Sleep(29 * time.Second)
		synctest.Wait()
		if since() != "" {
			t.Errorf("a sign of life after 29 s: %q", since())
		}
		time.Sleep(time.Second)
		synctest.Wait()
		want := "00:00:49 still waiting: 3 of 5 resources done; ScalerFunction CREATE_IN_PROGRESS for 30s, AgentGroup CREATE_IN_PROGRESS for 30s\n"
		if got := since(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		time.Sleep(60 * time.Second)
		synctest.Wait()
		if n := strings.Count(since(), "\n"); n != 3 {
			t.Errorf("%d signs of life in 90 s", n)
		}
		w.Note("AWS is throttling; asking less often")
		time.Sleep(29 * time.Second)
		synctest.Wait()
		if !strings.HasSuffix(text.String(), "00:01:49 AWS is throttling; asking less often\n") {
			t.Errorf("after a note: %q", since())
		}
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Hour)
		if n := strings.Count(since(), "\n"); n != 4 {
			t.Error("it goes on after Close")
		}
	})
}

func TestWatchJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var text bytes.Buffer
		screen := uitest.NewScreen(80, 24)
		s := ui.NewTerminal(nil, screen, &text, nil, screen.Size)
		w := render.NewWatcher(s.Err, render.Watch{Stack: "fleet", JSON: true})
		replay(w, failureSteps(), ignore)
		time.Sleep(time.Minute)
		w.Note("detached")
		if err := w.Close("ROLLBACK_COMPLETE"); err != nil {
			t.Error(err)
		}
		golden(t, "watch/failure.ndjson", text.String())
		for line := range strings.Lines(text.String()) {
			if !json.Valid([]byte(line)) {
				t.Errorf("not JSON: %s", line)
			}
		}
		if len(screen.Frames()) > 0 {
			t.Error("progress went to stdout")
		}
	})
}

func TestWatchReportsAFailedWrite(t *testing.T) {
	broken := ui.New(nil, brokenWriter{}, brokenWriter{}, nil).Err
	terminal := ui.NewTerminal(nil, brokenWriter{}, brokenWriter{}, nil, func() (int, int) { return 80, 24 }).Err
	for name, w := range map[string]*render.Watcher{
		"pipe":     render.NewWatcher(broken, render.Watch{Stack: "fleet"}),
		"json":     render.NewWatcher(broken, render.Watch{Stack: "fleet", JSON: true}),
		"terminal": render.NewWatcher(terminal, render.Watch{Stack: "fleet"}),
	} {
		w.Event(deploy.Event{LogicalID: "AgentRole", Status: "CREATE_IN_PROGRESS"})
		w.Note("note")
		if err := w.Close(""); !errors.Is(err, errBroken) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
