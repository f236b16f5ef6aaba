package template

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"
)

type widget struct {
	Type       string         `json:"type"`
	X          int            `json:"x"`
	Y          int            `json:"y"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Properties map[string]any `json:"properties"`
}

// dashboard is named after the stack, where people look for it. Its body holds no setting: the stack's name stands in
// it as a pseudo parameter.
func (f fleet) dashboard() json.Marshaler {
	body, _ := json.Marshal(map[string]any{"widgets": []widget{ // strings and numbers always marshal
		chart(0, 0, "Jobs by state", fleetLine("JobCount", "JobState", "queued"), fleetLine("JobCount", "JobState", "running")),
		chart(12, 0, "Agents by state", fleetLine("AgentCount", "AgentState", "idle"), fleetLine("AgentCount", "AgentState", "occupied")),
		chart(0, 6, "Instances", fleetLine("DesiredCapacity"), fleetLine("InServiceInstances"), fleetLine("BootingInstances")),
		chart(12, 6, "Trouble", fleetLine("StuckInstances"), fleetLine("BootFailures"), fleetLine("Shortfall"), fleetLine("TickErrors")),
		{Type: "log", Y: 12, Width: 24, Height: 8, Properties: map[string]any{
			"title":  "Decisions",
			"region": "${AWS::Region}",
			"view":   "table",
			"query": "SOURCE '${" + scalerLogGroup + "}' | fields @timestamp, coalesce(reason, error) as decision" +
				" | filter msg in ['decision', 'tick failed'] | sort @timestamp desc | limit 100",
		}},
	}})
	return cloudwatch.Dashboard{DashboardName: new(f.StackName), DashboardBody: intrinsic("Fn::Sub", string(body))}
}

func chart(x, y int, title string, lines ...[]string) widget {
	return widget{Type: "metric", X: x, Y: y, Width: 12, Height: 6, Properties: map[string]any{
		"title": title, "region": "${AWS::Region}", "view": "timeSeries", "stat": "Maximum", "period": 60, "metrics": lines,
	}}
}

// fleetLine is a metric of this stack as a dashboard names it, with another dimension where one is given.
func fleetLine(name string, dimension ...string) []string {
	return append([]string{metricNamespace, name, "StackName", "${AWS::StackName}"}, dimension...)
}
