package cli

import (
	"testing"

	"github.com/semagent/semagent/internal/config"
)

func TestCapacity(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ  []string
		deployed int
		known    bool
		live     int
		want     int
	}{
		"deployed value stays":              {deployed: 1, known: true, live: 4, want: 1},
		"explicit value wins":               {environ: []string{"SEMAPHORE_AGENT_ASG_DESIRED=3"}, deployed: 1, known: true, live: 4, want: 3},
		"minimum rose above the deployed":   {environ: []string{"SEMAPHORE_AGENT_ASG_MIN_SIZE=2"}, deployed: 1, known: true, live: 4, want: 4},
		"minimum rose above the live too":   {environ: []string{"SEMAPHORE_AGENT_ASG_MIN_SIZE=5"}, deployed: 1, known: true, live: 4, want: 5},
		"maximum fell below the deployed":   {environ: []string{"SEMAPHORE_AGENT_ASG_MAX_SIZE=2"}, deployed: 3, known: true, live: 4, want: 2},
		"template that has no such value":   {live: 4, want: 4},
		"empty setting counts as not set":   {environ: []string{"SEMAPHORE_AGENT_ASG_DESIRED="}, deployed: 1, known: true, live: 4, want: 1},
		"zero is a value like any other":    {environ: []string{"SEMAPHORE_AGENT_ASG_DESIRED=0"}, deployed: 1, known: true, live: 4, want: 0},
		"removed setting keeps what it set": {deployed: 5, known: true, live: 2, want: 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := append([]string{
				"SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci",
				"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=token", "SEMAPHORE_AGENT_ASG_MAX_SIZE=10",
			}, test.environ...)
			cfg, err := config.Load(config.Input{Environ: environ})
			if err != nil {
				t.Fatal(err)
			}
			if got := capacity(cfg, test.deployed, test.known, test.live); got != test.want {
				t.Errorf("capacity(deployed %d, live %d) = %d, want %d", test.deployed, test.live, got, test.want)
			}
		})
	}
}
