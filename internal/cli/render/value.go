package render

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/semagent/semagent/internal/ui"
)

// knownAfterApply is what CloudFormation reports where only running the change set tells (DescribeChangeSet,
// IncludePropertyValues).
const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

const (
	inlineWidth = 100 // columns of a before and an after that share a line
	commonKept  = 16  // runes of a long common part that stay on either side of a difference
)

// show is a value on one line: strings quoted, everything else as JSON.
func show(value any) string {
	switch v := value.(type) {
	case absent:
		return "(none)"
	case string:
		return quote(v)
	}
	return plain(compactJSON(value))
}

func quote(s string) string {
	if s == knownAfterApply {
		return "(known after apply)"
	}
	quoted := strconv.QuoteToGraphic(plain(s))
	if bare := strings.ReplaceAll(quoted, `\"`, `"`); bare != quoted && !strings.ContainsAny(bare, `'\`) {
		return "'" + bare[1:len(bare)-1] + "'" // JSON reads better without a backslash before each quote
	}
	return quoted
}

// plain replaces CloudFormation's placeholder within a text.
func plain(s string) string {
	return strings.ReplaceAll(s, knownAfterApply, "(known after apply)")
}

// multiline reports whether a value is text that reads better as lines.
func multiline(value any) bool {
	s, ok := value.(string)
	return ok && strings.Contains(strings.TrimSuffix(s, "\n"), "\n")
}

// textLines is a value as lines, in which control characters are visible and harmless.
func textLines(value any) []string {
	s, ok := value.(string)
	if !ok {
		if isAbsent(value) {
			return nil
		}
		return []string{show(value)}
	}
	if s == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(plain(s), "\n"), "\n")
	for i, line := range lines {
		lines[i] = visible(line)
	}
	return lines
}

func visible(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
			return unicode.ReplacementChar
		}
		return r
	}, strings.TrimSuffix(line, "\r"))
}

// lineDiff gives the lines that differ, marked - and +, with the ellipsis where unchanged lines were left out.
func lineDiff(before, after any, ellipsis string) []string {
	b, a := textLines(before), textLines(after)
	var lines []string
	for i, h := range hunks(b, a) {
		if i > 0 {
			lines = append(lines, ellipsis)
		}
		for _, line := range b[h.before:h.beforeEnd] {
			lines = append(lines, "- "+line)
		}
		for _, line := range a[h.after:h.afterEnd] {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}

// shorten leaves out the long beginning and end that two strings share, and quotes them.
func shorten(before, after, ellipsis string) (b, a string) {
	rb, ra := []rune(plain(before)), []rune(plain(after))
	start := 0
	for start < min(len(rb), len(ra)) && rb[start] == ra[start] {
		start++
	}
	end := 0
	for end < min(len(rb), len(ra))-start && rb[len(rb)-1-end] == ra[len(ra)-1-end] {
		end++
	}
	head, tail := max(start-commonKept, 0), max(end-commonKept, 0)
	return cut(rb, head, tail, ellipsis), cut(ra, head, tail, ellipsis)
}

func cut(s []rune, head, tail int, ellipsis string) string {
	text := strconv.QuoteToGraphic(string(s[head : len(s)-tail]))
	if head > 0 {
		text = ellipsis + text
	}
	if tail > 0 {
		text += ellipsis
	}
	return text
}

// describe is one difference as lines: one where both sides are short, else one a side, or a line by line diff.
func describe(label string, d delta, suffix string, out *ui.Output) []string {
	symbols := out.Symbols()
	if multiline(d.before) || multiline(d.after) {
		return block(label+suffix+":", lineDiff(d.before, d.after, symbols.Ellipsis))
	}
	before, after := show(d.before), show(d.after)
	line := fmt.Sprintf("%s: %s %s %s%s", label, before, symbols.Arrow, after, suffix)
	if ui.Width(line) <= inlineWidth {
		return []string{line}
	}
	if b, ok := d.before.(string); ok {
		if a, ok := d.after.(string); ok {
			before, after = shorten(b, a, symbols.Ellipsis)
		}
	}
	var sides []string
	if !isAbsent(d.before) {
		sides = append(sides, "- "+before)
	}
	if !isAbsent(d.after) {
		sides = append(sides, "+ "+after)
	}
	return block(label+suffix+":", sides)
}

func block(head string, lines []string) []string {
	result := []string{head}
	for _, line := range lines {
		result = append(result, "  "+line)
	}
	return result
}
