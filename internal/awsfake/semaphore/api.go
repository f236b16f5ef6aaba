package semaphore

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const metricsPath = "/api/v1/self_hosted_agents/metrics"

// handler is the API and, below /_local/, the control surface: POST /_local/jobs ({"count", "seconds"}), GET and PUT /_local/metrics,
// POST /_local/misbehave (a list).
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+metricsPath, s.getMetrics)
	mux.HandleFunc("GET /_local/metrics", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, s.Metrics()) })
	mux.HandleFunc("PUT /_local/metrics", func(w http.ResponseWriter, r *http.Request) {
		control(w, r, func(m Metrics) error { s.Set(m); return nil })
	})
	mux.HandleFunc("POST /_local/jobs", func(w http.ResponseWriter, r *http.Request) { control(w, r, s.postJobs) })
	mux.HandleFunc("POST /_local/misbehave", func(w http.ResponseWriter, r *http.Request) { control(w, r, s.postScript) })
	return mux
}

type jobs struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"`
}

func (s *Server) postJobs(in jobs) error {
	if in.Count < 1 || in.Seconds <= 0 {
		return fmt.Errorf("want a positive count and positive seconds, got %d and %g", in.Count, in.Seconds)
	}
	s.Enqueue(in.Count, time.Duration(in.Seconds*float64(time.Second)))
	return nil
}

func (s *Server) postScript(script []Misbehaviour) error {
	for _, m := range script {
		switch m {
		case Hang, HTML, ServerError, Truncated, TooMany:
		default:
			return fmt.Errorf("unknown misbehaviour %q", m)
		}
	}
	s.Misbehave(script...)
	return nil
}

func control[In any](w http.ResponseWriter, r *http.Request, do func(In) error) {
	var in In
	err := json.NewDecoder(r.Body).Decode(&in)
	if err == nil {
		err = do(in)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeJSON(w, struct{}{})
}

func (s *Server) getMetrics(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.calls++
	var wrong Misbehaviour
	if len(s.script) > 0 {
		wrong, s.script = s.script[0], s.script[1:]
	}
	authorized := r.Header.Get("Authorization") == "Token "+s.opts.Token
	if !authorized {
		s.refused++
	}
	s.mu.Unlock()
	if wrong != "" {
		misbehave(w, r, wrong)
		return
	}
	if !authorized {
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	writeJSON(w, s.Metrics())
}

func misbehave(w http.ResponseWriter, r *http.Request, how Misbehaviour) {
	switch how {
	case Hang:
		<-r.Context().Done()
	case HTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte("<!DOCTYPE html><html><body>We are down for maintenance.</body></html>"))
	case ServerError:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case Truncated:
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", "64")
		_, _ = w.Write([]byte(`{"jobs":{"queued":3,`))
		_ = http.NewResponseController(w).Flush() // a client that saw nothing at all would ask again
		panic(http.ErrAbortHandler)
	case TooMany:
		w.Header().Set("Retry-After", "1")
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
	}
}
