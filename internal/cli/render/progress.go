package render

import (
	"strings"
	"time"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// progress is what the events of one operation add up to.
type progress struct {
	stack       string
	status      string    // the stack's own; empty before its first event
	began       time.Time // of the operation, by the clock of the events; zero before the first one
	last        time.Time // of the newest event
	rows        []*row    // in the order in which they began
	byID        map[string]*row
	expected    map[string]bool // logical IDs that the change set names
	rollingBack bool
}

// row is one resource.
type row struct {
	id, kind string
	status   string
	began    time.Time // of what is being done with it now
	changed  time.Time
	done     bool   // finished in the current direction, forward or back
	failure  string // why it failed first; kept while it is rolled back
}

func newProgress(stack string, changes []deploy.Change) *progress {
	p := &progress{stack: stack, byID: map[string]*row{}, expected: map[string]bool{}}
	for _, c := range changes {
		p.expected[c.LogicalID] = true
	}
	return p
}

func (p *progress) apply(e deploy.Event) {
	if p.began.IsZero() {
		p.began = e.Time
	}
	if e.Time.After(p.last) {
		p.last = e.Time
	}
	if e.OfStack() {
		p.ofStack(e)
		return
	}
	r := p.byID[e.LogicalID]
	if r == nil {
		r = &row{id: e.LogicalID, kind: e.Type, began: e.Time}
		p.byID[e.LogicalID] = r
		p.rows = append(p.rows, r)
	}
	if verb(e.Status) != verb(r.status) {
		r.began = e.Time
	}
	r.status, r.changed = e.Status, e.Time
	r.done = r.done || finished(e.Status)
	if failed(e.Status) && r.failure == "" && !canceled(e.StatusReason) {
		r.failure = ui.Clean(e.StatusReason)
	}
}

func (p *progress) ofStack(e deploy.Event) {
	p.status = e.Status
	if p.rollingBack || !strings.Contains(e.Status, "ROLLBACK_IN_PROGRESS") {
		return
	}
	p.rollingBack = true
	for _, r := range p.rows {
		r.done = false
	}
}

// count says how many resources are finished, of how many. Forward these are the change set's and whatever else had an
// event; backward, those that had one.
func (p *progress) count() (done, total int) {
	total = len(p.rows)
	for _, r := range p.rows {
		if r.done {
			done++
		}
	}
	if p.rollingBack {
		return done, total
	}
	for id := range p.expected {
		if p.byID[id] == nil {
			total++
		}
	}
	return done, total
}

// busy are the resources that something is being done with, the longest first.
func (p *progress) busy() []*row {
	var rows []*row
	for _, r := range p.rows {
		if inProgress(r.status) {
			rows = append(rows, r)
		}
	}
	return rows
}

func (p *progress) anyFailure() bool {
	for _, r := range p.rows {
		if r.failure != "" {
			return true
		}
	}
	return false
}

// took is how long the current step of a resource lasted, or has lasted at now.
func (r *row) took(now time.Time) time.Duration {
	if inProgress(r.status) {
		return now.Sub(r.began)
	}
	return r.changed.Sub(r.began)
}

func verb(status string) string {
	verb, _, _ := strings.Cut(status, "_")
	return verb
}

func inProgress(status string) bool { return strings.HasSuffix(status, "_IN_PROGRESS") }
func failed(status string) bool     { return strings.HasSuffix(status, "_FAILED") }

// finished counts DELETE_SKIPPED, which is how CloudFormation ends with a resource that it keeps.
func finished(status string) bool {
	return strings.HasSuffix(status, "_COMPLETE") || status == "DELETE_SKIPPED"
}

// canceled tells the resources that CloudFormation gave up because another one failed.
func canceled(reason string) bool {
	return strings.HasPrefix(reason, "Resource creation cancelled") || strings.HasPrefix(reason, "Resource update cancelled")
}
