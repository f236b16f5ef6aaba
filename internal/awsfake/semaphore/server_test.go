package semaphore_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awsfake/clock"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
)

func start(t *testing.T, opts semaphore.Options) (*semaphore.Server, string) {
	t.Helper()
	opts.Token = "token"
	s := semaphore.New(opts)
	t.Cleanup(s.Close)
	endpoint, err := s.Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s, endpoint
}

func get(t *testing.T, client *http.Client, url, token string) (int, []byte, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v1/self_hosted_agents/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Token "+token)
	res, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	body, err := io.ReadAll(res.Body)
	return res.StatusCode, body, errors.Join(err, res.Body.Close())
}

func TestMetrics(t *testing.T) {
	s, endpoint := start(t, semaphore.Options{})
	want := semaphore.Metrics{Jobs: semaphore.Jobs{Queued: 3, Running: 2}, Agents: semaphore.Agents{Idle: 1, Occupied: 2}}
	s.Set(want)
	status, body, err := get(t, http.DefaultClient, "http://"+endpoint, "token")
	if err != nil || status != http.StatusOK || string(bytes.TrimSpace(body)) != `{"jobs":{"queued":3,"running":2},"agents":{"idle":1,"occupied":2}}` {
		t.Errorf("got %d %s, %v", status, body, err)
	}
	if status, body, err := get(t, http.DefaultClient, "http://"+endpoint, "wrong"); err != nil || status != http.StatusUnauthorized {
		t.Errorf("another token: got %d %s, %v", status, body, err)
	}
	if all, refused := s.Calls(); all != 2 || refused != 1 {
		t.Errorf("got %d calls, %d refused", all, refused)
	}
}

func TestTLS(t *testing.T) {
	s, endpoint := start(t, semaphore.Options{TLS: true})
	file := filepath.Join(t.TempDir(), "semaphore.pem")
	if err := s.WriteCertificate(file); err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) || !bytes.Equal(pem, s.Certificate()) {
		t.Fatalf("got the certificate %s", pem)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	if status, _, err := get(t, client, "https://"+endpoint, "token"); err != nil || status != http.StatusOK {
		t.Errorf("got %d, %v", status, err)
	}
	if _, _, err := get(t, &http.Client{Transport: &http.Transport{}}, "https://"+endpoint, "token"); err == nil {
		t.Error("the certificate is trusted by everybody")
	}
	plain, _ := start(t, semaphore.Options{})
	if err := plain.WriteCertificate(file); err == nil {
		t.Error("a plain server wrote a certificate")
	}
}

func TestMisbehaviour(t *testing.T) {
	s, endpoint := start(t, semaphore.Options{})
	s.Misbehave(semaphore.HTML, semaphore.ServerError, semaphore.TooMany, semaphore.Truncated, semaphore.Hang)
	client := &http.Client{Timeout: 200 * time.Millisecond}
	for _, want := range []int{200, 500, 429} {
		status, body, err := get(t, client, "http://"+endpoint, "token")
		if err != nil || status != want || json.Valid(body) {
			t.Errorf("got %d %s, %v; want %d and no JSON", status, body, err, want)
		}
	}
	for _, what := range []string{"truncated", "hang"} {
		if _, _, err := get(t, client, "http://"+endpoint, "token"); err == nil {
			t.Errorf("%s: got an answer", what)
		}
	}
	if status, body, err := get(t, client, "http://"+endpoint, "token"); err != nil || status != http.StatusOK || !json.Valid(body) {
		t.Errorf("after the script: got %d %s, %v", status, body, err)
	}
}

// machines is a fleet that a test grows and that agents leave.
type machines struct {
	mu   sync.Mutex
	ids  []string
	gone []string
	stay bool // retirement is refused, as at a group's minimum size
}

func (m *machines) list() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.ids)
}

func (m *machines) retire(id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.gone = append(m.gone, id)
	if m.stay {
		return errors.New("at the minimum")
	}
	m.ids = slices.DeleteFunc(m.ids, func(other string) bool { return other == id })
	return nil
}

func (m *machines) left() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.gone)
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("%s did not happen", what)
}

func TestAgentsTakeJobs(t *testing.T) {
	fleet := &machines{}
	s, endpoint := start(t, semaphore.Options{
		Clock: clock.New(200), Machines: fleet.list, Retire: fleet.retire, Agent: semaphore.Agent{DisconnectAfterJob: true},
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+endpoint+"/_local/jobs", bytes.NewBufferString(`{"count":3,"seconds":60}`))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got %v, %v", res, err)
	}
	_ = res.Body.Close()
	if diff := cmp.Diff(semaphore.Metrics{Jobs: semaphore.Jobs{Queued: 3}}, s.Metrics()); diff != "" {
		t.Error(diff)
	}
	fleet.mu.Lock()
	fleet.ids = []string{"i-1", "i-2"}
	fleet.mu.Unlock()
	eventually(t, "two running jobs", func() bool {
		return s.Metrics() == semaphore.Metrics{Jobs: semaphore.Jobs{Queued: 1, Running: 2}, Agents: semaphore.Agents{Occupied: 2}}
	})
	eventually(t, "the agents' leave", func() bool { return fleet.left() == 2 })
	eventually(t, "the rest", func() bool { return s.Metrics() == semaphore.Metrics{Jobs: semaphore.Jobs{Queued: 1}} })
}

func TestIdleAgentsRetireOrStartAnew(t *testing.T) {
	fleet := &machines{ids: []string{"i-1"}, stay: true}
	s, _ := start(t, semaphore.Options{Clock: clock.New(500), Machines: fleet.list, Retire: fleet.retire, Agent: semaphore.Agent{IdleTimeout: 30 * time.Second}})
	eventually(t, "two attempts to retire", func() bool { return fleet.left() >= 2 })
	eventually(t, "the agent's new start", func() bool { return s.Metrics().Agents.Idle == 1 })
	s.Enqueue(1, time.Minute)
	eventually(t, "a running job", func() bool { return s.Metrics().Jobs.Running == 1 })
	fleet.mu.Lock()
	fleet.ids = nil
	fleet.mu.Unlock()
	eventually(t, "the lost machine's job in the queue", func() bool { return s.Metrics() == semaphore.Metrics{Jobs: semaphore.Jobs{Queued: 1}} })
}
