package runtime

import (
	"io"
	"net/http"
	"strconv"
)

const maxPayload = 6 << 20

// handler is the Runtime API, version 2018-06-01: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
func (s *sandbox) handler() http.Handler {
	const base = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"invocation/next", s.next)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) { s.finish(w, r, false) })
	mux.HandleFunc("POST "+base+"invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) { s.finish(w, r, true) })
	mux.HandleFunc("POST "+base+"init/error", s.initError)
	return mux
}

// next hands the process its next invocation, however long that takes to come.
func (s *sandbox) next(w http.ResponseWriter, r *http.Request) {
	select {
	case inv := <-s.work:
		s.mu.Lock()
		s.now = inv
		s.mu.Unlock()
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", inv.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(inv.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", s.f.ARN)
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-"+randomHex(4)+"-"+randomHex(12)+";Sampled=0")
		_, _ = w.Write(inv.payload) // a process that has gone is noticed by its exit
	case <-r.Context().Done():
	}
}

func (s *sandbox) finish(w http.ResponseWriter, r *http.Request, failed bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if err != nil {
		reject(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes).")
		return
	}
	s.mu.Lock()
	inv := s.now
	s.mu.Unlock()
	if inv == nil || inv.id != r.PathValue("id") {
		reject(w, http.StatusBadRequest, "InvalidRequestID", "Invalid request ID")
		return
	}
	select {
	case inv.done <- Result{RequestID: inv.id, Payload: body, Failed: failed}:
		w.WriteHeader(http.StatusAccepted)
	default:
		reject(w, http.StatusBadRequest, "InvalidStateTransition", "the invocation has been answered")
	}
}

// initError keeps what a process says about its failed start; the invocation that wanted it gets that when the process ends.
func (s *sandbox) initError(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload)) // what did come is still worth showing
	s.mu.Lock()
	s.broken = body
	s.mu.Unlock()
	w.WriteHeader(http.StatusAccepted)
	go s.kill() // after the answer, for which the process may wait
}

func reject(w http.ResponseWriter, status int, kind, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"errorType":"`+kind+`","errorMessage":"`+message+`"}`) // as in next
}
