package semaphore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const (
	token = "s3cr3t-registration-token"
	good  = `{"jobs":{"queued":3,"running":2},"agents":{"idle":1,"occupied":2}}`
)

func occupancy() Occupancy {
	return Occupancy{Jobs: Jobs{Queued: 3, Running: 2}, Agents: &Agents{Idle: 1, Occupied: 2}}
}

func newTestClient(t *testing.T, transport http.RoundTripper) *Client {
	t.Helper()
	c, err := New("acme.semaphoreci.com", Options{Version: "1.2.3", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// step is how the server treats one request.
type step struct {
	status       int
	header, body string // header is Name=value
	err          error  // of the transport
	stalls       bool   // never ends its body; without a status, never answers at all
}

func (s step) respond(r *http.Request) (*http.Response, error) {
	if s.stalls && s.status == 0 {
		<-r.Context().Done()
		return nil, r.Context().Err()
	}
	if s.err != nil {
		return nil, s.err
	}
	resp := &http.Response{StatusCode: s.status, Header: http.Header{}}
	if name, value, ok := strings.Cut(s.header, "="); ok {
		resp.Header.Set(name, value)
	}
	resp.Body = io.NopCloser(strings.NewReader(s.body))
	if s.stalls {
		reader, writer := io.Pipe()
		context.AfterFunc(r.Context(), func() { writer.CloseWithError(r.Context().Err()) })
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(resp.Body, reader), reader}
	}
	return resp, nil
}

// script answers each request with the next step and counts them.
type script struct {
	steps []step
	asked int
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.asked >= len(s.steps) {
		return nil, fmt.Errorf("request %d was not expected", s.asked+1)
	}
	s.asked++
	return s.steps[s.asked-1].respond(r)
}

func answer(status int, body string) step       { return step{status: status, body: body} }
func answerWith(status int, header string) step { return step{status: status, header: header} }
func fail(err error) step                       { return step{err: err} }

func TestOccupancyOverTLS(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := map[string]string{"Authorization": "Token " + token, "User-Agent": "semagent/1.2.3", "Accept": "application/json"}
		for name, value := range want {
			if got := r.Header.Get(name); got != value {
				t.Errorf("%s is %q, want %q", name, got, value)
			}
		}
		if r.Method != http.MethodGet || r.URL.Path != "/api/v1/self_hosted_agents/metrics" {
			t.Errorf("asked %s %s", r.Method, r.URL.Path)
		}
		_, _ = io.WriteString(w, good)
	}))
	defer server.Close()
	c, err := New(strings.TrimPrefix(server.URL, "https://"), Options{Version: "1.2.3", Transport: server.Client().Transport})
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Occupancy(t.Context(), token+"\n")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(occupancy(), got); diff != "" {
		t.Error(diff)
	}
}

func TestDefaultTransportChecksCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = nil
	defer server.Close()
	c, err := New(strings.TrimPrefix(server.URL, "https://"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = c.Occupancy(t.Context(), token); err == nil || !strings.Contains(err.Error(), "certificate") {
		t.Errorf("got %v, want a certificate error", err)
	}
}

func TestNewRefusesWhatIsNotAHost(t *testing.T) {
	for _, endpoint := range []string{"", "https://acme.semaphoreci.com", "acme.semaphoreci.com/", "a b", "user@acme", "acme?x", ":443"} {
		if _, err := New(endpoint, Options{}); err == nil {
			t.Errorf("endpoint %q is accepted", endpoint)
		}
	}
}

func TestOccupancyOutcomes(t *testing.T) {
	broken := errors.New("connection reset")
	type steps []step
	hang, stall := step{stalls: true}, step{status: 200, body: good[:20], stalls: true}
	tests := map[string]struct {
		steps  steps
		asked  int
		within time.Duration // that the call takes at most
		want   string        // in the error; empty for success
		is     func(error) bool
	}{
		"good":                    {steps{answer(200, good)}, 1, 0, "", nil},
		"no agents":               {steps{answer(200, `{"jobs":{"queued":3,"running":2}}`)}, 1, 0, "", nil},
		"reset, then good":        {steps{fail(broken), answer(200, good)}, 2, time.Second, "", nil},
		"500, then good":          {steps{answer(500, "boom"), answer(200, good)}, 2, time.Second, "", nil},
		"429, then good":          {steps{answer(429, ""), answer(200, good)}, 2, time.Second, "", nil},
		"429 for 2 s, then good":  {steps{answerWith(429, "Retry-After=2"), answer(200, good)}, 2, 2 * time.Second, "", nil},
		"503 for 1 s, then good":  {steps{answerWith(503, "Retry-After=1"), answer(200, good)}, 2, time.Second, "", nil},
		"reset twice":             {steps{fail(broken), fail(broken)}, 2, time.Second, "connection reset", isErr(broken)},
		"500 twice":               {steps{answer(500, ""), answer(502, "")}, 2, time.Second, "502 Bad Gateway", isStatus(502)},
		"429 for 30 s":            {steps{answerWith(429, "Retry-After=30")}, 1, 0, "rate limited for 30s", isLimited(30 * time.Second)},
		"429 twice":               {steps{answer(429, ""), answer(429, "")}, 2, time.Second, "rate limited (429", isLimited(0)},
		"503 for a day":           {steps{answerWith(503, "Retry-After=86400")}, 1, 0, "rate limited for 1h", isLimited(time.Hour)},
		"hangs":                   {steps{hang}, 1, totalTime, "deadline exceeded", isErr(context.DeadlineExceeded)},
		"stalls in the body":      {steps{stall}, 1, totalTime, "deadline exceeded", isErr(context.DeadlineExceeded)},
		"reset, then hangs":       {steps{fail(broken), hang}, 2, totalTime, "deadline exceeded", isErr(context.DeadlineExceeded)},
		"401":                     {steps{answer(401, "")}, 1, 0, "registration token refused (401 Unauthorized)", isErr(ErrUnauthorized)},
		"403":                     {steps{answer(403, "")}, 1, 0, "registration token refused", isErr(ErrUnauthorized)},
		"404":                     {steps{answer(404, "")}, 1, 0, "404 Not Found", isStatus(404)},
		"redirect":                {steps{answerWith(302, "Location=https://evil.example/")}, 1, 0, "302 Found", isStatus(302)},
		"web page":                {steps{answer(200, "\n<!doctype html><html>")}, 1, 0, "it is a web page", isErr(ErrMalformed)},
		"empty":                   {steps{answer(200, "")}, 1, 0, "not understood", isErr(ErrMalformed)},
		"truncated":               {steps{answer(200, good[:30])}, 1, 0, "not understood", isErr(ErrMalformed)},
		"two documents":           {steps{answer(200, good+good)}, 1, 0, "not understood", isErr(ErrMalformed)},
		"too large":               {steps{answer(200, good+strings.Repeat(" ", bodyLimit))}, 1, 0, "larger than 1048576 bytes", isErr(ErrMalformed)},
		"no jobs":                 {steps{answer(200, `{"agents":{"idle":1,"occupied":2}}`)}, 1, 0, "jobs is missing", isErr(ErrMalformed)},
		"jobs is null":            {steps{answer(200, `{"jobs":null}`)}, 1, 0, "jobs is missing", isErr(ErrMalformed)},
		"jobs is a list":          {steps{answer(200, `{"jobs":[1]}`)}, 1, 0, "not understood", isErr(ErrMalformed)},
		"no queued":               {steps{answer(200, `{"jobs":{"running":2}}`)}, 1, 0, "jobs.queued is missing", isErr(ErrMalformed)},
		"string":                  {steps{answer(200, `{"jobs":{"queued":"032","running":2}}`)}, 1, 0, `jobs.queued is "032"`, isErr(ErrMalformed)},
		"negative":                {steps{answer(200, `{"jobs":{"queued":-1,"running":2}}`)}, 1, 0, "jobs.queued is -1", isErr(ErrMalformed)},
		"fraction":                {steps{answer(200, `{"jobs":{"queued":1.5,"running":2}}`)}, 1, 0, "jobs.queued is 1.5", isErr(ErrMalformed)},
		"exponent":                {steps{answer(200, `{"jobs":{"queued":1e3,"running":2}}`)}, 1, 0, "jobs.queued is 1e3", isErr(ErrMalformed)},
		"huge":                    {steps{answer(200, `{"jobs":{"queued":1,"running":1000001}}`)}, 1, 0, "jobs.running is 1000001", isErr(ErrMalformed)},
		"beyond 64 bits":          {steps{answer(200, `{"jobs":{"queued":1,"running":99999999999999999999}}`)}, 1, 0, "jobs.running is 9999", isErr(ErrMalformed)},
		"null count":              {steps{answer(200, `{"jobs":{"queued":null,"running":1}}`)}, 1, 0, "jobs.queued is null", isErr(ErrMalformed)},
		"agents of a wrong kind":  {steps{answer(200, `{"jobs":{"queued":1,"running":1},"agents":{"idle":"1","occupied":0}}`)}, 1, 0, "agents.idle", isErr(ErrMalformed)},
		"proxy down, twice":       {steps{fail(errors.New("proxy down")), fail(errors.New("proxy down"))}, 2, time.Second, "acme.semaphoreci.com", nil},
		"unknown states and more": {steps{answer(200, `{"jobs":{"queued":3,"running":2,"x":{}},"agents":{"idle":1,"occupied":2},"y":[]}`)}, 1, 0, "", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := &script{steps: tt.steps}
				start := time.Now()
				got, err := newTestClient(t, server).Occupancy(t.Context(), token)
				if took := time.Since(start); took > tt.within {
					t.Errorf("took %s, want at most %s", took, tt.within)
				}
				if server.asked != tt.asked {
					t.Errorf("asked %d times, want %d", server.asked, tt.asked)
				}
				if tt.want == "" {
					checkGood(t, got, err)
					return
				}
				if err == nil || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !tt.is(err) {
					t.Errorf("got error %v, want %q", err, tt.want)
				}
				if strings.Contains(fmt.Sprintf("%v %+v", err, err), token) {
					t.Error("the token is in the error")
				}
			})
		})
	}
}

func checkGood(t *testing.T, got Occupancy, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	want := occupancy()
	if got.Agents == nil {
		want.Agents = nil
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func isErr(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isStatus(status int) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*StatusError](err)
		return ok && e.Status == status
	}
}

func isLimited(after time.Duration) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[*RateLimitedError](err)
		return ok && e.RetryAfter == after
	}
}

func TestOccupancyRefusesATokenThatCannotBeOne(t *testing.T) {
	for name, bad := range map[string]string{"empty": "", "spaces": "  ", "two lines": "a\nb", "not ASCII": "tökén"} {
		t.Run(name, func(t *testing.T) {
			server := &script{}
			_, err := newTestClient(t, server).Occupancy(t.Context(), bad)
			if !errors.Is(err, ErrUnauthorized) || server.asked != 0 {
				t.Errorf("got %v after %d requests", err, server.asked)
			}
			if strings.TrimSpace(bad) != "" && strings.Contains(err.Error(), bad) {
				t.Error("the token is in the error")
			}
		})
	}
}

func TestOccupancyStopsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(100*time.Millisecond, cancel)
		server := &script{steps: []step{answer(500, "")}}
		start := time.Now()
		_, err := newTestClient(t, server).Occupancy(ctx, token)
		if err == nil || time.Since(start) > 100*time.Millisecond || server.asked != 1 {
			t.Errorf("got %v after %s and %d requests", err, time.Since(start), server.asked)
		}
	})
}
