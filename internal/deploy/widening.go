package deploy

import (
	"slices"
	"strings"
)

// Widening is one thing that a change set allows and that was not allowed before.
type Widening struct {
	LogicalID string
	Type      string
	Kind      WideningKind
	New       bool   // the resource itself is new
	Text      string // as "allows s3:GetObject on arn:aws:s3:::bucket/*"
}

// WideningKind says what is widened.
type WideningKind string

// The kinds of widenings.
const (
	WideningIAM     WideningKind = "iam"     // who may do what
	WideningNetwork WideningKind = "network" // who may reach what
)

// briefly is the number of widenings that a resource of a new stack is worth one by one.
const briefly = 3

// NeedsApproval reports whether the set replaces, may replace or removes something, or widens something.
func (cs *ChangeSet) NeedsApproval() bool {
	for _, c := range cs.Changes {
		if c.Action == Remove || c.Action == Dynamic || c.Replacement != ReplaceNever {
			return true
		}
	}
	return len(cs.Widenings()) > 0
}

// Widenings lists what the set adds to IAM permissions, resource policies and inbound network rules, by what
// CloudFormation tells of each resource before and after; where it tells nothing, the resource is listed as such. A
// removed denial widens, too. On a new stack each resource is one entry.
func (cs *ChangeSet) Widenings() []Widening {
	var all []Widening
	for _, c := range cs.Changes {
		found := widened(c)
		if cs.NewStack && len(found) > 1 {
			found = summed(found)
		}
		all = append(all, found...)
	}
	return all
}

func widened(c Change) []Widening {
	var found []Widening
	add := func(kind WideningKind, texts []string) {
		for _, text := range texts {
			found = append(found, Widening{LogicalID: c.LogicalID, Type: c.Type, Kind: kind, New: c.Action == Add, Text: text})
		}
	}
	if blind(c) {
		if kind, sensitive := sensitivity(c); sensitive {
			add(kind, []string{"changes; CloudFormation does not tell how"})
		}
		return found
	}
	before, after := properties(c.Before), properties(c.After)
	add(WideningIAM, grants(c.Type, before, after))
	add(WideningNetwork, openings(c.Type, before, after))
	return found
}

// blind reports whether the contexts that a comparison needs are missing.
func blind(c Change) bool {
	switch c.Action {
	case Add, Import:
		return c.After == nil
	case Remove:
		return c.Before == nil
	default:
		return c.Before == nil || c.After == nil
	}
}

func properties(context map[string]any) map[string]any {
	p, _ := context["Properties"].(map[string]any)
	return p
}

// sensitivity tells by type and by the names of changed properties whether a change may widen something. Removing
// a resource of which nothing is known is listed by its removal.
func sensitivity(c Change) (WideningKind, bool) {
	if c.Action == Remove {
		return "", false
	}
	switch {
	case strings.HasPrefix(c.Type, "AWS::IAM::"), strings.HasSuffix(c.Type, "Policy"), strings.HasSuffix(c.Type, "Permission"):
		return WideningIAM, true
	case strings.HasPrefix(c.Type, "AWS::AutoScaling::"): // its policies are about instances, not about who may do what
		return "", false
	case strings.HasPrefix(c.Type, "AWS::EC2::SecurityGroup") && c.Type != "AWS::EC2::SecurityGroupEgress":
		return WideningNetwork, true
	}
	return WideningIAM, slices.ContainsFunc(c.Properties, func(p PropertyChange) bool { return strings.Contains(p.Path, "Policy") })
}

func summed(found []Widening) []Widening {
	var sums []Widening
	for _, kind := range []WideningKind{WideningIAM, WideningNetwork} {
		var texts []string
		sum := found[0]
		for _, w := range found {
			if w.Kind == kind {
				texts, sum = append(texts, w.Text), w
			}
		}
		if len(texts) == 0 {
			continue
		}
		sum.Text = strings.Join(texts[:min(len(texts), briefly)], "; ")
		if more := len(texts) - briefly; more > 0 {
			sum.Text += "; and " + plural(more, "more")
		}
		sums = append(sums, sum)
	}
	return sums
}
