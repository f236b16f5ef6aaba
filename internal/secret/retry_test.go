package secret_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/semagent/semagent/internal/secret"
)

// TestCreateKeyIsNeverRepeatedByTheSDK lets the real client meet a KMS that makes a key and fails to say so.
func TestCreateKeyIsNeverRepeatedByTheSDK(t *testing.T) {
	for name, test := range map[string]struct {
		answers []string // to CreateKey, in order: a code, or the empty text for a lost reply
		want    int      // how often CreateKey is called
	}{
		"throttled is repeated":      {[]string{"ThrottlingException", "AccessDeniedException"}, 2},
		"internal error is not":      {[]string{"KMSInternalException"}, 1},
		"lost reply is not":          {[]string{""}, 1},
		"a full quota is not either": {[]string{"LimitExceededException"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			made := 0
			answer := func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				switch operation := strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "TrentService."); operation {
				case "DescribeKey":
					refuse(w, "NotFoundException")
				case "ListAliases", "ListKeys":
					_, _ = io.WriteString(w, `{"Aliases":[],"Keys":[],"Truncated":false}`)
				case "CreateKey":
					made++
					refuse(w, test.answers[min(made, len(test.answers))-1])
				default:
					t.Errorf("unplanned call of %s", operation)
				}
			}
			server := httptest.NewServer(http.HandlerFunc(answer))
			defer server.Close()
			client := kms.New(kms.Options{
				Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
				Retryer: retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.Backoff = 4, retry.NewExponentialJitterBackoff(1) }),
			})
			if _, err := secret.CreateKey(t.Context(), client, secret.KeyInput{Alias: "agents"}); err == nil {
				t.Error("CreateKey reports success")
			}
			if made != test.want {
				t.Errorf("CreateKey called %d times, want %d", made, test.want)
			}
		})
	}
}

// refuse answers with an error of the JSON protocol, or breaks the connection where code is empty.
func refuse(w http.ResponseWriter, code string) {
	if code == "" {
		panic(http.ErrAbortHandler)
	}
	status := http.StatusBadRequest
	if strings.HasSuffix(code, "InternalException") {
		status = http.StatusInternalServerError
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]*string{"__type": &code, "message": aws.String("no")})
}
