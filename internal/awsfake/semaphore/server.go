package semaphore

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/clock"
)

// Options say what a fake Semaphore is like. Only Token is required.
type Options struct {
	Token string       // the registration token; any other is answered with 401
	TLS   bool         // serve HTTPS with a certificate of its own, see Server.WriteCertificate
	Clock *clock.Clock // nil means the wall's

	// Machines are the IDs of the machines whose agents are registered. Without it, the counts are what Set and Enqueue made them.
	Machines func() []string
	// Retire is told of agents that have disconnected and whose machines are to go. Where it returns an error, the machine stays and
	// its agent starts anew.
	Retire func(machineID string) error
	Agent  Agent
}

// Misbehaviour is something that the API does instead of answering.
type Misbehaviour string

// The ways in which the API can misbehave.
const (
	Hang        Misbehaviour = "hang"      // takes the request and never answers
	HTML        Misbehaviour = "html"      // status 200 with a page of HTML
	ServerError Misbehaviour = "error"     // status 500
	Truncated   Misbehaviour = "truncated" // announces more than it sends
	TooMany     Misbehaviour = "throttle"  // status 429 with Retry-After: 1
)

// Server is a fake Semaphore. Its methods may be called at any time.
type Server struct {
	opts  Options
	model *model

	mu      sync.Mutex
	script  []Misbehaviour
	calls   int
	refused int

	http        *http.Server
	certificate []byte
	stop        context.CancelFunc
	done        sync.WaitGroup
}

// New returns a fake Semaphore that does not serve yet.
func New(opts Options) *Server {
	if opts.Clock == nil {
		opts.Clock = clock.New(1)
	}
	return &Server{opts: opts, model: &model{
		clock: opts.Clock, machines: opts.Machines, retire: opts.Retire, agent: opts.Agent, agents: map[string]*agent{},
	}}
}

// Start serves on a free port of 127.0.0.1, until Close or until ctx ends, and returns host and port, which is what SEMAPHORE_ENDPOINT
// wants.
func (s *Server) Start(ctx context.Context) (endpoint string, err error) {
	ctx, stop := context.WithCancel(ctx)
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		stop()
		return "", fmt.Errorf("listen for the fake Semaphore: %w", err)
	}
	s.stop = stop
	s.http = &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx },
		ErrorLog: log.New(io.Discard, "", 0), // clients that refuse the certificate are part of the play
	}
	serve := s.http.Serve
	if s.opts.TLS {
		pair, pem, err := selfSigned()
		if err != nil {
			stop()
			_ = listener.Close()
			return "", err
		}
		s.certificate, s.http.TLSConfig = pem, pair
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	s.done.Go(func() { _ = serve(listener) }) // it always ends with ErrServerClosed
	s.done.Go(func() { s.live(ctx) })
	return listener.Addr().String(), nil
}

// live moves the model on once a second of the local clock.
func (s *Server) live(ctx context.Context) {
	for s.opts.Clock.Sleep(ctx, time.Second) == nil {
		s.model.sync()
	}
}

// Close stops serving and waits for all that the server started.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	s.stop()
	_ = s.http.Close()
	s.done.Wait()
}

// Set fixes the counts, until the next Enqueue.
func (s *Server) Set(m Metrics) {
	s.model.mu.Lock()
	defer s.model.mu.Unlock()
	s.model.fixed = &m
}

// Enqueue puts n jobs into the queue, each of which runs for duration of the local clock once an agent takes it.
func (s *Server) Enqueue(n int, duration time.Duration) { s.model.enqueue(n, duration) }

// Metrics is what the API answers now.
func (s *Server) Metrics() Metrics { return s.model.metrics() }

// Misbehave makes the next requests for metrics go wrong, one after the other.
func (s *Server) Misbehave(script ...Misbehaviour) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script = append(s.script, script...)
}

// Calls are how many requests for metrics there were, and how many of them had a wrong token.
func (s *Server) Calls() (all, refused int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls, s.refused
}

// Certificate is the PEM of the certificate that Start made; nil without TLS.
func (s *Server) Certificate() []byte { return slices.Clone(s.certificate) }

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // a client that has gone needs no answer
}
