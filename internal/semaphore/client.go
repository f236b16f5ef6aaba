// Package semaphore asks a Semaphore organization how busy the agents of one type are. It refuses to know what
// is done with the answer, to follow redirects, and to show the registration token it asks with.
package semaphore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	metricsPath = "/api/v1/self_hosted_agents/metrics"
	totalTime   = 4 * time.Second
	bodyLimit   = 1 << 20
)

// Client asks one organization. It is safe for concurrent use.
type Client struct {
	endpoint  string
	userAgent string
	http      *http.Client
}

// Options are what a Client can be told beyond its endpoint.
type Options struct {
	Version   string            // of semagent, for the User-Agent header; "dev" when empty
	Transport http.RoundTripper // nil: the system's roots and proxy settings, HTTP/1.1
}

// New makes a client of the organization at endpoint, a host name with an optional port (acme.semaphoreci.com).
// It is always asked over https.
func New(endpoint string, o Options) (*Client, error) {
	u, err := url.Parse("https://" + endpoint)
	if err != nil || u.Host != endpoint || u.Hostname() == "" {
		return nil, fmt.Errorf("use endpoint %q: not a host name like acme.semaphoreci.com", endpoint)
	}
	if o.Version == "" {
		o.Version = "dev"
	}
	if o.Transport == nil {
		o.Transport = newTransport()
	}
	return &Client{
		endpoint:  endpoint,
		userAgent: "semagent/" + o.Version,
		http:      &http.Client{Transport: o.Transport, CheckRedirect: refuseRedirect},
	}, nil
}

// Occupancy asks for the jobs and agents of the agent type that token belongs to. It takes at most 4 seconds,
// including one more try after a transport error, a 5xx or a 429 where there is time for it.
//
// Errors: ErrUnauthorized, *RateLimitedError, *StatusError, ErrMalformed, or a transport error; none holds the token.
func (c *Client) Occupancy(ctx context.Context, token string) (Occupancy, error) {
	ctx, cancel := context.WithTimeout(ctx, totalTime)
	defer cancel()
	body, err := c.ask(ctx, token)
	if err != nil && waitToRetry(ctx, err) {
		body, err = c.ask(ctx, token)
	}
	var o Occupancy
	if err == nil {
		o, err = decode(body)
	}
	if err != nil {
		return Occupancy{}, fmt.Errorf("ask %s for its metrics: %w", c.endpoint, err)
	}
	return o, nil
}

func (c *Client) ask(ctx context.Context, token string) ([]byte, error) {
	req, err := c.request(ctx, token)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, &transportError{withoutURL(err)}
	}
	defer resp.Body.Close()
	if err := statusError(resp); err != nil {
		return nil, err
	}
	return read(ctx, resp)
}

func (c *Client) request(ctx context.Context, token string) (*http.Request, error) {
	token = strings.TrimSpace(token)
	if token == "" || strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, fmt.Errorf("%w: it is empty or not one line of printable text", ErrUnauthorized)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+c.endpoint+metricsPath, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Token "+token)
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	return req, nil
}

func read(ctx context.Context, resp *http.Response) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(resp.Body, bodyLimit+1))
	if err == nil {
		// A server that sees us give up may end a chunked body in time for it to look complete.
		err = ctx.Err()
	}
	if err != nil {
		return nil, &transportError{err}
	}
	if len(body) > bodyLimit {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrMalformed, bodyLimit)
	}
	return body, nil
}

// newTransport speaks HTTP/1.1 only: a request that times out then takes its connection with it, where a dead
// HTTP/2 connection would be handed to every later request as well.
func newTransport() http.RoundTripper {
	t := &http.Transport{Proxy: http.ProxyFromEnvironment, Protocols: new(http.Protocols)}
	t.Protocols.SetHTTP1(true)
	t.IdleConnTimeout = 30 * time.Second
	return t
}

// refuseRedirect keeps the token at the host it was meant for; the redirect itself becomes a StatusError.
func refuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// withoutURL drops the method and address that net/http puts in front: the caller names the endpoint already.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}
