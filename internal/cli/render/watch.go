package render

import (
	"sync"
	"time"

	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/ui"
)

// Watch says what a Watcher shows.
type Watch struct {
	Stack   string          // name, for the headline
	Changes []deploy.Change // the resources that will have events, for the share done; nil when unknown
	JSON    bool            // one object a line, whatever the stream is
}

// Watcher shows the events of one operation while they come: a live table where the stream can be painted over,
// else a line an event with a sign of life after 30 s of silence, or JSON. It is safe for use from several
// goroutines. A failure to write stops nothing and is returned by Close.
type Watcher struct {
	mu       sync.Mutex
	progress *progress
	view     view
	err      error
	stop     chan struct{}
	stopped  sync.WaitGroup
}

// view shows progress in one way. A period of 0 asks for no ticks.
type view interface {
	period() time.Duration
	event(p *progress, e deploy.Event, now time.Time) error
	note(p *progress, text string, now time.Time) error
	tick(p *progress, now time.Time) error
	end(p *progress, now time.Time) error
}

// NewWatcher begins to show an operation on out. Close must be called, or the terminal stays without a cursor.
func NewWatcher(out *ui.Output, watch Watch) *Watcher {
	w := &Watcher{progress: newProgress(watch.Stack, watch.Changes), view: viewFor(out, watch), stop: make(chan struct{})}
	if period := w.view.period(); period > 0 {
		w.stopped.Go(func() { w.run(period) })
	}
	return w
}

func viewFor(out *ui.Output, watch Watch) view {
	switch {
	case watch.JSON:
		return &jsonView{out: out}
	case out.Repaints():
		return newLiveView(out)
	}
	return newLineView(out, watch.Changes)
}

// Event shows the next event. Events come in the order of their time, each once.
func (w *Watcher) Event(e deploy.Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.progress.apply(e)
	w.keep(w.view.event(w.progress, e, time.Now()))
}

// Note shows a line that is not an event, such as that AWS throttles, where it does not disturb the table.
func (w *Watcher) Note(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.keep(w.view.note(w.progress, ui.Clean(text), time.Now()))
}

// Close ends the show and leaves the final state. status is the stack's at the end, where the caller knows it better
// than the events do; empty keeps what they said. No method may be called after it.
func (w *Watcher) Close(status string) error {
	close(w.stop)
	w.stopped.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	if status != "" {
		w.progress.status = status
	}
	w.keep(w.view.end(w.progress, time.Now()))
	return w.err
}

func (w *Watcher) run(period time.Duration) {
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		select {
		case <-w.stop:
			return
		case now := <-ticker.C:
			w.mu.Lock()
			w.keep(w.view.tick(w.progress, now))
			w.mu.Unlock()
		}
	}
}

func (w *Watcher) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}
