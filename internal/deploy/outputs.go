package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"go.yaml.in/yaml/v3"

	"github.com/semagent/semagent/internal/awserr"
)

// surroundings are what DescribeChangeSet does not tell of a change set.
type surroundings struct {
	template []byte // the new one; nil where it could not be read
	outputs  []PropertyChange
	warnings []string
}

// context reads changed outputs and early validation's findings, both at once; what cannot be read becomes a
// warning, for the change set is good without.
func (e *Engine) context(ctx context.Context, cs *ChangeSet, template []byte) surroundings {
	s := surroundings{template: template}
	var (
		wait                   sync.WaitGroup
		findings               []string
		outputsErr, findingErr error
	)
	wait.Go(func() { findings, findingErr = e.findings(ctx, cs.ID) })
	wait.Go(func() { s.outputs, outputsErr = e.outputs(ctx, cs, &s.template) })
	wait.Wait()
	if outputsErr != nil {
		s.warnings = append(s.warnings, "the outputs could not be compared: "+awserr.Message(outputsErr))
	}
	if findingErr != nil {
		s.warnings = append(s.warnings, "early validation's findings could not be read: "+awserr.Message(findingErr))
	}
	s.warnings = append(s.warnings, findings...)
	return s
}

// outputs compares the Outputs of the deployed template with the new one's: DescribeChangeSet says nothing of
// them, and a set that changes only them looks empty. It fetches the new template where it is nil.
func (e *Engine) outputs(ctx context.Context, cs *ChangeSet, template *[]byte) ([]PropertyChange, error) {
	var err error
	if *template == nil {
		if *template, err = e.template(ctx, &cloudformation.GetTemplateInput{ChangeSetName: &cs.ID}); err != nil {
			return nil, err
		}
	}
	after, err := outputsOf(*template)
	if err != nil || cs.NewStack {
		return diff("/Outputs", map[string]any{}, after), err
	}
	deployed, err := e.Template(ctx, cs.StackID)
	if err != nil {
		return nil, err
	}
	before, err := outputsOf(deployed)
	if err != nil {
		return nil, err
	}
	return diff("/Outputs", before, after), nil
}

func outputsOf(template []byte) (map[string]any, error) { return section(template, "Outputs") }

// section is one of the template's top-level members, nil where it has none.
func section(template []byte, name string) (map[string]any, error) {
	if bytes.HasPrefix(bytes.TrimSpace(template), []byte("{")) {
		var t map[string]any
		if err := json.Unmarshal(template, &t); err != nil {
			return nil, fmt.Errorf("read template: %w", err)
		}
		members, _ := t[name].(map[string]any)
		return members, nil
	}
	var y map[string]yaml.Node
	if err := yaml.Unmarshal(template, &y); err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	node, ok := y[name]
	if !ok {
		return nil, nil
	}
	members, _ := fromYAML(&node).(map[string]any)
	return members, nil
}

// fromYAML turns a template's YAML into the JSON it stands for: !GetAtt Role.Arn is {"Fn::GetAtt": ["Role", "Arn"]}.
func fromYAML(n *yaml.Node) any {
	value := plainYAML(n)
	tag, short := strings.CutPrefix(n.Tag, "!")
	switch {
	case !short || strings.HasPrefix(tag, "!") || tag == "":
		return value
	case tag == "Ref" || tag == "Condition":
		return map[string]any{tag: value}
	case tag == "GetAtt" && n.Kind == yaml.ScalarNode:
		resource, attribute, _ := strings.Cut(n.Value, ".")
		value = []any{resource, attribute}
	}
	return map[string]any{"Fn::" + tag: value}
}

func plainYAML(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			m[n.Content[i].Value] = fromYAML(n.Content[i+1])
		}
		return m
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, fromYAML(item))
		}
		return list
	case yaml.AliasNode:
		return fromYAML(n.Alias)
	case yaml.ScalarNode:
		return n.Value
	default:
		return nil
	}
}

// findings are what CloudFormation's early validation noticed about a change set, as sentences. Where
// DescribeEvents is denied or unknown, as in older partitions, there are none.
func (e *Engine) findings(ctx context.Context, changeSetID string) ([]string, error) {
	var sentences []string
	pages := cloudformation.NewDescribeEventsPaginator(e.client, &cloudformation.DescribeEventsInput{ChangeSetName: &changeSetID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx, e.brief)
		if err != nil {
			if awserr.IsAccessDenied(err) || !trouble(err) {
				return sentences, nil
			}
			return sentences, fmt.Errorf("describe events of change set %q: %w", changeSetID, err)
		}
		for _, event := range page.OperationEvents {
			if s := finding(event); s != "" {
				sentences = append(sentences, s)
			}
		}
	}
	return sentences, nil
}

func finding(e types.OperationEvent) string {
	reason, name := str(e.ValidationStatusReason), str(e.ValidationName)
	switch {
	case e.EventType == types.EventTypeHookInvocationError:
		reason, name = str(e.HookStatusReason), str(e.HookType)
	case e.EventType != types.EventTypeValidationError || e.ValidationStatus == types.ValidationStatusSkipped:
		return ""
	}
	where := str(e.LogicalResourceId) + str(e.ValidationPath)
	return strings.TrimPrefix(fmt.Sprintf("%s: %s", where, orUnknown(reason)), ": ") + parenthesis(name)
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + s + ")"
}

func str(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
