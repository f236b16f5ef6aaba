package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	// MetadataURL is the metadata service as every instance reaches it.
	MetadataURL = "http://169.254.169.254"

	metadataTime  = time.Second // of one request
	metadataLimit = 1 << 20
	roles         = "meta-data/iam/security-credentials/"
)

// metadata asks the instance metadata service, version 2. It is safe for concurrent use.
type metadata struct {
	base   string
	client *http.Client

	mu    sync.Mutex
	token string
}

// newMetadata never goes through a proxy: the service answers on the instance itself and refuses forwarded requests.
func newMetadata(base string) *metadata {
	return &metadata{base: base + "/latest/", client: &http.Client{Timeout: metadataTime, Transport: &http.Transport{}}}
}

// get is the value at a path. A token that is not taken any more is replaced once.
func (d *metadata) get(ctx context.Context, path string) (string, error) {
	value, status, err := d.try(ctx, path)
	if err == nil && status == http.StatusUnauthorized {
		d.forget()
		value, status, err = d.try(ctx, path)
	}
	switch {
	case err != nil:
		return "", fmt.Errorf("ask the metadata service for %s: %w", path, err)
	case status != http.StatusOK:
		return "", fmt.Errorf("ask the metadata service for %s: status %d", path, status)
	case value == "":
		return "", fmt.Errorf("ask the metadata service for %s: the answer is empty", path)
	}
	return value, nil
}

func (d *metadata) try(ctx context.Context, path string) (string, int, error) {
	token, err := d.session(ctx)
	if err != nil {
		return "", 0, err
	}
	return d.do(ctx, http.MethodGet, path, "X-aws-ec2-metadata-token", token)
}

// session is the token that every question needs. The lock is held while it is fetched, so that it is fetched once.
func (d *metadata) session(ctx context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.token != "" {
		return d.token, nil
	}
	token, status, err := d.do(ctx, http.MethodPut, "api/token", "X-aws-ec2-metadata-token-ttl-seconds", "21600")
	switch {
	case err != nil:
		return "", fmt.Errorf("get a session token: %w", err)
	case status != http.StatusOK:
		return "", fmt.Errorf("get a session token: status %d", status)
	}
	d.token = strings.TrimSpace(token)
	return d.token, nil
}

func (d *metadata) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.token = ""
}

func (d *metadata) do(ctx context.Context, method, path, header, value string) (string, int, error) {
	req, err := http.NewRequestWithContext(ctx, method, d.base+path, nil)
	if err != nil {
		return "", 0, err
	}
	req.Header.Set(header, value)
	resp, err := d.client.Do(req)
	if err != nil {
		return "", 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, metadataLimit))
	return string(body), resp.StatusCode, err
}

// identity is who the instance is.
type identity struct {
	InstanceID string `json:"instanceId"`
	Region     string `json:"region"`
}

func (d *metadata) identity(ctx context.Context) (identity, error) {
	text, err := d.get(ctx, "dynamic/instance-identity/document")
	if err != nil {
		return identity{}, err
	}
	var id identity
	if err := json.Unmarshal([]byte(text), &id); err != nil {
		return identity{}, fmt.Errorf("read the instance's identity document: %w", err)
	}
	if id.InstanceID == "" || id.Region == "" {
		return identity{}, errors.New("read the instance's identity document: it names no instance or no region")
	}
	return id, nil
}

// Retrieve gives the credentials of the instance's role, which makes metadata an aws.CredentialsProvider: the only
// one that a job cannot change.
func (d *metadata) Retrieve(ctx context.Context) (aws.Credentials, error) {
	role, err := d.get(ctx, roles)
	if err != nil {
		return aws.Credentials{}, err
	}
	text, err := d.get(ctx, roles+role)
	if err != nil {
		return aws.Credentials{}, err
	}
	var answer struct {
		Code, AccessKeyID, SecretAccessKey, Token string
		Expiration                                time.Time
	}
	// The keys are matched whatever their case: AWS writes AccessKeyId.
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		return aws.Credentials{}, fmt.Errorf("read credentials of role %q: %w", role, err)
	}
	if answer.Code != "Success" || answer.AccessKeyID == "" {
		return aws.Credentials{}, fmt.Errorf("read credentials of role %q: the metadata service answers %q", role, answer.Code)
	}
	return aws.Credentials{
		AccessKeyID: answer.AccessKeyID, SecretAccessKey: answer.SecretAccessKey, SessionToken: answer.Token,
		Source: "instance metadata", CanExpire: true, Expires: answer.Expiration,
	}, nil
}
