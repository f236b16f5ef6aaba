package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"time"
)

// tape passes requests on to the local AWS and keeps them, so that they can be sent again.
type tape struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
	client   http.Client
}

type request struct {
	method, path string
	header       http.Header
	body         []byte
}

func newTape(next http.Handler) *tape {
	t := &tape{}
	t.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		t.mu.Lock()
		t.requests = append(t.requests, request{r.Method, r.URL.RequestURI(), r.Header.Clone(), body})
		t.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	}))
	return t
}

func (t *tape) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.requests = nil
}

func (t *tape) length() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.requests)
}

// replay sends the kept requests again, one after the other over one connection. The change set that the first run made is
// gone; its ARN gives way to the new one's.
func (t *tape) replay(ctx context.Context) (time.Duration, error) {
	t.mu.Lock()
	requests := t.requests
	t.mu.Unlock()
	arn := regexp.MustCompile(`arn%3Aaws%3Acloudformation[\w%.-]*changeSet[\w%.-]*`)
	made := regexp.MustCompile(`<Id>(arn:[^<]+)</Id>`)
	var latest []byte
	began := time.Now()
	for _, r := range requests {
		body := r.body
		if latest != nil {
			body = arn.ReplaceAll(body, latest)
		}
		answer, err := t.send(ctx, r, body)
		if err != nil {
			return 0, err
		}
		if m := made.FindSubmatch(answer); m != nil {
			latest = bytes.ReplaceAll(bytes.ReplaceAll(m[1], []byte(":"), []byte("%3A")), []byte("/"), []byte("%2F"))
		}
	}
	took := time.Since(began)
	t.mu.Lock()
	t.requests = requests
	t.mu.Unlock()
	return took, nil
}

func (t *tape) send(ctx context.Context, r request, body []byte) ([]byte, error) {
	out, err := http.NewRequestWithContext(ctx, r.method, t.URL+r.path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	out.Header = r.header
	answer, err := t.client.Do(out)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode >= http.StatusBadRequest && answer.StatusCode != http.StatusNotFound {
		err = fmt.Errorf("%s %s: %s\n%s", r.method, r.path, answer.Status, text)
	}
	return text, err
}
