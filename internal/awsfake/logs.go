package awsfake

import (
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// logsService owns log groups, their streams and events. Events do not expire.
type logsService struct {
	*core
	groups map[string]*logGroup
	serial int
}

type logGroup struct {
	name      string
	created   time.Time
	retention int // days; 0 keeps events for ever
	kmsKey    string
	class     string
	streams   map[string]*logStream
	tags      map[string]string
}

type logStream struct {
	name    string
	created time.Time
	events  []logEvent
}

type logEvent struct {
	id, message    string
	time, ingested time.Time
}

func newLogs(c *core) *logsService { return &logsService{core: c, groups: map[string]*logGroup{}} }

func (l *logsService) service() *service {
	return &service{name: "logs", protocol: protocol{kind: jsonRPC, version: "1.1"}, operations: map[string]operation{
		"CreateLogGroup":     typed(l.createLogGroup),
		"DeleteLogGroup":     typed(l.deleteLogGroup),
		"DescribeLogGroups":  typed(l.describeLogGroups),
		"PutRetentionPolicy": typed(l.putRetentionPolicy),
		"CreateLogStream":    typed(l.createLogStream),
		"DescribeLogStreams": typed(l.describeLogStreams),
		"PutLogEvents":       typed(l.putLogEvents),
		"GetLogEvents":       typed(l.getLogEvents),
		"FilterLogEvents":    typed(l.filterLogEvents),
	}}
}

// find takes a group's name or its ARN.
func (l *logsService) find(name string) (*logGroup, error) {
	if rest, ok := strings.CutPrefix(name, l.arn("logs", "log-group:")); ok {
		name = strings.TrimSuffix(rest, ":*")
	}
	if g := l.groups[name]; g != nil {
		return g, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log group does not exist.")
}

func (g *logGroup) stream(name string) (*logStream, error) {
	if s := g.streams[name]; s != nil {
		return s, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "The specified log stream does not exist.")
}

// ensure finds a group or makes it, as services that write logs do.
func (l *logsService) ensure(name string) *logGroup {
	if g := l.groups[name]; g != nil {
		return g
	}
	g := &logGroup{name: name, created: l.now(), class: "STANDARD", streams: map[string]*logStream{}, tags: map[string]string{}}
	l.groups[name] = g
	return g
}

// write adds one event to a stream that comes into being with it. It takes the lock itself.
func (l *logsService) write(groupName, streamName, message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.append(l.ensure(groupName), streamName, l.now(), message)
}

func (l *logsService) append(g *logGroup, streamName string, at time.Time, message string) {
	s := g.streams[streamName]
	if s == nil {
		s = &logStream{name: streamName, created: l.now()}
		g.streams[streamName] = s
	}
	l.serial++
	s.events = append(s.events, logEvent{eventID(l.serial), message, at, l.now()})
}

func (l *logsService) groupARN(name string) string { return l.arn("logs", "log-group:"+name) }

func (l *logsService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{"AWS::Logs::LogGroup": resource{l.core, "CloudWatchLogs", l.createResource, l.updateResource, l.deleteResource}}
}

func (l *logsService) createResource(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("LogGroupName", r.Name)
	if l.groups[name] != nil {
		return cfn.Result{}, taken(r.Type, `{"/properties/LogGroupName":"`+name+`"}`)
	}
	return l.apply(l.ensure(name), r, p), nil
}

func (l *logsService) updateResource(r cfn.Request, p props) (cfn.Result, error) {
	g, err := l.find(r.PhysicalID)
	if err != nil {
		return cfn.Result{}, err
	}
	return l.apply(g, r, p), nil
}

func (l *logsService) apply(g *logGroup, r cfn.Request, p props) cfn.Result {
	g.retention, g.kmsKey, g.class = p.num("RetentionInDays", 0), p.str("KmsKeyId"), p.or("LogGroupClass", "STANDARD")
	g.tags = allTags(r, p.tags("Tags"))
	return cfn.Result{PhysicalID: g.name, Attributes: map[string]any{"Arn": l.groupARN(g.name) + ":*"}}
}

func (l *logsService) deleteResource(r cfn.Request) error {
	delete(l.groups, r.PhysicalID)
	return nil
}
