package scaler

import (
	"slices"
	"time"
)

// metricLine is one document of CloudWatch's embedded metric format: values at the root, and under _aws which of
// them are metrics and which dimensions each has. CloudWatch Logs makes metrics of it; nothing has to be called.
type metricLine map[string]any

type metric struct {
	name  string
	value int
	unit  string
}

type metricHeader struct {
	Timestamp         int64 // milliseconds since 1970
	CloudWatchMetrics []metricDirective
}

type metricDirective struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metricDefinition
}

type metricDefinition struct {
	Name string
	Unit string
}

func newMetricLine(stack string, now time.Time) metricLine {
	return metricLine{"_aws": &metricHeader{Timestamp: now.UnixMilli()}, "StackName": stack}
}

// addState adds a count with the dimensions StackName and the one that names the state.
func (l metricLine) addState(dimension, state, name string, value int) {
	l[dimension] = state
	l.directive([]string{"StackName", dimension}, metric{name, value, "Count"})
}

// add adds metrics of the stack as a whole.
func (l metricLine) add(metrics ...metric) {
	l.directive([]string{"StackName"}, metrics...)
}

// addTrouble adds metrics of the stack that are zero as long as all is well. They are metrics only while one of them is
// not: CloudWatch charges for each by the hour. The values stand in the line in any case. Those that an alarm adds up come
// together, because a sum with a metric that has no data has none either.
func (l metricLine) addTrouble(metrics ...metric) {
	for _, m := range metrics {
		l[m.name] = m.value
	}
	if slices.ContainsFunc(metrics, func(m metric) bool { return m.value != 0 }) {
		l.add(metrics...)
	}
}

func (l metricLine) directive(dimensions []string, metrics ...metric) {
	d := metricDirective{Namespace: "Semaphore", Dimensions: [][]string{dimensions}}
	for _, m := range metrics {
		l[m.name] = m.value
		d.Metrics = append(d.Metrics, metricDefinition{m.name, m.unit})
	}
	header := l["_aws"].(*metricHeader)
	header.CloudWatchMetrics = append(header.CloudWatchMetrics, d)
}
