package awsfake

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type logsInput struct {
	LogGroupName, LogGroupIdentifier, LogStreamName, LogGroupNamePrefix, LogGroupNamePattern string
	LogStreamNamePrefix, LogStreamNames                                                      any
	OrderBy, NextToken, FilterPattern                                                        string
	Descending, StartFromHead                                                                bool
	RetentionInDays, Limit                                                                   int
	StartTime, EndTime                                                                       *int64
	LogEvents                                                                                []struct {
		Timestamp int64
		Message   string
	}
}

func (in logsInput) group() string { return cmp.Or(in.LogGroupName, in.LogGroupIdentifier) }

func eventID(serial int) string { return fmt.Sprintf("%056d", serial) }

func (l *logsService) createLogGroup(in logsInput) (any, error) {
	if l.groups[in.LogGroupName] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log group already exists")
	}
	l.ensure(in.LogGroupName)
	return nil, nil
}

func (l *logsService) deleteLogGroup(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	delete(l.groups, g.name)
	return nil, nil
}

type logGroupView struct {
	LogGroupName    string `json:"logGroupName"`
	Arn             string `json:"arn"`
	LogGroupArn     string `json:"logGroupArn"`
	CreationTime    int64  `json:"creationTime"`
	RetentionInDays int    `json:"retentionInDays,omitempty"`
	KmsKeyID        string `json:"kmsKeyId,omitempty"`
	LogGroupClass   string `json:"logGroupClass"`
	StoredBytes     int    `json:"storedBytes"`
}

func (l *logsService) describeLogGroups(in logsInput) (any, error) {
	views := []logGroupView{}
	for _, name := range sortedKeys(l.groups) {
		g := l.groups[name]
		if !strings.HasPrefix(name, in.LogGroupNamePrefix) || !strings.Contains(name, in.LogGroupNamePattern) {
			continue
		}
		arn := l.groupARN(name)
		views = append(views, logGroupView{name, arn + ":*", arn, g.created.UnixMilli(), g.retention, g.kmsKey, g.class, 0})
	}
	shown, next, err := page(views, in.NextToken, limitOf(in.Limit, 50, 50), "InvalidParameterException")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"logGroups": shown}, "nextToken", next), nil
}

func (l *logsService) putRetentionPolicy(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	allowed := []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	if !slices.Contains(allowed, in.RetentionInDays) {
		return nil, wire.Errorf("InvalidParameterException", "1 validation error detected: Value '%d' at 'retentionInDays' failed to satisfy constraint: "+
			"Member must satisfy enum value set: %v", in.RetentionInDays, allowed)
	}
	g.retention = in.RetentionInDays
	return nil, nil
}

func (l *logsService) createLogStream(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	if g.streams[in.LogStreamName] != nil {
		return nil, wire.Errorf("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	g.streams[in.LogStreamName] = &logStream{name: in.LogStreamName, created: l.now()}
	return nil, nil
}

type logStreamView struct {
	LogStreamName       string `json:"logStreamName"`
	Arn                 string `json:"arn"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp *int64 `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  *int64 `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   *int64 `json:"lastIngestionTime,omitempty"`
	StoredBytes         int    `json:"storedBytes"`
}

func (l *logsService) describeLogStreams(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	views := []logStreamView{}
	for _, name := range sortedKeys(g.streams) {
		if strings.HasPrefix(name, text(in.LogStreamNamePrefix)) {
			views = append(views, l.streamView(g, g.streams[name]))
		}
	}
	if in.OrderBy == "LastEventTime" {
		last := func(v logStreamView) int64 {
			if v.LastEventTimestamp == nil {
				return 0
			}
			return *v.LastEventTimestamp
		}
		slices.SortStableFunc(views, func(a, b logStreamView) int { return cmp.Compare(last(a), last(b)) })
	}
	if in.Descending {
		slices.Reverse(views)
	}
	shown, next, err := page(views, in.NextToken, limitOf(in.Limit, 50, 50), "InvalidParameterException")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"logStreams": shown}, "nextToken", next), nil
}

func (l *logsService) streamView(g *logGroup, s *logStream) logStreamView {
	v := logStreamView{LogStreamName: s.name, Arn: l.groupARN(g.name) + ":log-stream:" + s.name, CreationTime: s.created.UnixMilli()}
	if len(s.events) > 0 {
		first, last, ingested := s.events[0].time.UnixMilli(), s.events[len(s.events)-1].time.UnixMilli(), s.events[len(s.events)-1].ingested.UnixMilli()
		v.FirstEventTimestamp, v.LastEventTimestamp, v.LastIngestionTime = &first, &last, &ingested
	}
	return v
}

func (l *logsService) putLogEvents(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	if _, err := g.stream(in.LogStreamName); err != nil {
		return nil, err
	}
	for _, e := range in.LogEvents {
		l.append(g, in.LogStreamName, time.UnixMilli(e.Timestamp), e.Message)
	}
	return map[string]string{"nextSequenceToken": eventID(l.serial)}, nil
}
