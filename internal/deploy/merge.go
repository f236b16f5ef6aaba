package deploy

import (
	"slices"
	"strings"
)

// complete adds what only the description without property values has. CloudFormation leaves out of the one with
// values whatever changes only because something else does, as a group whose launch template gets a new version, and
// does not say so; where it does say that values are missing, as in reason, nothing is held back.
func (cs *ChangeSet) complete(plain []Change, statusReason string) {
	reason, incomplete := incompleteReason(statusReason)
	if !incomplete {
		cs.Changes, _ = merge(cs.Changes, consequent(cs.Changes, plain))
		return
	}
	var added []string
	cs.Changes, added = merge(cs.Changes, plain)
	text := "CloudFormation could not tell all property values"
	if len(added) > 0 {
		text += " (none of " + strings.Join(added, ", ") + ")"
	}
	if reason != "" {
		text += ": " + reason
	}
	cs.Warnings = append(cs.Warnings, text)
}

// merge adds to the changes with values what only the plain ones have: whole resources, whose logical IDs it
// returns, and properties.
func merge(valued, plain []Change) (merged []Change, added []string) {
	merged = valued
	for _, p := range plain {
		i := slices.IndexFunc(merged, func(c Change) bool { return c.LogicalID == p.LogicalID })
		if i < 0 {
			p.Incomplete = true
			merged, added = append(merged, p), append(added, p.LogicalID)
			continue
		}
		for _, property := range p.Properties {
			if !covered(merged[i].Properties, property.Path) {
				merged[i].Properties = append(merged[i].Properties, property)
				merged[i].Replacement = worse(merged[i].Replacement, property.Replacement)
			}
		}
	}
	sortChanges(merged)
	return merged, added
}

// consequent keeps of the plain changes what can come true: an edit, and a property that follows a resource which
// changes in what the property takes from it. It goes on until nothing falls away, because what follows a resource
// that turns out not to change does not change either.
func consequent(valued, plain []Change) []Change {
	all := plain
	for {
		var kept []Change
		dropped := false
		for _, c := range plain {
			n, shown := len(c.Properties), changes(valued, c.LogicalID)
			c.Properties = slices.DeleteFunc(slices.Clone(c.Properties), func(p PropertyChange) bool {
				told := shown && (!p.Dynamic || p.Cause == "") // by the values, or by their being the same
				return told || !possible(p, all, plain)
			})
			dropped = dropped || len(c.Properties) < n
			if len(c.Properties) == 0 && n > 0 && !shown {
				continue
			}
			if len(c.Properties) < n && !shown {
				c.Replacement = milder(replacementBy(c), c.Replacement)
			}
			kept = append(kept, c)
		}
		if plain = kept; !dropped {
			return kept
		}
	}
}

func replacementBy(c Change) Replacement {
	worst := ReplaceNever
	for _, p := range c.Properties {
		worst = worse(worst, p.Replacement)
	}
	return worst
}

// possible reports whether one of the causes of a change can bring it about. An edit has no cause; what an update in
// place changes is neither what Ref gives nor an ARN.
func possible(p PropertyChange, all, plain []Change) bool {
	if p.Cause == "" || !p.Dynamic {
		return true
	}
	return slices.ContainsFunc(strings.Split(p.Cause, ", "), func(cause string) bool {
		id, attribute, _ := strings.Cut(cause, ".")
		if !changes(all, id) {
			return true // a parameter
		}
		i := slices.IndexFunc(plain, func(c Change) bool { return c.LogicalID == id })
		if i < 0 {
			return false
		}
		kept := plain[i].Action == Modify && plain[i].Replacement == ReplaceNever
		return !kept || (attribute != "" && attribute != "Arn")
	})
}

func changes(list []Change, logicalID string) bool {
	return slices.ContainsFunc(list, func(c Change) bool { return c.LogicalID == logicalID })
}
