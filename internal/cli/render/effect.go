package render

import (
	"fmt"
	"strings"

	"github.com/semagent/semagent/internal/deploy"
)

// effect is what a change means for the resource, coarser than CloudFormation's action and replacement together.
type effect string

const (
	effectAdd        effect = "add"
	effectImport     effect = "import"
	effectChange     effect = "change"
	effectReplace    effect = "replace"
	effectMayReplace effect = "mayReplace" // CloudFormation decides while the change set runs
	effectRemove     effect = "remove"
	effectSync       effect = "sync" // the resource stays; CloudFormation's record of it changes
)

func effectOf(c deploy.Change) effect {
	switch {
	case c.Action == deploy.Add:
		return effectAdd
	case c.Action == deploy.Import:
		return effectImport
	case c.Action == deploy.Remove:
		return effectRemove
	case c.Action == deploy.Sync:
		return effectSync
	case c.Replacement == deploy.ReplaceWill:
		return effectReplace
	case c.Replacement == deploy.ReplaceMay, c.Action == deploy.Dynamic:
		return effectMayReplace
	}
	return effectChange
}

// Summary counts the resources of a change set by what happens to them. Each resource counts once.
type Summary struct {
	Add        int `json:"add"`
	Change     int `json:"change"`
	Replace    int `json:"replace"`
	MayReplace int `json:"mayReplace"` // known only when the change set runs
	Remove     int `json:"remove"`
	Import     int `json:"import"`
	Sync       int `json:"sync"` // only CloudFormation's record changes
}

// Summarize counts changes.
func Summarize(changes []deploy.Change) Summary {
	var s Summary
	for _, c := range changes {
		switch effectOf(c) {
		case effectAdd:
			s.Add++
		case effectImport:
			s.Import++
		case effectChange:
			s.Change++
		case effectReplace:
			s.Replace++
		case effectMayReplace:
			s.MayReplace++
		case effectRemove:
			s.Remove++
		case effectSync:
			s.Sync++
		}
	}
	return s
}

// String is the summary for people; what is rare is named only when there is some.
func (s Summary) String() string {
	text := fmt.Sprintf("%d to add, %d to change, %d to replace, %d to remove", s.Add, s.Change, s.Replace, s.Remove)
	if s.MayReplace > 0 {
		text += fmt.Sprintf(", %d that may be replaced", s.MayReplace)
	}
	if s.Import > 0 {
		text += fmt.Sprintf(", %d to import", s.Import)
	}
	if s.Sync > 0 {
		text += fmt.Sprintf(", %d to record", s.Sync)
	}
	return text
}

// consequence is the sentence under a resource whose change is not an update in place; empty otherwise.
func consequence(c deploy.Change) string {
	switch effectOf(c) {
	case effectReplace:
		return replaced(c)
	case effectMayReplace:
		return mayBeReplaced(c)
	case effectRemove:
		return removed(c.PolicyAction)
	case effectSync:
		return "only CloudFormation's record changes: the resource already is so"
	default:
		return ""
	}
}

// drift is the sentence under a resource that somebody changed past CloudFormation; empty otherwise.
func drift(c deploy.Change) string {
	switch c.Drift {
	case "MODIFIED":
		return "it was modified outside CloudFormation"
	case "DELETED":
		return "it was deleted outside CloudFormation"
	}
	return ""
}

func replaced(c deploy.Change) string {
	text := "replaced"
	if causes := causes(c.Properties, deploy.ReplaceWill); causes != "" {
		text += " because " + causes
	}
	switch c.PolicyAction {
	case "ReplaceAndDelete":
		text += "; the old one is deleted"
	case "ReplaceAndRetain":
		text += "; the old one is kept"
	case "ReplaceAndSnapshot":
		text += "; the old one is deleted after a snapshot"
	}
	return text
}

func mayBeReplaced(c deploy.Change) string {
	if causes := causes(c.Properties, deploy.ReplaceMay); causes != "" {
		return "may be replaced: " + causes
	}
	if c.Action == deploy.Dynamic {
		return "may be changed or replaced: CloudFormation decides while it runs"
	}
	return "may be replaced: CloudFormation decides while it runs"
}

func removed(policy string) string {
	switch policy {
	case "Delete":
		return "deleted"
	case "Retain", "RetainExceptOnCreate":
		return "kept in the account, outside the stack"
	case "Snapshot":
		return "deleted after a snapshot"
	}
	return ""
}

// causes names the properties that bring a replacement about.
func causes(properties []deploy.PropertyChange, degree deploy.Replacement) string {
	var found []string
	for _, p := range merged(properties) {
		if p.Replacement == degree {
			found = append(found, cause(p))
		}
	}
	return strings.Join(found, ", ")
}

func cause(p deploy.PropertyChange) string {
	name := propertyName(p.Path)
	switch {
	case p.Replacement == deploy.ReplaceMay && p.Cause != "":
		return fmt.Sprintf("the new %s is known only when %s is", name, p.Cause)
	case p.Replacement == deploy.ReplaceMay && p.Dynamic:
		return fmt.Sprintf("the new %s is known only when the change set runs", name)
	case p.Replacement == deploy.ReplaceMay:
		return fmt.Sprintf("it depends on the new %s", name)
	case p.Cause != "":
		return fmt.Sprintf("%s changes with %s", name, p.Cause)
	}
	return name + " changed"
}
