package render

import (
	"fmt"
	"strings"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// entries writes what changes beside the resources: a name and a value each, with the action as a sign.
func (p *page) entries(title string, changes []deploy.PropertyChange) {
	if len(changes) == 0 {
		return
	}
	p.section(title)
	for _, change := range changes {
		lines := p.entry(change)
		p.line("  ", p.sign(entryEffect(change.Action)), " ", lines[0])
		for _, line := range lines[1:] {
			p.line("  ", strings.Repeat(" ", p.signWidth()+1), p.paint(line))
		}
	}
}

func (p *page) entry(change deploy.PropertyChange) []string {
	switch change.Action {
	case deploy.Add:
		return []string{change.Path + ": " + templateValue(change.After)}
	case deploy.Remove:
		return []string{change.Path + ": " + templateValue(change.Before)}
	default:
		return p.editedEntry(change)
	}
}

func (p *page) editedEntry(change deploy.PropertyChange) []string {
	if structure(change.Before) == nil && structure(change.After) == nil {
		return propertyLines(change, p.out)
	}
	line := fmt.Sprintf("%s: %s %s %s", change.Path, templateValue(change.Before), p.out.Symbols().Arrow, templateValue(change.After))
	if ui.Width(line) > inlineWidth {
		return propertyLines(change, p.out)
	}
	return []string{line}
}

func entryEffect(action deploy.Action) effect {
	switch action {
	case deploy.Add:
		return effectAdd
	case deploy.Remove:
		return effectRemove
	default:
		return effectChange
	}
}

// outputs names the changes of the Outputs section as the template does: the path /Outputs/GroupName/Value is
// GroupName, any other member of an output is GroupName.Description.
func outputs(cs *deploy.ChangeSet) []deploy.PropertyChange {
	return each(cs.Outputs, func(p deploy.PropertyChange) deploy.PropertyChange {
		p.Path = strings.TrimSuffix(strings.TrimPrefix(p.Path, "/Outputs/"), "/Value")
		p.Path = strings.ReplaceAll(p.Path, "/", ".")
		return p
	})
}

// tags keeps the slashes that a tag's key may have.
func tags(cs *deploy.ChangeSet) []deploy.PropertyChange {
	return each(cs.Tags, func(p deploy.PropertyChange) deploy.PropertyChange {
		p.Path = strings.TrimPrefix(p.Path, "/Tags/")
		return p
	})
}

// templateValue is what stands in a template's Outputs on one line: of a whole output its value, and functions in
// YAML's short form.
func templateValue(text string) string {
	object, ok := structure(text).(map[string]any)
	if !ok {
		return quote(text)
	}
	if value, ok := object["Value"]; ok {
		return function(value)
	}
	return function(object)
}

func function(value any) string {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return show(value)
	}
	for name, argument := range object {
		text, isText := argument.(string)
		switch {
		case name == "Ref" && isText:
			return "!Ref " + text
		case name == "Fn::Sub" && isText:
			return "!Sub " + quote(text)
		case name == "Fn::GetAtt" && isText:
			return "!GetAtt " + text
		case name == "Fn::GetAtt":
			return "!GetAtt " + joinedPath(argument)
		}
	}
	return show(value)
}

func joinedPath(argument any) string {
	list, _ := argument.([]any)
	parts := each(list, func(part any) string { return fmt.Sprint(part) })
	return strings.Join(parts, ".")
}
