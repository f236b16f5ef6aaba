package scaler

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// report writes the decision, or why there is none, and the metrics.
func (r *invocation) report(ctx context.Context, t tick) {
	if t.err != nil {
		r.Log.ErrorContext(ctx, "tick failed", "stack", r.StackName, "error", t.err.Error())
	} else {
		r.Log.LogAttrs(ctx, slog.LevelInfo, "decision",
			slog.String("stack", r.StackName),
			slog.String("reason", t.decision.Reason),
			slog.Int("target", t.decision.Target),
			slog.Int("desired", t.group.desired),
			slog.Int("min", t.group.min),
			slog.Int("max", t.group.max),
			slog.Int("queued", t.occupancy.Jobs.Queued),
			slog.Int("running", t.occupancy.Jobs.Running),
			slog.Int64("ms", t.latency.Milliseconds()),
		)
	}
	for _, line := range metricLines(r.StackName, t, time.Now()) {
		text, err := json.Marshal(line)
		if err == nil {
			_, err = r.Metrics.Write(append(text, '\n'))
		}
		if err != nil {
			r.Log.WarnContext(ctx, "metrics not written", "error", err.Error())
		}
	}
}

// metricLines are a tick's metrics in CloudWatch's embedded metric format. JobCount by JobState and AgentCount by
// AgentState are the reference stack's metrics. A line has one value for each dimension, so two states take two lines.
func metricLines(stack string, t tick, now time.Time) []metricLine {
	if t.err != nil {
		line := newMetricLine(stack, now)
		line.add(metric{"TickErrors", 1, "Count"})
		return []metricLine{line}
	}
	first, second := newMetricLine(stack, now), newMetricLine(stack, now)
	first.addState("JobState", "queued", "JobCount", t.occupancy.Jobs.Queued)
	second.addState("JobState", "running", "JobCount", t.occupancy.Jobs.Running)
	if agents := t.occupancy.Agents; agents != nil {
		first.addState("AgentState", "idle", "AgentCount", agents.Idle)
		second.addState("AgentState", "occupied", "AgentCount", agents.Occupied)
	}
	first.add(
		metric{"DesiredCapacity", t.decision.Target, "Count"},
		metric{"InServiceInstances", t.group.inService, "Count"},
		metric{"BootingInstances", t.group.booting, "Count"},
		metric{"DecisionLatency", int(t.latency.Milliseconds()), "Milliseconds"},
		metric{"TickErrors", 0, "Count"},
	)
	return []metricLine{first, second}
}
