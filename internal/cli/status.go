package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/lookup"
	"github.com/semagent/semagent/internal/scalerlog"
	"github.com/semagent/semagent/internal/template"
	"github.com/semagent/semagent/internal/ui"
)

func newStatus(a *app) *cobra.Command {
	var follow bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show the fleet: stack, group, instances",
		Long: `Show the state of the fleet's stack, the sizes of its Auto Scaling group, its instances by state, and the scaler's
last decision. With --follow, come back to an operation that is running, whoever started it, and watch it to its end.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent status --stack-name ci-fleet\n  semagent status --stack-name ci-fleet --follow\n  semagent status --stack-name ci-fleet --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runStatus(cmd.Context(), a, follow) },
	}
	cmd.Flags().BoolVar(&follow, "follow", false, "watch the operation that is running to its end")
	return cmd
}

func runStatus(ctx context.Context, a *app, follow bool) error {
	name, s, err := a.atStack(ctx)
	if err != nil {
		return err
	}
	if follow {
		if err := a.reattach(ctx, s, name); err != nil {
			return err
		}
	}
	stack, err := s.engine.Stack(ctx, name)
	if err != nil {
		return err
	}
	report := statusReport{Stack: newStackStatus(s.Region, stack)}
	if name := stack.Outputs[template.OutputGroup]; name != "" {
		report.Group, err = groupStatus(ctx, s, name)
		if err != nil {
			return err
		}
	}
	report.Decision = lastDecision(ctx, s, stack)
	if a.json() {
		return a.printJSON(report)
	}
	return report.print(a.streams.Out)
}

// reattach watches the operation that is running; that none is running is worth a word and no error.
func (a *app) reattach(ctx context.Context, s *session, name string) error {
	x, err := s.engine.Attach(ctx, name)
	if errors.Is(err, deploy.ErrIdle) {
		a.note("No operation is running on stack %s.", name)
		return nil
	}
	if err != nil {
		return err
	}
	return a.follow(ctx, s, x, nil)
}

// statusReport is the answer of `semagent status`.
type statusReport struct {
	Stack    stackStatus      `json:"stack"`
	Group    *groupReport     `json:"group"`
	Decision *scalerlog.Entry `json:"decision"` // the scaler's last; null where there is none, or none that may be read
}

type stackStatus struct {
	Name    string    `json:"name"`
	ID      string    `json:"id"`
	Region  string    `json:"region"`
	Status  string    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Changed time.Time `json:"changed"`
	Version string    `json:"version"` // of the semagent that deployed it last
}

type groupReport struct {
	Name            string           `json:"name"`
	MinSize         int              `json:"minSize"`
	MaxSize         int              `json:"maxSize"`
	DesiredCapacity int              `json:"desiredCapacity"`
	States          map[string]int   `json:"states"` // instances by lifecycle state
	Instances       []instanceReport `json:"instances"`
}

type instanceReport struct {
	ID     string `json:"id"`
	Type   string `json:"type"`
	Zone   string `json:"zone"`
	State  string `json:"state"`
	Health string `json:"health"`
}

func newStackStatus(region string, s *deploy.Stack) stackStatus {
	changed := s.Updated
	if changed.IsZero() {
		changed = s.Created
	}
	return stackStatus{
		Name: s.Name, ID: s.ID, Region: region, Status: string(s.Status), Reason: s.StatusReason,
		Changed: changed, Version: s.Tags[tagVersion],
	}
}

// groupStatus is nil while the stack has no group.
func groupStatus(ctx context.Context, s *session, name string) (*groupReport, error) {
	group, exists, err := lookup.Group(ctx, autoscaling.NewFromConfig(s.Config), "", name)
	if err != nil || !exists {
		return nil, err
	}
	report := &groupReport{
		Name: group.Name, MinSize: group.MinSize, MaxSize: group.MaxSize, DesiredCapacity: group.DesiredCapacity,
		States: map[string]int{}, Instances: []instanceReport{},
	}
	for _, i := range group.Instances {
		report.States[i.State]++
		report.Instances = append(report.Instances, instanceReport(i))
	}
	return report, nil
}

// decisionAge is how old the scaler's last decision may be: it makes one a minute at least.
const decisionAge = 10 * time.Minute

// lastDecision is nil where the log cannot be read: it is the least of what a status tells.
func lastDecision(ctx context.Context, s *session, stack *deploy.Stack) *scalerlog.Entry {
	group := stack.Outputs[template.OutputLogGroup]
	if group == "" {
		return nil
	}
	entry, ok, err := scalerlog.LastDecision(ctx, cloudwatchlogs.NewFromConfig(s.Config), group, time.Now().Add(-decisionAge))
	if err != nil || !ok {
		return nil
	}
	return &entry
}

func (r statusReport) print(out *ui.Output) error {
	rows := [][]string{
		{"Stack", fmt.Sprintf("%s (%s)", r.Stack.Name, r.Stack.Region)},
		{"Status", strings.TrimSpace(r.Stack.Status + "  " + r.Stack.Reason)},
		{"Changed", ui.Ago(r.Stack.Changed, time.Now()) + byVersion(r.Stack.Version)},
	}
	if g := r.Group; g != nil {
		rows = append(rows,
			[]string{"Group", g.Name},
			[]string{"Size", fmt.Sprintf("desired %d, minimum %d, maximum %d", g.DesiredCapacity, g.MinSize, g.MaxSize)},
			[]string{"Instances", countStates(g.States)},
		)
	}
	if d := r.Decision; d != nil {
		rows = append(rows, []string{"Decision", fmt.Sprintf("%s (%s)", d.Text, ui.Ago(d.Time, time.Now()))})
	}
	if err := (ui.Table{Rows: rows, Flex: 1}).Write(out); err != nil || r.Group == nil || len(r.Group.Instances) == 0 {
		return err
	}
	instances := ui.Table{Header: []string{"INSTANCE", "TYPE", "ZONE", "STATE", "HEALTH"}}
	for _, i := range r.Group.Instances {
		instances.Rows = append(instances.Rows, []string{i.ID, i.Type, i.Zone, i.State, i.Health})
	}
	fmt.Fprintln(out)
	return instances.Write(out)
}

func byVersion(version string) string {
	if version == "" {
		return ""
	}
	return " by semagent " + version
}

// countStates is "3 InService, 1 Pending", in the states' alphabetical order.
func countStates(states map[string]int) string {
	if len(states) == 0 {
		return "none"
	}
	var parts []string
	for _, state := range slices.Sorted(maps.Keys(states)) {
		parts = append(parts, fmt.Sprintf("%d %s", states[state], state))
	}
	return strings.Join(parts, ", ")
}
