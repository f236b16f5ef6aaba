package scaler

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func metaAnswer(t *testing.T, keys ...string) string {
	t.Helper()
	text, err := json.Marshal(map[string]any{"ssh_keys": keys, "actions": []string{"4.0.0.0/8"}, "verifiable_password_authentication": false})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestMaintenance(t *testing.T) {
	ed, ecdsa := KnownHosts()[0], KnownHosts()[1]
	first := `["` + strings.Join(KnownHosts(), `","`) + `"]`
	both := `["` + ed + `","` + ecdsa + `"]`
	tests := map[string]struct {
		status   int
		body     string
		current  string // "-" for no such parameter
		spoil    func(*fakeGroup, *fakeParameters)
		written  []string
		suspends int
		errs     []string
	}{
		"all well":             {200, metaAnswer(t, KnownHosts()...), first, suspended, nil, 0, nil},
		"new group":            {200, metaAnswer(t, KnownHosts()...), first, nil, nil, 1, nil},
		"keys changed":         {200, metaAnswer(t, ed, ecdsa), first, suspended, []string{both}, 0, nil},
		"other hosts are kept": {200, metaAnswer(t, ed, ecdsa), `["` + gitlab + `"]`, suspended, []string{both[:len(both)-1] + `,"` + gitlab + `"]`}, 0, nil},
		"parameter gone":       {200, metaAnswer(t, ed, ecdsa), "-", suspended, []string{both}, 0, nil},
		"GitHub down":          {503, "", first, nil, nil, 1, []string{"fetch github.com's host keys: unexpected status 503"}},
		"rate limited":         {403, "rate limit exceeded", first, nil, nil, 1, []string{"unexpected status 403"}},
		"no keys":              {200, metaAnswer(t), first, nil, nil, 1, []string{"no usable host key"}},
		"web page":             {200, "<html>", first, nil, nil, 1, []string{"invalid character '<'"}},
		"broken key":           {200, metaAnswer(t, ed, ecdsa[:60]), first, nil, nil, 1, []string{"host key ecdsa-sha2-nistp256"}},
		"too large":            {200, strings.Repeat(" ", metaBodyLimit+1), first, nil, nil, 1, []string{"larger than"}},
		"parameter denied":     {200, metaAnswer(t, ed), first, func(_ *fakeGroup, p *fakeParameters) { p.get = failing(throttled) }, nil, 1, []string{`read parameter "fleet-hosts"`}},
		"write denied":         {200, metaAnswer(t, ed), first, func(_ *fakeGroup, p *fakeParameters) { p.writeError = throttled }, nil, 1, []string{`write parameter "fleet-hosts"`}},
		"group gone":           {200, metaAnswer(t, ed, ecdsa), first, func(g *fakeGroup, _ *fakeParameters) { g.gone = true }, []string{both}, 0, []string{`"agents": it does not exist`}},
		"suspension denied":    {200, metaAnswer(t, ed, ecdsa), first, func(g *fakeGroup, _ *fakeParameters) { g.suspend = failing(throttled) }, []string{both}, 1, []string{`suspend AZRebalance of "agents"`}},
		"both fail":            {500, "", first, func(g *fakeGroup, _ *fakeParameters) { g.gone = true }, nil, 0, []string{"does not exist", "unexpected status 500"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("User-Agent") != "semagent" {
					t.Errorf("User-Agent is %q", r.Header.Get("User-Agent"))
				}
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			}))
			defer server.Close()
			group, params := &fakeGroup{}, &fakeParameters{values: map[string]string{}}
			if tt.current != "-" {
				params.values["fleet-hosts"] = tt.current
			}
			if tt.spoil != nil {
				tt.spoil(group, params)
			}
			m := &Maintenance{
				AutoScaling: group, Parameters: params, HTTP: server.Client(), MetaURL: server.URL,
				Group: "agents", KnownHostsParameter: "fleet-hosts",
				Log: slog.New(slog.NewJSONHandler(&bytes.Buffer{}, nil)),
			}
			checkErrors(t, m.Run(t.Context()), tt.errs)
			if diff := cmp.Diff(tt.written, params.writes); diff != "" {
				t.Error(diff)
			}
			if group.suspends != tt.suspends {
				t.Errorf("%d suspensions, want %d", group.suspends, tt.suspends)
			}
		})
	}
}

func suspended(g *fakeGroup, _ *fakeParameters) { g.suspended = []string{azRebalance} }

func checkErrors(t *testing.T, err error, want []string) {
	t.Helper()
	if (err != nil) != (len(want) > 0) {
		t.Errorf("got error %v, want %q", err, want)
	}
	for _, text := range want {
		if err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("got error %v, want %q", err, text)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestMaintenanceAsksGitHub also shows that neither a hang nor a panic of one half keeps the other from its work.
func TestMaintenanceAsksGitHub(t *testing.T) {
	halves := map[string]transport{
		"hangs":  func(r *http.Request) (*http.Response, error) { <-r.Context().Done(); return nil, r.Context().Err() },
		"panics": func(*http.Request) (*http.Response, error) { panic("surprise") },
	}
	for name, half := range halves {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := ""
				group, start := &fakeGroup{}, time.Now()
				m := &Maintenance{
					AutoScaling: group, Parameters: &fakeParameters{}, Group: "agents",
					HTTP: &http.Client{Transport: transport(func(r *http.Request) (*http.Response, error) {
						asked = r.URL.String()
						return half(r)
					})},
					Log: slog.New(slog.DiscardHandler),
				}
				if err := m.Run(t.Context()); err == nil {
					t.Error("no error")
				}
				if asked != "https://api.github.com/meta" {
					t.Errorf("asked %q", asked)
				}
				if group.suspends != 1 || time.Since(start) > metaTime {
					t.Errorf("%d suspensions, %s", group.suspends, time.Since(start))
				}
			})
		})
	}
}
