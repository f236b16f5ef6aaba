package awsfake

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type logEventView struct {
	LogStreamName string `json:"logStreamName,omitempty"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId,omitempty"`
}

// within tells whether an event lies in [StartTime, EndTime), in milliseconds.
func (in logsInput) within(e logEvent) bool {
	t := e.time.UnixMilli()
	return (in.StartTime == nil || t >= *in.StartTime) && (in.EndTime == nil || t < *in.EndTime)
}

// getLogEvents pages in both directions: its tokens are positions behind f/ and b/, and the last token repeats, as GetLogEvents' does.
func (l *logsService) getLogEvents(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	s, err := g.stream(in.LogStreamName)
	if err != nil {
		return nil, err
	}
	events := slices.DeleteFunc(slices.Clone(s.events), func(e logEvent) bool { return !in.within(e) })
	limit := limitOf(in.Limit, 10000, 10000)
	start, end := max(0, len(events)-limit), len(events)
	if in.StartFromHead {
		start, end = 0, min(limit, len(events))
	}
	if in.NextToken != "" {
		direction, position, ok := strings.Cut(in.NextToken, "/")
		at, err := tokenStart(position)
		if !ok || err != nil || at > len(events) {
			return nil, wire.Errorf("InvalidParameterException", "The specified nextToken is invalid.")
		}
		start, end = at, min(at+limit, len(events))
		if direction == "b" {
			start, end = max(0, at-limit), at
		}
	}
	views := []logEventView{}
	for _, e := range events[start:end] {
		views = append(views, logEventView{"", e.time.UnixMilli(), e.message, e.ingested.UnixMilli(), ""})
	}
	return map[string]any{"events": views, "nextForwardToken": "f/" + tokenFor(end), "nextBackwardToken": "b/" + tokenFor(start)}, nil
}

func (l *logsService) filterLogEvents(in logsInput) (any, error) {
	g, err := l.find(in.group())
	if err != nil {
		return nil, err
	}
	match, err := logPattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	var wanted []string
	if list, ok := in.LogStreamNames.([]any); ok {
		for _, name := range list {
			wanted = append(wanted, text(name))
		}
	}
	views := []logEventView{}
	for _, name := range sortedKeys(g.streams) {
		if !strings.HasPrefix(name, text(in.LogStreamNamePrefix)) || len(wanted) > 0 && !slices.Contains(wanted, name) {
			continue
		}
		for _, e := range g.streams[name].events {
			if in.within(e) && match(e.message) {
				views = append(views, logEventView{name, e.time.UnixMilli(), e.message, e.ingested.UnixMilli(), e.id})
			}
		}
	}
	slices.SortStableFunc(views, func(a, b logEventView) int {
		return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.EventID, b.EventID))
	})
	shown, next, err := page(views, in.NextToken, limitOf(in.Limit, 10000, 10000), "InvalidParameterException")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"events": shown, "searchedLogStreams": []string{}}, "nextToken", next), nil
}

// logPattern reads the part of CloudWatch's filter syntax that tails use: terms that all must occur, ?terms of which one must, -terms
// that must not, "quoted terms", and { $.field = "value" } on JSON. Anything else is refused.
func logPattern(pattern string) (func(string) bool, error) {
	pattern = strings.TrimSpace(pattern)
	if strings.HasPrefix(pattern, "{") {
		return jsonPattern(pattern)
	}
	if strings.ContainsAny(pattern, "[]%") {
		return nil, wire.Errorf("InvalidParameterException", "the local AWS does not know the filter pattern %s", pattern)
	}
	terms := logTerms(pattern)
	return func(message string) bool {
		anyWanted, anyFound := false, false
		for _, t := range terms {
			found := strings.Contains(message, strings.TrimLeft(t, "?-"))
			switch {
			case strings.HasPrefix(t, "?"):
				anyWanted, anyFound = true, anyFound || found
			case strings.HasPrefix(t, "-") == found:
				return false
			}
		}
		return !anyWanted || anyFound
	}, nil
}

func logTerms(pattern string) []string {
	var terms []string
	for i, part := range strings.Split(pattern, `"`) {
		if i%2 == 1 {
			terms = append(terms, part)
			continue
		}
		terms = append(terms, strings.Fields(part)...)
	}
	return terms
}

func jsonPattern(pattern string) (func(string) bool, error) {
	inner := strings.TrimSpace(strings.Trim(pattern, "{}"))
	field, want, ok := strings.Cut(inner, "=")
	field = strings.TrimPrefix(strings.TrimSpace(field), "$.")
	if !ok || strings.ContainsAny(inner, "|&!<>(") {
		return nil, wire.Errorf("InvalidParameterException", "the local AWS does not know the filter pattern %s", pattern)
	}
	want = strings.Trim(strings.TrimSpace(want), `"`)
	return func(message string) bool {
		var object map[string]any
		return json.Unmarshal([]byte(message), &object) == nil && object[field] != nil && text(object[field]) == want
	}, nil
}
