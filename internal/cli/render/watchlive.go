package render

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// liveView repaints a headline, a progress bar and a table of resources.
type liveView struct {
	out  *ui.Output
	live *ui.Live
}

const (
	framePeriod = 100 * time.Millisecond
	headLines   = 2 // headline and bar
	barWidth    = 30
	minReason   = 20 // columns
)

const reasonIndent = "      "

func newLiveView(out *ui.Output) *liveView { return &liveView{out: out, live: ui.NewLive(out)} }

func (v *liveView) period() time.Duration { return framePeriod }

func (v *liveView) event(p *progress, _ deploy.Event, now time.Time) error { return v.tick(p, now) }

func (v *liveView) note(p *progress, text string, now time.Time) error {
	if err := v.live.Done([]string{text}); err != nil {
		return err
	}
	return v.tick(p, now)
}

func (v *liveView) tick(p *progress, now time.Time) error {
	width, height := v.out.Size()
	lines := append(v.head(p, v.spin(now), now), v.table(p, now, width-1, height-1-headLines)...)
	if height-1 < headLines+1 {
		lines = lines[:1]
	}
	return v.live.Frame(lines)
}

// end leaves every resource with its duration, and the reasons of failures in full.
func (v *liveView) end(p *progress, now time.Time) error {
	if !inProgress(p.status) && !p.last.IsZero() {
		now = p.last
	}
	lines := v.head(p, v.verdict(p), now)
	for i, line := range v.rowLines(p.rows, now, 0) {
		lines = append(lines, line)
		lines = append(lines, v.reason(p.rows[i])...)
	}
	return v.live.Done(lines)
}

func (v *liveView) head(p *progress, sign string, now time.Time) []string {
	style := v.out.Style()
	headline := sign + " " + style.Bold(p.stack)
	if p.status != "" {
		headline += "  " + paintStatus(style, p.status, p.status)
	}
	if !p.began.IsZero() {
		headline += "  " + style.Dim(ui.Duration(now.Sub(p.began)))
	}
	return []string{headline, v.bar(p)}
}

func (v *liveView) bar(p *progress) string {
	done, total := p.count()
	symbols := v.out.Symbols()
	full := 0
	if total > 0 {
		full = barWidth * done / total
	}
	text := "  " + v.out.Style().Green(strings.Repeat(symbols.BarFull, full)) + strings.Repeat(symbols.BarEmpty, barWidth-full)
	text += fmt.Sprintf("  %d of %s", done, plural(total, "resource"))
	if p.rollingBack {
		text += " rolled back"
	}
	return text
}

func (v *liveView) spin(now time.Time) string {
	frames := v.out.Symbols().Spinner
	return v.out.Style().Cyan(frames[int(now.UnixMilli()/framePeriod.Milliseconds())%len(frames)])
}

// verdict is the headline's sign at the end. A rollback that was asked for is no failure: nothing failed before it.
func (v *liveView) verdict(p *progress) string {
	style, symbols := v.out.Style(), v.out.Symbols()
	switch {
	case inProgress(p.status) || p.status == "":
		return symbols.Ellipsis
	case finished(p.status) && (!strings.Contains(p.status, "ROLLBACK") || !p.anyFailure()):
		return style.Green(symbols.Check)
	}
	return style.Red(symbols.Cross)
}

// table is the rows that fit into height lines. Failures stay longest, then what is busy, then what ended last.
func (v *liveView) table(p *progress, now time.Time, width, height int) []string {
	blocks := v.blocks(p.rows, now, width)
	if lines := slices.Concat(blocks...); len(lines) <= height {
		return lines
	}
	kept := make([]bool, len(blocks))
	room := height - 1 // for the line that counts the rest
	for _, i := range byImportance(p.rows) {
		if len(blocks[i]) <= room {
			kept[i] = true
			room -= len(blocks[i])
		}
	}
	var lines []string
	hidden := map[string]int{}
	for i, b := range blocks {
		if kept[i] {
			lines = append(lines, b...)
		} else {
			hidden[stage(p.rows[i])]++
		}
	}
	return append(lines, "  "+v.out.Style().Dim(v.rest(hidden)))
}

func (v *liveView) rest(hidden map[string]int) string {
	var parts []string
	for _, stage := range []string{stageDone, stageBusy, stageFailed} {
		if n := hidden[stage]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, stage))
		}
	}
	return v.out.Symbols().Ellipsis + " " + strings.Join(parts, ", ")
}

const (
	stageFailed = "failed"
	stageBusy   = "in progress"
	stageDone   = "done"
)

func stage(r *row) string {
	switch {
	case r.failure != "" || failed(r.status):
		return stageFailed
	case inProgress(r.status):
		return stageBusy
	}
	return stageDone
}

// byImportance orders the indices of rows: failed, busy, then the rest from the one that ended last.
func byImportance(rows []*row) []int {
	rank := map[string]int{stageFailed: 0, stageBusy: 1, stageDone: 2}
	order := make([]int, len(rows))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if byRank := rank[stage(rows[a])] - rank[stage(rows[b])]; byRank != 0 {
			return byRank
		}
		return rows[b].changed.Compare(rows[a].changed)
	})
	return order
}

// blocks lays out each resource: its line, and under it the beginning of why it failed.
func (v *liveView) blocks(rows []*row, now time.Time, width int) [][]string {
	blocks := make([][]string, len(rows))
	for i, line := range v.rowLines(rows, now, width) {
		blocks[i] = []string{line}
		if reason := v.reason(rows[i]); len(reason) > 1 {
			blocks[i] = append(blocks[i], reason[0]+v.out.Symbols().Ellipsis)
		} else {
			blocks[i] = append(blocks[i], reason...)
		}
	}
	return blocks
}

func (v *liveView) rowLines(rows []*row, now time.Time, width int) []string {
	style := v.out.Style()
	table := ui.Table{Indent: "  ", Flex: 1}
	for _, r := range rows {
		table.Rows = append(table.Rows, []string{
			v.rowSign(r, now) + " " + r.id, r.kind, paintStatus(style, r.status, r.status), ui.Duration(r.took(now)),
		})
	}
	return table.Lines(width, v.out)
}

// reason is why a resource failed, in lines of the terminal's width.
func (v *liveView) reason(r *row) []string {
	width, _ := v.out.Size()
	lines := ui.Wrap(r.failure, max(width-len(reasonIndent)-2, minReason))
	for i, line := range lines {
		lines[i] = reasonIndent + v.out.Style().Red(line)
	}
	return lines
}

func (v *liveView) rowSign(r *row, now time.Time) string {
	symbols := v.out.Symbols()
	switch {
	case inProgress(r.status):
		return v.spin(now)
	case failed(r.status), r.failure != "":
		return v.out.Style().Red(symbols.Cross)
	}
	return v.out.Style().Green(symbols.Check)
}
