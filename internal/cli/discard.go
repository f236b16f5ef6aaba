package cli

import (
	"context"

	"github.com/semagent/semagent/internal/deploy"
)

// runDiscard deletes a change set that waits for review. Nothing runs for it, so nothing is asked.
func runDiscard(ctx context.Context, a *app, arn string) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	change, err := s.engine.ChangeSet(ctx, arn)
	if err != nil {
		return err
	}
	if err := s.engine.Discard(ctx, change); err != nil {
		return err
	}
	return a.done(outcome{Stack: change.StackName, Region: s.Region, Status: "discarded", ChangeSet: change.ID},
		"Change set %s of stack %s is deleted.", change.Name, change.StackName)
}

// stuck are the logical IDs of what an operation left in a failed status, each once, behind a flag each.
func stuck(flag string, failed []deploy.Event) []string {
	var words []string
	seen := map[string]bool{}
	for _, e := range failed {
		if !seen[e.LogicalID] {
			words = append(words, flag, e.LogicalID)
		}
		seen[e.LogicalID] = true
	}
	return words
}
