package render

import (
	"strings"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// propertyLines is one changed property, in as few lines as tell what differs.
func propertyLines(p deploy.PropertyChange, out *ui.Output) []string {
	name, suffix := propertyName(p.Path), ""
	if follows(p) {
		return []string{name + " may change: " + p.Cause}
	}
	if p.Cause != "" {
		suffix = ", follows " + p.Cause
	}
	if p.Action == deploy.Modify && p.Before == "" && p.After == "" {
		return []string{name + " changes" + suffix}
	}
	deltas := propertyDeltas(p, out.Symbols().Within)
	if len(deltas) == 0 {
		return []string{name + ": the same content, written differently" + suffix}
	}
	var lines []string
	for _, d := range deltas {
		label := inside(name, out.Symbols().Within, d.path)
		if d.decoded {
			label += " (decoded)"
		}
		lines = append(lines, describe(label, d, suffix, out)...)
	}
	return lines
}

// inside puts the path of a part behind the name of what it is in.
func inside(name, within, path string) string {
	if name == "" || path == "" || strings.HasPrefix(path, "[") {
		return name + path
	}
	return name + " " + within + " " + path
}

func propertyDeltas(p deploy.PropertyChange, within string) []delta {
	last := p.Path[strings.LastIndex(p.Path, "/")+1:]
	switch {
	case p.Action == deploy.Add:
		return []delta{newDelta(last, absent{}, reported(p.After, p.Dynamic))}
	case p.Action == deploy.Remove:
		return []delta{newDelta(last, p.Before, absent{})}
	case p.After == "" && p.Dynamic:
		return []delta{newDelta(last, p.Before, knownAfterApply)}
	}
	return compareText(last, p.Before, p.After, within)
}

func newDelta(name string, before, after any) delta {
	c := &comparison{}
	c.add("", name, before, after)
	return c.deltas[0]
}

func reported(after string, dynamic bool) string {
	if after == "" && dynamic {
		return knownAfterApply
	}
	return after
}

// merged puts the entries of one property together: CloudFormation lists a property once for each thing that changes
// it, such as an edit and the attribute it refers to.
func merged(properties []deploy.PropertyChange) []deploy.PropertyChange {
	at := map[string]int{}
	var result []deploy.PropertyChange
	for _, p := range properties {
		i, seen := at[p.Path]
		if !seen {
			at[p.Path] = len(result)
			result = append(result, p)
			continue
		}
		known := &result[i]
		if known.Cause == "" {
			known.Cause = p.Cause
		}
		if known.Before == "" && known.After == "" {
			known.Before, known.After = p.Before, p.After
		}
		known.Dynamic = known.Dynamic || p.Dynamic
		known.Replacement = stronger(known.Replacement, p.Replacement)
	}
	return result
}

func stronger(a, b deploy.Replacement) deploy.Replacement {
	for _, degree := range []deploy.Replacement{deploy.ReplaceWill, deploy.ReplaceMay} {
		if a == degree || b == degree {
			return degree
		}
	}
	return a
}
