package scaler

import (
	"context"
	"encoding/json"
	"log/slog"
	"time"
)

// reportPause is how long a decision that does not change goes unrepeated: every line is paid for.
const reportPause = 30 * time.Second

// report is the last one that was written.
type report struct {
	at   time.Time
	text string
}

// report writes the decision, or why there is none, and the metrics. A tick that has nothing new to tell is left out
// unless it is the first of its invocation.
func (r *invocation) report(ctx context.Context, t tick) {
	now := time.Now()
	if t.err != nil {
		r.reported = report{}
		r.Log.ErrorContext(ctx, "tick failed", "stack", r.StackName, "error", t.err.Error())
		r.writeMetrics(ctx, t, now)
		return
	}
	attrs := decisionAttrs(r.StackName, t)
	if text := slog.GroupValue(attrs...).String(); text != r.reported.text || r.ticks == 1 || now.Sub(r.reported.at) >= reportPause {
		r.reported = report{now, text}
		attrs = append(attrs, slog.Int64("ms", t.latency.Milliseconds()))
		r.Log.LogAttrs(ctx, slog.LevelInfo, "decision", attrs...)
		r.writeMetrics(ctx, t, now)
	}
}

func decisionAttrs(stack string, t tick) []slog.Attr {
	attrs := []slog.Attr{
		slog.String("stack", stack),
		slog.String("reason", t.decision.Reason),
		slog.Int("target", t.decision.Target),
		slog.Int("desired", t.group.desired),
		slog.Int("min", t.group.min),
		slog.Int("max", t.group.max),
		slog.Int("queued", t.occupancy.Jobs.Queued),
		slog.Int("running", t.occupancy.Jobs.Running),
		slog.Int("inService", t.group.inService),
		slog.Int("booting", t.group.booting),
	}
	if c := t.census; c.stuck > 0 {
		attrs = append(attrs, slog.Int("stuck", c.stuck), slog.Any("suspects", c.suspects))
	}
	if t.census.held {
		attrs = append(attrs, slog.Int("bootFailures", t.census.failures), slog.Int("ceiling", t.census.ceiling))
	}
	if t.census.shortfall > 0 {
		attrs = append(attrs, slog.Int("shortfall", t.census.shortfall))
	}
	if t.failure != nil {
		attrs = append(attrs, slog.String("class", string(t.failure.class)), slog.String("cause", t.failure.cause))
	}
	return attrs
}

func (r *invocation) writeMetrics(ctx context.Context, t tick, now time.Time) {
	for _, line := range metricLines(r.StackName, t, now) {
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
	first, second := newMetricLine(stack, now), newMetricLine(stack, now)
	if t.err != nil {
		first.add(metric{"TickErrors", 1, "Count"})
		return []metricLine{first}
	}
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
	)
	first.addTrouble(metric{"Shortfall", t.census.shortfall, "Count"})
	first.addTrouble(metric{"TickErrors", 0, "Count"})
	first.addTrouble(metric{"StuckInstances", t.census.stuck, "Count"}, metric{"BootFailures", t.census.loop(), "Count"})
	if t.failure != nil {
		second.addState("ShortfallClass", string(t.failure.class), "Shortfall", t.census.shortfall)
	}
	return []metricLine{first, second}
}
