package cfn

import (
	"context"
	"errors"
	"slices"
)

// errCancelled ends the steps that were running when another one failed.
var errCancelled = errors.New("cancelled")

// walk runs one step for every ID, each after those it depends on, as many at a time as that allows. start is called in a fixed order
// and returns the work, or nil when there is none; work runs in a goroutine of its own. When a step fails, what depends on it is left out; with
// stopOnFailure everything not yet started is, and the running steps are cancelled. It returns the IDs that failed, sorted.
func walk(ctx context.Context, ids []string, deps func(id string) []string, stopOnFailure bool, start func(id string) func(context.Context) error) []string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walker{open: map[string]bool{}, results: make(chan result), deps: deps}
	for _, id := range slices.Sorted(slices.Values(ids)) {
		w.open[id] = true
		w.waiting = append(w.waiting, id)
	}
	for {
		if ctx.Err() == nil {
			w.startReady(ctx, start)
		}
		if w.inFlight == 0 {
			slices.Sort(w.failed)
			return w.failed
		}
		r := <-w.results
		w.inFlight--
		if r.err == nil {
			delete(w.open, r.id)
			continue
		}
		w.failed = append(w.failed, r.id)
		if stopOnFailure {
			cancel()
		}
	}
}

type result struct {
	id  string
	err error
}

type walker struct {
	waiting  []string
	open     map[string]bool // not done, failed ones included
	failed   []string
	inFlight int
	results  chan result
	deps     func(string) []string
}

// startReady starts all that waits for nothing, until a pass starts nothing more: a step without work frees others at once.
func (w *walker) startReady(ctx context.Context, start func(string) func(context.Context) error) {
	for again := true; again; {
		again = false
		for _, id := range slices.Clone(w.waiting) {
			if slices.ContainsFunc(w.deps(id), func(d string) bool { return d != id && w.open[d] }) {
				continue
			}
			w.waiting = slices.DeleteFunc(w.waiting, func(x string) bool { return x == id })
			work := start(id)
			if work == nil {
				delete(w.open, id)
				again = true
				continue
			}
			w.inFlight++
			go func() { w.results <- result{id, work(ctx)} }()
		}
	}
}
