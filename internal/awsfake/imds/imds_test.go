package imds

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func start(t *testing.T, o Options) (*Server, string) {
	t.Helper()
	s := New(o)
	url, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, url + "/latest/"
}

func ask(ctx context.Context, t *testing.T, method, url string, header ...string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func TestTokenIsRequired(t *testing.T) {
	s, url := start(t, Options{Role: "agents", InstanceID: "i-0aaa"})
	if status, _, _ := ask(t.Context(), t, http.MethodGet, url+"meta-data/instance-id"); status != http.StatusUnauthorized {
		t.Errorf("without a token the answer is %d", status)
	}
	if status, _, _ := ask(t.Context(), t, http.MethodPut, url+"api/token"); status != http.StatusBadRequest {
		t.Errorf("without a time to live the answer is %d", status)
	}
	if status, _, _ := ask(t.Context(), t, http.MethodPut, url+"api/token", ttlHeader, "60", "X-Forwarded-For", "10.0.0.1"); status != http.StatusForbidden {
		t.Errorf("through a proxy the answer is %d", status)
	}
	_, token, err := ask(t.Context(), t, http.MethodPut, url+"api/token", ttlHeader, "60")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"meta-data/instance-id": "i-0aaa", "meta-data/iam/security-credentials/": "agents",
		"meta-data/iam/security-credentials/agents": `"AccessKeyId":"ASIA`, "dynamic/instance-identity/document": `"region":"us-east-1"`,
	} {
		if _, body, _ := ask(t.Context(), t, http.MethodGet, url+path, tokenHeader, token); !strings.Contains(body, want) {
			t.Errorf("%s is %q, want %q", path, body, want)
		}
	}
	if status, _, _ := ask(t.Context(), t, http.MethodGet, url+"meta-data/nothing", tokenHeader, token); status != http.StatusNotFound {
		t.Errorf("an unknown path gives %d", status)
	}
	s.ForgetTokens()
	if status, _, _ := ask(t.Context(), t, http.MethodGet, url+"meta-data/instance-id", tokenHeader, token); status != http.StatusUnauthorized {
		t.Errorf("an old token gives %d", status)
	}
	if n := s.Asked("meta-data/instance-id"); n != 3 {
		t.Errorf("counted %d", n)
	}
}

func TestTooFarAway(t *testing.T) {
	_, url := start(t, Options{Hops: 2})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := ask(ctx, t, http.MethodPut, url+"api/token", ttlHeader, "60"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	_, near := start(t, Options{Hops: 2, HopLimit: 2})
	if status, _, err := ask(t.Context(), t, http.MethodPut, near+"api/token", ttlHeader, "60"); status != http.StatusOK {
		t.Errorf("within the limit: %d, %v", status, err)
	}
}

func TestBreakAndDelay(t *testing.T) {
	s, url := start(t, Options{})
	s.Break(http.StatusServiceUnavailable)
	s.Delay(20 * time.Millisecond)
	began := time.Now()
	if status, _, _ := ask(t.Context(), t, http.MethodPut, url+"api/token", ttlHeader, "60"); status != http.StatusServiceUnavailable {
		t.Errorf("got %d", status)
	}
	if time.Since(began) < 20*time.Millisecond {
		t.Error("it did not wait")
	}
	if status, _, _ := ask(t.Context(), t, http.MethodPut, url+"api/token", ttlHeader, "60"); status != http.StatusOK {
		t.Errorf("got %d", status)
	}
}
