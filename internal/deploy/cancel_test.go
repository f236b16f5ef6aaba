package deploy

import "testing"

// TestCancel: the rollback that a cancelled update ends in is what was asked for, also when the answer was lost.
func TestCancel(t *testing.T) {
	refused := failure{400, "ValidationError", "CancelUpdateStack cannot be called from current stack status"}
	for name, tc := range map[string]struct {
		stacks []answer
		cancel answer
		wrong  bool
	}{
		"cancelled":                 {[]answer{aStack("UPDATE_IN_PROGRESS"), aStack("UPDATE_ROLLBACK_COMPLETE")}, object{}, false},
		"the answer was lost":       {[]answer{aStack("UPDATE_IN_PROGRESS"), aStack("UPDATE_ROLLBACK_IN_PROGRESS"), aStack("UPDATE_ROLLBACK_COMPLETE")}, refused, false},
		"the update was over":       {[]answer{aStack("UPDATE_IN_PROGRESS"), aStack("UPDATE_COMPLETE")}, refused, true},
		"nothing can be cancelled ": {[]answer{aStack("CREATE_IN_PROGRESS")}, object{}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, e := newScript(t, quiet(map[string][]answer{"DescribeStacks": tc.stacks, "CancelUpdateStack": {tc.cancel}}))
			x, err := e.Rollback(t.Context(), &Stack{Name: "fleet", ID: testStackARN}, RollbackOptions{Cancel: true})
			if tc.wrong {
				if err == nil {
					t.Fatal("no error")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r, err := x.Result(t.Context()); err != nil || r.Status != "UPDATE_ROLLBACK_COMPLETE" {
				t.Errorf("got %+v, %v", r, err)
			}
		})
	}
}
