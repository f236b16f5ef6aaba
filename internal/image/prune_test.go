package image

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrunable(t *testing.T) {
	images := []Image{ // newest first
		{ID: "f4", Name: "current", OS: "focal", Arch: "x86_64", Managed: true},
		{ID: "f3", Name: "f3", OS: "focal", Arch: "x86_64", Managed: true},
		{ID: "foreign", Name: "semagent-like", OS: "focal", Arch: "x86_64"},
		{ID: "f2", Name: "f2", OS: "focal", Arch: "x86_64", Managed: true},
		{ID: "f1", Name: "f1", OS: "focal", Arch: "x86_64", Managed: true},
		{ID: "arm", Name: "arm", OS: "focal", Arch: "arm64", Managed: true},
	}
	tests := map[string]struct {
		uses map[string]Use
		keep int
		want []string
	}{
		"the newest of each kind stay": {nil, 1, []string{"f3", "f2", "f1"}},
		"more of them stay":            {nil, 3, []string{"f1"}},
		"the current one always stays": {nil, 0, []string{"f3", "f2", "f1", "arm"}},
		"a stack's stays":              {map[string]Use{"f1": {Stacks: []string{"ci"}}}, 1, []string{"f3", "f2"}},
		"an instance's stays":          {map[string]Use{"f2": {Instances: 1}}, 1, []string{"f3", "f1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, i := range Prunable(images, tt.uses, tt.keep, "current") {
				got = append(got, i.ID)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
