package scaler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"
)

const (
	metaURL       = "https://api.github.com/meta"
	metaTime      = 10 * time.Second
	metaBodyLimit = 8 << 20 // the answer lists every address range of GitHub's, some hundred kilobytes
)

// Maintenance is the hourly care for what no CloudFormation property covers.
type Maintenance struct {
	AutoScaling AutoScaling
	Parameters  Parameters
	HTTP        *http.Client // nil: http.DefaultClient

	Group               string // name of the Auto Scaling group
	KnownHostsParameter string // name of the SSM parameter whose first value is KnownHosts
	MetaURL             string // empty: https://api.github.com/meta; tests set another

	Log *slog.Logger
}

// Run suspends AZRebalance where it is not suspended, and refreshes github.com's host keys. Each is tried whatever
// becomes of the other; the error joins what failed.
func (m *Maintenance) Run(ctx context.Context) error {
	return errors.Join(
		guard(func() error { return m.keepSuspended(ctx) }),
		guard(func() error { return m.refreshKnownHosts(ctx) }),
	)
}

func (m *Maintenance) keepSuspended(ctx context.Context) error {
	g, err := describe(ctx, m.AutoScaling, m.Group)
	if err != nil || !g.rebalancesOverZones {
		return err
	}
	if err := suspendAZRebalance(ctx, m.AutoScaling, m.Group); err != nil {
		return err
	}
	m.Log.InfoContext(ctx, "suspended "+azRebalance, "group", m.Group)
	return nil
}

// refreshKnownHosts writes the parameter only when its keys differ from what GitHub publishes. A parameter that is
// gone is written anew, because no instance boots without it.
func (m *Maintenance) refreshKnownHosts(ctx context.Context) error {
	published, err := m.publishedKeys(ctx)
	if err != nil {
		return fmt.Errorf("fetch github.com's host keys: %w", err)
	}
	current, err := readParameter(ctx, m.Parameters, m.KnownHostsParameter)
	if err != nil && !isNoParameter(err) {
		return err
	}
	fresh, changed, err := mergeKnownHosts(current, published)
	if err != nil || !changed {
		return err
	}
	if err := writeParameter(ctx, m.Parameters, m.KnownHostsParameter, fresh); err != nil {
		return err
	}
	m.Log.InfoContext(ctx, "host keys changed", "parameter", m.KnownHostsParameter, "keys", len(published))
	return nil
}

// publishedKeys are the keys that GitHub's meta API lists, at least one and all of them well-formed.
func (m *Maintenance) publishedKeys(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, metaTime)
	defer cancel()
	body, err := m.meta(ctx)
	if err != nil {
		return nil, err
	}
	var meta struct {
		SSHKeys []string `json:"ssh_keys"`
	}
	if err := json.Unmarshal(body, &meta); err != nil {
		return nil, err
	}
	return checkKeys(meta.SSHKeys)
}

func (m *Maintenance) meta(ctx context.Context) ([]byte, error) {
	url, client := m.MetaURL, m.HTTP
	if url == "" {
		url = metaURL
	}
	if client == nil {
		client = http.DefaultClient
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "semagent") // GitHub's API answers 403 without one
	req.Header.Set("Accept", "application/vnd.github+json")
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("unexpected status %s", resp.Status)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, metaBodyLimit+1))
	if err == nil && len(body) > metaBodyLimit {
		err = fmt.Errorf("answer is larger than %d bytes", metaBodyLimit)
	}
	return body, err
}
