package render

import (
	"strings"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

type group struct {
	effect effect
	title  string
}

func groups() []group {
	return []group{
		{effectAdd, "Add"},
		{effectImport, "Import"},
		{effectChange, "Change"},
		{effectReplace, "Replace"},
		{effectMayReplace, "May be replaced"},
		{effectRemove, "Remove"},
		{effectSync, "Record"},
	}
}

func (p *page) resources(changes []deploy.Change, verbose bool) {
	id, kind := 0, 0
	for _, c := range changes {
		id, kind = max(id, ui.Width(c.LogicalID)), max(kind, ui.Width(c.Type))
	}
	for _, g := range groups() {
		titled := false
		for _, c := range changes {
			if effectOf(c) != g.effect {
				continue
			}
			if !titled {
				p.section(g.title)
				titled = true
			}
			p.resource(c, id, kind, verbose)
		}
	}
}

func (p *page) resource(c deploy.Change, idWidth, typeWidth int, verbose bool) {
	p.line("  ", p.sign(effectOf(c)), " ", ui.Pad(p.style.Bold(c.LogicalID), idWidth), "  ",
		ui.Pad(c.Type, typeWidth), "  ", p.style.Dim(c.PhysicalID))
	indent := strings.Repeat(" ", p.signWidth()+5)
	for _, text := range []string{consequence(c), drift(c)} {
		if text != "" {
			p.line(indent, p.style.Yellow(text))
		}
	}
	for _, line := range p.details(c, verbose) {
		p.line(indent, p.paint(line))
	}
}

func (p *page) details(c deploy.Change, verbose bool) []string {
	switch effectOf(c) {
	case effectAdd, effectImport:
		if verbose {
			return p.contents(c.After)
		}
		return nil
	case effectRemove:
		return nil
	default:
		return p.edits(c)
	}
}

func (p *page) edits(c deploy.Change) []string {
	var lines []string
	followed := 0
	for _, property := range merged(c.Properties) {
		if follows(property) {
			followed++
		}
		lines = append(lines, propertyLines(property, p.out)...)
	}
	if c.Incomplete && followed < len(lines) {
		lines = append(lines, "CloudFormation did not report the values")
	}
	return lines
}

// follows reports whether a property only may change, with something else that does.
func follows(p deploy.PropertyChange) bool {
	return p.Action == deploy.Modify && p.Dynamic && p.Cause != "" && p.Before == "" && p.After == ""
}

// contents lists the properties of a resource that is made, each leaf on its own.
func (p *page) contents(resource map[string]any) []string {
	l := leaves{within: p.out.Symbols().Within}
	l.value("", "", resource["Properties"])
	return l.lines
}

func (p *page) sign(e effect) string {
	var sign string
	switch e {
	case effectAdd, effectImport:
		sign = p.style.Green("+")
	case effectRemove:
		sign = p.style.Red("-")
	case effectReplace, effectMayReplace:
		sign = p.style.Red(p.out.Symbols().PlusMinus)
	default:
		sign = p.style.Yellow("~")
	}
	return ui.Pad(sign, p.signWidth())
}

func (p *page) signWidth() int { return ui.Width(p.out.Symbols().PlusMinus) }

// paint colours the lines of a line by line diff.
func (p *page) paint(line string) string {
	text := strings.TrimLeft(line, " ")
	indent := line[:len(line)-len(text)]
	switch {
	case strings.HasPrefix(text, "- "):
		return indent + p.style.Red(text)
	case strings.HasPrefix(text, "+ "):
		return indent + p.style.Green(text)
	}
	return line
}
