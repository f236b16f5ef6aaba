package deploy

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
)

// propertiesOf makes one PropertyChange of all details of one path: DescribeChangeSet gives one for the edit
// itself and one for each entity that causes it. None is replaced more surely than its resource, limit.
func propertiesOf(details []types.ResourceChangeDetail, limit Replacement) []PropertyChange {
	var properties []PropertyChange
	dynamic := map[string]bool{} // true while every detail of the path is evaluated dynamically
	for _, d := range details {
		if d.Target == nil {
			continue
		}
		path := pathOf(d.Target)
		i := slices.IndexFunc(properties, func(p PropertyChange) bool { return p.Path == path })
		if i < 0 {
			i = len(properties)
			properties = append(properties, PropertyChange{Path: path, Action: Modify, Replacement: ReplaceNever})
			dynamic[path] = true
		}
		properties[i].absorb(d)
		dynamic[path] = dynamic[path] && d.Evaluation == types.EvaluationTypeDynamic
	}
	for i, p := range properties {
		properties[i].Replacement = milder(p.Replacement, limit)
		properties[i].Dynamic = strings.Contains(p.After, unknown) || (p.After == "" && p.Action != Remove && dynamic[p.Path])
	}
	return foldBare(properties)
}

func pathOf(t *types.ResourceTargetDefinition) string {
	switch {
	case aws.ToString(t.Path) != "":
		return *t.Path
	case t.Attribute == types.ResourceAttributeProperties && aws.ToString(t.Name) != "":
		return "/Properties/" + *t.Name
	}
	return string(t.Attribute)
}

func (p *PropertyChange) absorb(d types.ResourceChangeDetail) {
	t := d.Target
	if t.AttributeChangeType != "" {
		p.Action = Action(t.AttributeChangeType)
	}
	if t.BeforeValue != nil {
		p.Before = *t.BeforeValue
	}
	if t.AfterValue != nil && (p.After == "" || p.After == unknown) {
		p.After = *t.AfterValue
	}
	if cause := aws.ToString(d.CausingEntity); cause != "" && !strings.Contains(p.Cause, cause) {
		p.Cause = strings.TrimPrefix(p.Cause+", "+cause, ", ")
	}
	p.Replacement = worse(p.Replacement, recreation(d))
}

// foldBare gives the cause of a change that has no values to the changes below its path, which have them.
func foldBare(properties []PropertyChange) []PropertyChange {
	bare := func(p PropertyChange) bool {
		return p.Before == "" && p.After == "" && slices.ContainsFunc(properties, func(q PropertyChange) bool { return below(q.Path, p.Path) })
	}
	var kept []PropertyChange
	for _, p := range properties {
		if bare(p) {
			continue
		}
		for _, q := range properties {
			if p.Cause == "" && below(p.Path, q.Path) && bare(q) {
				p.Cause = q.Cause
			}
		}
		kept = append(kept, p)
	}
	return kept
}

// below reports whether path lies strictly under root. An attribute without a path, as Tags, is the root of its
// property.
func below(path, root string) bool {
	if !strings.HasPrefix(root, "/") {
		root = attributeRoot(root)
	}
	return strings.HasPrefix(path, root+"/")
}

// attributeRoot is where a resource's context holds an attribute.
func attributeRoot(attribute string) string {
	if attribute == string(types.ResourceAttributeTags) {
		return "/Properties/Tags"
	}
	return "/" + attribute
}

// covered reports whether one of the changes is about path, something around it or something in it.
func covered(properties []PropertyChange, path string) bool {
	return slices.ContainsFunc(properties, func(p PropertyChange) bool {
		return p.Path == path || below(path, p.Path) || below(p.Path, path) || attributeRoot(p.Path) == path
	})
}

// refine adds from the resource's two contexts what the details leave out: values that are missing or cut
// short, every leaf below a path that has none, and leaves that no detail mentions.
func refine(properties []PropertyChange, before, after map[string]any) []PropertyChange {
	leaves := diff("", before, after)
	var refined []PropertyChange
	for _, p := range properties {
		if p.Before == "" && p.After == "" {
			if under := leavesUnder(leaves, p); len(under) > 0 {
				refined = append(refined, under...)
				continue
			}
		}
		p.Before = longer(p.Before, before, p.Path)
		p.After = longer(p.After, after, p.Path)
		refined = append(refined, p)
	}
	for _, leaf := range leaves {
		// A value that is not known yet may turn out to be what it was.
		if !covered(refined, leaf.Path) && !leaf.Dynamic {
			refined = append(refined, leaf)
		}
	}
	slices.SortStableFunc(refined, func(a, b PropertyChange) int { return strings.Compare(a.Path, b.Path) })
	return refined
}

func leavesUnder(leaves []PropertyChange, p PropertyChange) []PropertyChange {
	var under []PropertyChange
	for _, leaf := range leaves {
		if leaf.Path == p.Path || leaf.Path == attributeRoot(p.Path) || below(leaf.Path, p.Path) {
			leaf.Replacement, leaf.Cause = p.Replacement, p.Cause
			leaf.Dynamic = leaf.Dynamic || p.Dynamic
			under = append(under, leaf)
		}
	}
	return under
}

// longer is the context's value at path where the reported one is its beginning: DescribeChangeSet cuts large
// values short.
func longer(reported string, context map[string]any, path string) string {
	value, ok := lookup(context, path)
	if !ok || reported == "" {
		return reported
	}
	full := text(value)
	if start := reported[:min(len(reported), 64)]; len(full) > len(reported) && strings.HasPrefix(full, start) {
		return full
	}
	return reported
}
