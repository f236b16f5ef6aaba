package deploy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func follower(id string, degree Replacement, causes ...string) Change {
	c := Change{Action: Modify, LogicalID: id, Replacement: degree}
	for _, cause := range causes {
		c.Properties = append(c.Properties, PropertyChange{
			Path: "/Properties/Of" + cause, Action: Modify, Replacement: degree, Dynamic: true, Cause: cause,
		})
	}
	return c
}

// TestConsequent: what follows a changed resource is shown when it can come true.
func TestConsequent(t *testing.T) {
	edited := Change{Action: Modify, LogicalID: "Template", Replacement: ReplaceNever, Properties: []PropertyChange{{Path: "/Properties/A", Action: Modify, Replacement: ReplaceNever}}}
	moved := edited
	moved.Replacement, moved.Properties = ReplaceWill, []PropertyChange{{Path: "/Properties/A", Action: Modify, Replacement: ReplaceWill}}
	added := Change{Action: Add, LogicalID: "Template", Replacement: ReplaceNever}
	for name, tc := range map[string]struct {
		valued, plain []Change
		want          []string
	}{
		"an attribute that an update changes": {[]Change{edited}, []Change{edited, follower("Group", ReplaceNever, "Template.Version")}, []string{"Group", "Template"}},
		"an update keeps an ARN":              {[]Change{edited}, []Change{edited, follower("Group", ReplaceMay, "Template.Arn")}, []string{"Template"}},
		"a replacement gives a new ARN":       {[]Change{moved}, []Change{moved, follower("Group", ReplaceMay, "Template.Arn")}, []string{"Group", "Template"}},
		"so does an addition":                 {[]Change{added}, []Change{added, follower("Group", ReplaceMay, "Template.Arn")}, []string{"Group", "Template"}},
		"a chain breaks where nothing changes": {
			[]Change{edited},
			[]Change{edited, follower("Rule", ReplaceNever, "Function.Version"), follower("Function", ReplaceNever, "Template.Arn")},
			[]string{"Template"},
		},
		"one cause of two is enough":      {[]Change{edited}, []Change{edited, follower("Group", ReplaceNever, "Template.Arn", "Template.Version")}, []string{"Group", "Template"}},
		"a replacement gives a new name":  {[]Change{moved}, []Change{moved, follower("Group", ReplaceMay, "Template")}, []string{"Group", "Template"}},
		"an update keeps the name":        {[]Change{edited}, []Change{edited, follower("Group", ReplaceMay, "Template")}, []string{"Template"}},
		"a parameter is no resource":      {[]Change{edited}, []Change{edited, follower("Group", ReplaceMay, "Stage")}, []string{"Group", "Template"}},
		"an edit without values is shown": {nil, []Change{edited}, []string{"Template"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cs := &ChangeSet{Changes: tc.valued}
			cs.complete(tc.plain, "")
			var got []string
			for _, c := range cs.Changes {
				got = append(got, c.LogicalID)
			}
			if d := cmp.Diff(tc.want, got); d != "" || cs.Warnings != nil {
				t.Errorf("warnings %q, changes (-want +got):\n%s", cs.Warnings, d)
			}
		})
	}
}

// TestConsequentReplacement: what cannot come true does not make a replacement either.
func TestConsequentReplacement(t *testing.T) {
	edited := Change{Action: Modify, LogicalID: "Template", Replacement: ReplaceNever}
	group := follower("Group", ReplaceMay, "Template.Arn")
	group.Properties = append(group.Properties, PropertyChange{Path: "/Properties/B", Action: Modify, Replacement: ReplaceNever, Dynamic: true, Cause: "Template.Version"})
	cs := &ChangeSet{Changes: []Change{edited}}
	cs.complete([]Change{edited, group}, "")
	if cs.NeedsApproval() || len(cs.Changes) != 2 || len(cs.Changes[0].Properties) != 1 {
		t.Errorf("got %+v", cs.Changes)
	}
}

// TestSettleGroups: an Auto Scaling group is replaced only where its template asks for it.
func TestSettleGroups(t *testing.T) {
	for name, tc := range map[string]struct {
		template string
		want     Replacement
	}{
		"no policy":           {`{"Resources":{"Group":{}}}`, ReplaceNever},
		"a rolling update":    {"Resources:\n  Group:\n    UpdatePolicy: {AutoScalingRollingUpdate: {MinInstancesInService: 1}}\n", ReplaceNever},
		"a replacing update":  {`{"Resources":{"Group":{"UpdatePolicy":{"AutoScalingReplacingUpdate":{"WillReplace":true}}}}}`, ReplaceMay},
		"a computed policy":   {`{"Resources":{"Group":{"UpdatePolicy":{"Fn::If":["A",1,2]}}}}`, ReplaceMay},
		"an unknown template": {``, ReplaceMay},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group := follower("Group", ReplaceMay, "Template.LatestVersionNumber")
			group.Type = "AWS::AutoScaling::AutoScalingGroup"
			list := []Change{group}
			settleGroups(list, []byte(tc.template))
			if list[0].Replacement != tc.want || list[0].Properties[0].Replacement != tc.want {
				t.Errorf("got %+v, want %s", list[0], tc.want)
			}
		})
	}
}
