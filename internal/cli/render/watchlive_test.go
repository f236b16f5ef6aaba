package render_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/semagent/semagent/internal/cli/render"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
	"github.com/semagent/semagent/internal/ui/uitest"
)

func watchOn(t *testing.T, screen *uitest.Screen, environ ...string) *render.Watcher {
	t.Helper()
	s := ui.NewTerminal(nil, io.Discard, screen, append(environ, "LANG=C.UTF-8"), screen.Size)
	t.Cleanup(func() {
		if len(screen.Unknown()) > 0 {
			t.Errorf("unknown sequences: %v", screen.Unknown())
		}
		if screen.CursorHidden() {
			t.Error("the cursor stays hidden")
		}
	})
	return render.NewWatcher(s.Err, render.Watch{Stack: "fleet", Changes: created()})
}

// The film is what a person sees after each event, and at the end.
func TestWatchTerminal(t *testing.T) {
	for name, steps := range map[string][]step{"create": createSteps(), "failure": failureSteps()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				screen := uitest.NewScreen(90, 24)
				fmt.Fprintln(screen, "$ semagent deploy")
				w := watchOn(t, screen)
				var film strings.Builder
				replay(w, steps, func(i int) {
					if i%3 == 0 {
						fmt.Fprintf(&film, "--- after event %d\n%s\n", i+1, screen.Text())
					}
				})
				if err := w.Close(""); err != nil {
					t.Error(err)
				}
				fmt.Fprintln(screen, "$")
				fmt.Fprintf(&film, "--- at the end\n%s\n", screen.Text())
				golden(t, "watch/"+name+".terminal.txt", film.String())
			})
		})
	}
}

func TestWatchTerminalTicks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(90, 24)
		w := watchOn(t, screen)
		replay(w, createSteps()[:2], ignore)
		first := screen.Text()
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if second := screen.Text(); second == first || !strings.Contains(second, "  5s") {
			t.Errorf("five seconds later:\n%s", second)
		}
		// Nothing may show a half-painted block, not even for the time of one write.
		for i, shown := range screen.Frames()[1:] {
			if !strings.Contains(shown, "fleet") || !strings.Contains(shown, "0 of 5 resources") {
				t.Errorf("write %d left:\n%s", i+1, shown)
			}
		}
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
	})
}

func TestWatchTerminalTooSmall(t *testing.T) {
	tests := map[string]struct {
		width, height int
		want          string
	}{
		"collapses what is done": {90, 7, `
⠴ fleet  CREATE_IN_PROGRESS  19s
  ██████████████████░░░░░░░░░░░░  3 of 5 resources
  ✓ AgentRole             AWS::IAM::Role                      CREATE_COMPLETE     17s
  ⠴ ScalerFunction        AWS::Lambda::Function               CREATE_IN_PROGRESS  0s
  ⠴ AgentGroup            AWS::AutoScaling::AutoScalingGroup  CREATE_IN_PROGRESS  0s
  … 2 done`},
		"narrow": {64, 5, `
⠴ fleet  CREATE_IN_PROGRESS  19s
  ██████████████████░░░░░░░░░░░░  3 of 5 resources
  ⠴ ScalerFunction        AWS::Lambda…  CREATE_IN_PROGRESS  0s
  … 3 done, 1 in progress`},
		"three rows": {80, 3, `
⠴ fleet  CREATE_IN_PROGRESS  19s`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				screen := uitest.NewScreen(tt.width, tt.height)
				w := watchOn(t, screen)
				replay(w, createSteps()[:10], ignore)
				if got := "\n" + screen.Text(); got != tt.want {
					t.Errorf("got:%s\nwant:%s", got, tt.want)
				}
				if err := w.Close("CREATE_COMPLETE"); err != nil {
					t.Error(err)
				}
				if lines := strings.Split(screen.Text(), "\n"); !strings.HasPrefix(lines[0], "✓ fleet  CREATE_COMPLETE") {
					t.Errorf("at the end:\n%s", screen.Text())
				}
			})
		})
	}
}

func TestWatchTerminalFollowsTheSize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(100, 24)
		fmt.Fprintln(screen, "$ semagent deploy")
		w := watchOn(t, screen)
		replay(w, createSteps()[:10], ignore)
		for _, width := range []int{60, 42, 120} {
			screen.Resize(width, 24)
			time.Sleep(100 * time.Millisecond)
			synctest.Wait()
			lines := strings.Split(screen.Text(), "\n")
			if len(lines) != 8 || lines[0] != "$ semagent deploy" || !strings.Contains(lines[1], "fleet") {
				t.Errorf("%d columns wide:\n%s", width, screen.Text())
			}
		}
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
	})
}

func TestWatchTerminalDetached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(90, 24)
		w := watchOn(t, screen)
		replay(w, createSteps()[:8], ignore)
		w.Note("The operation goes on without semagent.")
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
		lines := strings.Split(screen.Text(), "\n")
		if lines[0] != "The operation goes on without semagent." || !strings.HasPrefix(lines[1], "… fleet  CREATE_IN_PROGRESS") {
			t.Errorf("got:\n%s", screen.Text())
		}
	})
}

func TestWatchTerminalBeforeTheFirstEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(90, 24)
		w := watchOn(t, screen)
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		if got := screen.Text(); !strings.Contains(got, " fleet\n") || !strings.Contains(got, "0 of 5 resources") {
			t.Errorf("got:\n%s", got)
		}
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
	})
}

func TestWatchColour(t *testing.T) {
	for name, tt := range map[string]struct {
		environ []string
		want    bool
	}{"on": {nil, true}, "off": {[]string{"NO_COLOR=1"}, false}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				screen := uitest.NewScreen(90, 24)
				w := watchOn(t, screen, tt.environ...)
				replay(w, failureSteps(), ignore)
				if err := w.Close(""); err != nil {
					t.Error(err)
				}
				if screen.Colored() != tt.want {
					t.Errorf("coloured: %v", screen.Colored())
				}
			})
		})
	}
}

// CloudFormation deletes what a replacement left over after UPDATE_COMPLETE; what was done stays done.
func TestWatchCleanupAfterReplacement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(90, 24)
		w := watchOn(t, screen)
		steps := []step{
			{0, "", "UPDATE_IN_PROGRESS", "User Initiated"},
			{time.Second, "AgentRole", "UPDATE_IN_PROGRESS", "Requested update requires the creation of a new physical resource; hence creating one."},
			{5 * time.Second, "AgentRole", "UPDATE_COMPLETE", ""},
			{0, "", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", ""},
			{time.Second, "AgentRole", "DELETE_IN_PROGRESS", ""},
			{2 * time.Second, "AgentRole", "DELETE_FAILED", "still in use"},
			{0, "", "UPDATE_COMPLETE", ""},
		}
		var done []string
		replay(w, steps, func(int) {
			before, _, _ := strings.Cut(screen.Text(), " of 5 resources")
			done = append(done, before[len(before)-1:])
		})
		if want := []string{"0", "0", "1", "1", "1", "1", "1"}; !slices.Equal(done, want) {
			t.Errorf("done: %v, want %v", done, want)
		}
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
		got := screen.Text()
		if !strings.HasPrefix(got, "✓ fleet  UPDATE_COMPLETE  9s") || !strings.Contains(got, "DELETE_FAILED  2s\n      still in use") {
			t.Errorf("at the end:\n%s", got)
		}
	})
}

// A resource whose name is the stack's is a resource.
func TestWatchResourceNamedAsTheStack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		screen := uitest.NewScreen(90, 24)
		w := watchOn(t, screen)
		w.Event(deploy.Event{LogicalID: "fleet", PhysicalID: "p", StackID: stackARN, Type: "AWS::SNS::Topic", Status: "CREATE_COMPLETE", Time: time.Now()})
		if err := w.Close(""); err != nil {
			t.Error(err)
		}
		if got := screen.Text(); !strings.Contains(got, "AWS::SNS::Topic") || !strings.Contains(got, "1 of 6 resources") {
			t.Errorf("got:\n%s", got)
		}
	})
}
