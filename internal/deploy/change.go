package deploy

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// unknown is what DescribeChangeSet puts where only executing the set tells a value.
const unknown = "{{changeSet:KNOWN_AFTER_APPLY}}"

func newChanges(raw []types.Change) []Change {
	var changes []Change
	for _, c := range raw {
		if c.ResourceChange != nil { // the other kind is of hooks
			changes = append(changes, newChange(c.ResourceChange))
		}
	}
	sortChanges(changes)
	return changes
}

func sortChanges(changes []Change) {
	slices.SortStableFunc(changes, func(a, b Change) int { return strings.Compare(a.LogicalID, b.LogicalID) })
}

func newChange(r *types.ResourceChange) Change {
	c := Change{
		Action:       Action(r.Action),
		LogicalID:    aws.ToString(r.LogicalResourceId),
		PhysicalID:   aws.ToString(r.PhysicalResourceId),
		Type:         aws.ToString(r.ResourceType),
		Replacement:  replacementOf(r),
		PolicyAction: string(r.PolicyAction),
		Before:       contextOf(r.BeforeContext),
		After:        contextOf(r.AfterContext),
		Drift:        string(r.ResourceDriftStatus),
	}
	c.Properties = propertiesOf(r.Details, c.Replacement)
	if c.Action == Modify && c.Before != nil && c.After != nil {
		c.Properties = refine(c.Properties, c.Before, c.After)
	}
	return c
}

// contextOf reads a resource as DescribeChangeSet gives it, JSON in a string; nil when it gives none.
func contextOf(text *string) map[string]any {
	var m map[string]any
	d := json.NewDecoder(strings.NewReader(aws.ToString(text)))
	d.UseNumber() // a number stays as it was written
	if d.Decode(&m) != nil {
		return nil
	}
	return m
}

// replacementOf is the worst that can become of the resource. CloudFormation says True also where only values
// that it does not know yet would call for it; that is a may.
func replacementOf(r *types.ResourceChange) Replacement {
	if r.Action != types.ChangeActionModify && r.Action != types.ChangeActionDynamic {
		return ReplaceNever // CloudFormation says True of some additions, too
	}
	worst := ReplaceNever
	for _, d := range r.Details {
		worst = worse(worst, recreation(d))
	}
	switch {
	case r.Replacement == types.ReplacementTrue && worst != ReplaceMay:
		return ReplaceWill
	case r.Replacement == types.ReplacementTrue, r.Replacement == types.ReplacementConditional:
		return ReplaceMay
	case r.Replacement == types.ReplacementFalse:
		return ReplaceNever
	}
	return worst
}

func recreation(d types.ResourceChangeDetail) Replacement {
	if d.Target == nil {
		return ReplaceNever
	}
	switch d.Target.RequiresRecreation {
	case types.RequiresRecreationAlways:
		if d.Evaluation == types.EvaluationTypeDynamic {
			return ReplaceMay
		}
		return ReplaceWill
	case types.RequiresRecreationConditionally:
		return ReplaceMay
	default:
		return ReplaceNever
	}
}

func worse(a, b Replacement) Replacement {
	if a == ReplaceWill || b == ReplaceWill {
		return ReplaceWill
	}
	if a == ReplaceMay || b == ReplaceMay {
		return ReplaceMay
	}
	return ReplaceNever
}

func milder(a, b Replacement) Replacement {
	if worse(a, b) == a {
		return b
	}
	return a
}
