package render

import (
	"fmt"
	"io"
	"strings"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// Diff is a change set to be shown.
type Diff struct {
	ChangeSet *deploy.ChangeSet
	Widening  []deploy.Widening
	Verbose   bool // shows the properties of added resources too
}

// Text writes the change set for people. The error is that of writing.
func (d Diff) Text(out *ui.Output) error {
	p := &page{out: out, style: out.Style()}
	p.heading(d.ChangeSet)
	p.resources(d.ChangeSet.Changes, d.Verbose)
	p.widening(d.Widening)
	p.entries("Outputs", outputs(d.ChangeSet))
	p.entries("Tags", tags(d.ChangeSet))
	p.warnings(d.ChangeSet.Warnings)
	p.summary(d.ChangeSet)
	_, err := io.WriteString(out, p.text.String())
	return err
}

// page collects the text, so that it is written at once and its errors are one.
type page struct {
	out   *ui.Output
	style ui.Style
	text  strings.Builder
}

func (p *page) line(parts ...string) {
	p.text.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.text.WriteByte('\n')
}

func (p *page) section(title string) {
	p.line()
	p.line(p.style.Bold(title))
}

func (p *page) heading(cs *deploy.ChangeSet) {
	kind := "stack"
	if cs.NewStack {
		kind = "new stack"
	}
	text := fmt.Sprintf("Change set for %s %s", kind, cs.StackName)
	if region := regionOf(cs.StackID); region != "" {
		text += fmt.Sprintf(" (%s)", region)
	}
	p.line(p.style.Bold(text))
	if cs.Executable != "" && cs.Executable != "AVAILABLE" && !empty(cs) {
		p.line(p.style.Yellow("It cannot be executed: its execution status is " + cs.Executable + "."))
	}
}

func empty(cs *deploy.ChangeSet) bool { return len(cs.Changes)+len(cs.Outputs)+len(cs.Tags) == 0 }

// regionOf reads the region out of an ARN; empty when it is none.
func regionOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	return parts[3]
}

func (p *page) widening(entries []deploy.Widening) {
	if len(entries) == 0 {
		return
	}
	p.section("Permissions and ports")
	table := ui.Table{Indent: "  "}
	for _, entry := range entries {
		subject := p.style.Yellow("!") + " " + p.style.Bold(entry.LogicalID)
		for statement := range strings.SplitSeq(entry.Text, "; ") {
			table.Rows = append(table.Rows, []string{subject, ui.Clean(plain(statement))})
			subject = ""
		}
	}
	for _, line := range table.Lines(0, p.out) {
		p.line(line)
	}
}

func (p *page) warnings(warnings []string) {
	if len(warnings) == 0 {
		return
	}
	p.section("Warnings")
	for _, warning := range warnings {
		p.line("  ", p.style.Yellow("!"), " ", ui.Clean(warning))
	}
}

func (p *page) summary(cs *deploy.ChangeSet) {
	p.line()
	if empty(cs) {
		p.line("No changes.")
		return
	}
	text := Summarize(cs.Changes).String()
	var rest []string
	if n := len(cs.Outputs); n > 0 && !cs.NewStack {
		rest = append(rest, plural(n, "output"))
	}
	if n := len(cs.Tags); n > 0 && !cs.NewStack {
		rest = append(rest, plural(n, "stack tag"))
	}
	if len(rest) > 0 {
		text += "; " + strings.Join(rest, " and ") + " to change"
	}
	p.line(p.style.Bold(text + "."))
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
