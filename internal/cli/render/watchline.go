package render

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// heartbeat is how long a pipe stays silent: CI systems stop jobs that say nothing for minutes.
const heartbeat = 30 * time.Second

// lineView writes one line an event.
type lineView struct {
	out    *ui.Output
	status int // widths of the columns, which only grow
	kind   int
	id     int
	spoke  time.Time
}

func newLineView(out *ui.Output, changes []deploy.Change) *lineView {
	v := &lineView{out: out, spoke: time.Now()}
	v.widen("ROLLBACK_IN_PROGRESS", "AWS::CloudFormation::Stack", "")
	for _, c := range changes {
		v.widen("", c.Type, c.LogicalID)
	}
	return v
}

func (v *lineView) widen(status, kind, id string) {
	v.status, v.kind, v.id = max(v.status, ui.Width(status)), max(v.kind, ui.Width(kind)), max(v.id, ui.Width(id))
}

func (v *lineView) period() time.Duration { return 500 * time.Millisecond }

func (v *lineView) event(_ *progress, e deploy.Event, now time.Time) error {
	v.widen(e.Status, e.Type, e.LogicalID)
	status := paintStatus(v.out.Style(), e.Status, ui.Pad(e.Status, v.status))
	text := fmt.Sprintf("%s  %s  %s  %s", status, ui.Pad(e.Type, v.kind), ui.Pad(e.LogicalID, v.id), ui.Clean(e.StatusReason))
	return v.line(e.Time, text, now)
}

func (v *lineView) note(_ *progress, text string, now time.Time) error {
	return v.line(now, text, now)
}

func (v *lineView) line(stamp time.Time, text string, now time.Time) error {
	v.spoke = now
	_, err := fmt.Fprintf(v.out, "%s %s\n", stamp.Local().Format(time.TimeOnly), strings.TrimRight(text, " "))
	return err
}

func (v *lineView) tick(p *progress, now time.Time) error {
	if now.Sub(v.spoke) < heartbeat {
		return nil
	}
	done, total := p.count()
	text := fmt.Sprintf("still waiting: %d of %s done", done, plural(total, "resource"))
	var names []string
	for _, r := range p.busy() {
		names = append(names, fmt.Sprintf("%s %s for %s", r.id, r.status, ui.Duration(r.took(now))))
	}
	if len(names) > 0 {
		text += "; " + strings.Join(names, ", ")
	}
	return v.line(now, text, now)
}

func (v *lineView) end(*progress, time.Time) error { return nil }

// jsonView writes one JSON object a line.
type jsonView struct{ out io.Writer }

type eventJSON struct {
	Time       time.Time `json:"time"`
	LogicalID  string    `json:"logicalId"`
	PhysicalID *string   `json:"physicalId"`
	Type       string    `json:"type"`
	Status     string    `json:"status"`
	Reason     *string   `json:"reason"`
	EventID    string    `json:"eventId"`
}

type noteJSON struct {
	Time time.Time `json:"time"`
	Note string    `json:"note"`
}

func (v *jsonView) period() time.Duration { return 0 }

func (v *jsonView) event(_ *progress, e deploy.Event, _ time.Time) error {
	return v.object(eventJSON{e.Time.UTC(), e.LogicalID, orNull(e.PhysicalID), e.Type, e.Status, orNull(e.StatusReason), e.ID})
}

func (v *jsonView) note(_ *progress, text string, now time.Time) error {
	return v.object(noteJSON{now.UTC(), text})
}

func (v *jsonView) object(form any) error {
	encoder := json.NewEncoder(v.out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(form)
}

func (v *jsonView) tick(*progress, time.Time) error { return nil }
func (v *jsonView) end(*progress, time.Time) error  { return nil }

// paintStatus colours text by what status says.
func paintStatus(style ui.Style, status, text string) string {
	switch {
	case failed(status):
		return style.Red(text)
	case strings.Contains(status, "ROLLBACK"):
		return style.Yellow(text)
	case finished(status):
		return style.Green(text)
	}
	return style.Cyan(text)
}
