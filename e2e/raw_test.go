//go:build e2e

package e2e

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// rawClient makes signed calls to the services that semagent has no SDK client for.
type rawClient struct{ cfg aws.Config }

// lambda calls GET on a path of Lambda's API.
func (c rawClient) lambda(t *testing.T, path string, out any) {
	t.Helper()
	body := c.do(t, "lambda", http.MethodGet, "/2015-03-31"+path, nil, nil)
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("lambda %s: %v", path, err)
	}
}

// events calls an action of EventBridge.
func (c rawClient) events(t *testing.T, action string, in, out any) {
	t.Helper()
	request := must(json.Marshal(in))(t)
	body := c.do(t, "events", http.MethodPost, "/", http.Header{
		"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"AWSEvents." + action},
	}, request)
	if err := json.Unmarshal(body, out); err != nil {
		t.Fatalf("events %s: %v", action, err)
	}
}

// iam calls an action of IAM; out is made of what stands inside <ActionResponse>.
func (c rawClient) iam(t *testing.T, action string, in url.Values, out any) {
	t.Helper()
	form := url.Values{"Action": {action}, "Version": {"2010-05-08"}}
	maps.Copy(form, in)
	body := c.do(t, "iam", http.MethodPost, "/", http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, []byte(form.Encode()))
	if err := xml.Unmarshal(body, out); err != nil {
		t.Fatalf("iam %s: %v", action, err)
	}
}

func (c rawClient) do(t *testing.T, service, method, path string, header http.Header, body []byte) []byte {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), method, aws.ToString(c.cfg.BaseEndpoint)+path, bytes.NewReader(body)))(t)
	maps.Copy(request.Header, header)
	who := must(c.cfg.Credentials.Retrieve(t.Context()))(t)
	sum := sha256.Sum256(body)
	// moto finds the service in the signature's scope.
	if err := v4.NewSigner().SignHTTP(t.Context(), who, request, hex.EncodeToString(sum[:]), service, c.cfg.Region, time.Now()); err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer := must(io.ReadAll(response.Body))(t)
	if response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s\n%s", service, path, response.Status, answer)
	}
	return answer
}
