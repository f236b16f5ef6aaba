package awsfake

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// snsService owns topics. It delivers nothing.
type snsService struct {
	*core
	topics map[string]*topic // by ARN
}

type topic struct {
	name, arn, displayName string
	tags                   map[string]string
}

func newSNS(c *core) *snsService { return &snsService{core: c, topics: map[string]*topic{}} }

func (s *snsService) service() *service {
	return &service{name: "sns", protocol: protocol{kind: query, namespace: "http://sns.amazonaws.com/doc/2010-03-31/"}, operations: map[string]operation{
		"ListTopics":         s.listTopics,
		"GetTopicAttributes": s.getTopicAttributes,
	}}
}

func (s *snsService) listTopics(*call) (any, error) {
	type entry struct{ TopicArn string }
	topics := []entry{}
	for _, arn := range sortedKeys(s.topics) {
		topics = append(topics, entry{arn})
	}
	return struct{ Topics []entry }{topics}, nil
}

func (s *snsService) getTopicAttributes(c *call) (any, error) {
	t := s.topics[c.form.Get("TopicArn")]
	if t == nil {
		return nil, &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
	}
	return struct{ Attributes map[string]string }{map[string]string{"TopicArn": t.arn, "DisplayName": t.displayName, "Owner": s.account}}, nil
}

func (s *snsService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{"AWS::SNS::Topic": resource{s.core, "Sns", s.createTopic, s.updateTopic, s.deleteTopic}}
}

func (s *snsService) createTopic(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("TopicName", r.Name)
	fifo := p.flag("FifoTopic", false)
	if fifo && !p.has("TopicName") {
		name += ".fifo"
	}
	if !regexp.MustCompile(`^[a-zA-Z0-9_-]{1,256}(\.fifo)?$`).MatchString(name) || strings.HasSuffix(name, ".fifo") != fifo {
		return cfn.Result{}, wire.Errorf("InvalidParameterValue", "Invalid parameter: Topic Name")
	}
	arn := s.arn("sns", name)
	if s.topics[arn] != nil {
		return cfn.Result{}, taken(r.Type, arn)
	}
	s.topics[arn] = &topic{name: name, arn: arn}
	return s.apply(s.topics[arn], r, p), nil
}

func (s *snsService) updateTopic(r cfn.Request, p props) (cfn.Result, error) {
	t := s.topics[r.PhysicalID]
	if t == nil {
		return cfn.Result{}, &wire.Error{Code: "NotFound", Message: "Topic does not exist", Status: http.StatusNotFound}
	}
	return s.apply(t, r, p), nil
}

func (s *snsService) apply(t *topic, r cfn.Request, p props) cfn.Result {
	t.displayName, t.tags = p.str("DisplayName"), allTags(r, p.tags("Tags"))
	return cfn.Result{PhysicalID: t.arn, Attributes: map[string]any{"TopicArn": t.arn, "TopicName": t.name}}
}

func (s *snsService) deleteTopic(r cfn.Request) error {
	delete(s.topics, r.PhysicalID)
	return nil
}
