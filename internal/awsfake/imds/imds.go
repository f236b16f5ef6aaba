// Package imds is an instance metadata service for tests, version 2 only: what an instance can ask about itself, and the
// ways in which that goes wrong. It refuses to know the local AWS that the instance belongs to.
package imds

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Options say which instance is asking.
type Options struct {
	Account    string // twelve digits; 123456789012 when empty
	Region     string // us-east-1 when empty
	InstanceID string // i-0123456789abcdef0 when empty
	Role       string // of the instance profile; empty: the instance has none
	UserData   string

	HopLimit int // of the answer to the token's PUT, HttpPutResponseHopLimit; 1 when 0
	Hops     int // between the service and who asks; 1 when 0, a container is 2 away
}

func (o Options) withDefaults() Options {
	set := func(s *string, value string) {
		if *s == "" {
			*s = value
		}
	}
	set(&o.Account, "123456789012")
	set(&o.Region, "us-east-1")
	set(&o.InstanceID, "i-0123456789abcdef0")
	o.HopLimit, o.Hops = max(o.HopLimit, 1), max(o.Hops, 1)
	return o
}

// Server is one instance's metadata service. Its methods may be called at any time.
type Server struct {
	opts Options

	mu     sync.Mutex
	tokens map[string]time.Time // until when each is good
	delay  time.Duration
	broken []int // statuses of the next answers
	asked  map[string]int

	http *http.Server
	stop context.CancelFunc
	done sync.WaitGroup
}

// New returns a service that does not serve yet.
func New(opts Options) *Server {
	return &Server{opts: opts.withDefaults(), tokens: map[string]time.Time{}, asked: map[string]int{}}
}

// Start serves on a free port of 127.0.0.1 and returns the address, without a path.
func (s *Server) Start() (url string, err error) {
	ctx, stop := context.WithCancel(context.Background())
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		stop()
		return "", fmt.Errorf("listen for the metadata service: %w", err)
	}
	s.stop = stop
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	s.done.Go(func() { _ = s.http.Serve(listener) }) // it always ends with ErrServerClosed
	return "http://" + listener.Addr().String(), nil
}

// Close stops serving and waits until it has.
func (s *Server) Close() {
	if s.http == nil {
		return
	}
	s.stop()
	_ = s.http.Close()
	s.done.Wait()
}

// Delay makes every answer from now on take as long.
func (s *Server) Delay(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.delay = d
}

// Break answers the next requests, of any kind, with these statuses.
func (s *Server) Break(statuses ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.broken = append(s.broken, statuses...)
}

// ForgetTokens makes every token that was handed out worthless, as time does.
func (s *Server) ForgetTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.tokens)
}

// Asked is how often a path below /latest/ was asked for, whatever the answer.
func (s *Server) Asked(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}
