package ui

import (
	"io"
	"strings"
)

// Table aligns rows of cells. Cells may be coloured; they hold no line breaks.
type Table struct {
	Header []string // none when empty
	Rows   [][]string
	Indent string // before every line
	Flex   int    // the column that gives way when a line is wider than the terminal
}

const columnGap = "  "

// minFlex keeps a column that gives way wide enough to tell its cells apart.
const minFlex = 8

// Write prints the table, cut to the width of a terminal and whole everywhere else.
func (t Table) Write(out *Output) error {
	width, _ := out.Size()
	text := strings.Join(t.Lines(width, out), "\n")
	if text == "" {
		return nil
	}
	_, err := io.WriteString(out, text+"\n")
	return err
}

// Lines lays the table out in at most width columns, 0 meaning any number. out gives colour and symbols only.
func (t Table) Lines(width int, out *Output) []string {
	widths := t.widths()
	ellipsis := out.Symbols().Ellipsis
	t.shrink(widths, width)
	var lines []string
	if len(t.Header) > 0 {
		lines = append(lines, out.Style().Bold(t.line(t.Header, widths, ellipsis)))
	}
	for _, row := range t.Rows {
		lines = append(lines, t.line(row, widths, ellipsis))
	}
	if width > 0 {
		for i, line := range lines {
			lines[i] = Truncate(line, width, ellipsis)
		}
	}
	return lines
}

func (t Table) widths() []int {
	var widths []int
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], Width(cell))
		}
	}
	return widths
}

func (t Table) shrink(widths []int, width int) {
	if width == 0 || t.Flex >= len(widths) {
		return
	}
	total := Width(t.Indent) + len(columnGap)*(len(widths)-1)
	for _, w := range widths {
		total += w
	}
	if total > width {
		widths[t.Flex] = max(widths[t.Flex]-(total-width), min(minFlex, widths[t.Flex]))
	}
}

func (t Table) line(row []string, widths []int, ellipsis string) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		cells[i] = Pad(Truncate(cell, widths[i], ellipsis), widths[i])
	}
	return strings.TrimRight(t.Indent+strings.Join(cells, columnGap), " ")
}
