package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// agentConfig is the agent's config.yaml. The agent refuses to start on a key that it does not know.
type agentConfig struct {
	Name               string   `json:"name"`
	Endpoint           string   `json:"endpoint"`
	Token              string   `json:"token"`
	NoHTTPS            bool     `json:"no-https"`
	ShutdownHook       string   `json:"shutdown-hook-path"`
	DisconnectAfterJob bool     `json:"disconnect-after-job"`
	IdleTimeout        int      `json:"disconnect-after-idle-timeout"`
	Variables          []string `json:"env-vars"`
	Files              []string `json:"files"`
	FailOnMissingFiles bool     `json:"fail-on-missing-files"`
}

// yaml is the file's content: JSON, which every YAML reader reads, and which needs no quoting rules.
func (c agentConfig) yaml() []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(c) // strings, numbers and booleans always encode
	return b.Bytes()
}

func newAgentConfig(s settings, name, token string) agentConfig {
	return agentConfig{
		Name: name, Endpoint: s.Endpoint, Token: token, ShutdownHook: shutdown,
		DisconnectAfterJob: bool(s.DisconnectAfterJob), IdleTimeout: int(s.IdleTimeout),
		Variables: append([]string{}, s.Variables...), Files: []string{},
	}
}

// agentName is unique to this start: Semaphore holds a name for a while after its agent has gone.
func agentName(instanceID string) string { return instanceID + "__" + rand.Text()[:13] }

// presignedName is a URL with which Semaphore can ask AWS who this instance is: a signed sts:GetCallerIdentity, good for
// a quarter of an hour. With one as its name, an agent proves where it runs.
func (i *instance) presignedName(ctx context.Context) (string, error) {
	const emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" // its SHA-256
	domain, err := i.metadata.get(ctx, "meta-data/services/domain")
	if err != nil {
		return "", err
	}
	credentials, err := i.credentials.Retrieve(ctx)
	if err != nil {
		return "", err
	}
	query := url.Values{"Action": {"GetCallerIdentity"}, "Version": {"2011-06-15"}, "X-Amz-Expires": {"900"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://sts."+i.Region+"."+domain+"/?"+query.Encode(), nil)
	if err != nil {
		return "", err
	}
	signed, _, err := v4.NewSigner().PresignHTTP(ctx, credentials, req, emptyPayload, "sts", i.Region, time.Now())
	if err != nil {
		return "", fmt.Errorf("sign the agent's name: %w", err)
	}
	return signed, nil
}
