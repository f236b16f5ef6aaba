package awsfake_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/awsfake"
)

// impatient retries nothing but what the SDK does to itself: it closes a request's body once the answer's head is there, and a transport
// that is just then looking for that body's end drops the connection, with the rest of a long answer.
func impatient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.Retryables = []retry.IsErrorRetryable{retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			return aws.BoolTernary(strings.Contains(err.Error(), "use of closed network connection"))
		})}
	})
}

// start serves a local AWS for the test and returns it with a client configuration that does not retry.
func start(t *testing.T, opts awsfake.Options) (*awsfake.Server, aws.Config) {
	t.Helper()
	if opts.Speed == 0 {
		opts.Speed = 500
	}
	s := awsfake.New(opts)
	t.Cleanup(s.Close)
	url, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	return s, aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", ""), BaseEndpoint: aws.String(url), Retryer: impatient,
	}
}

// wantCode fails the test unless err is an API error with the code, and with the text in its message.
func wantCode(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) {
		t.Fatalf("got error %v, want the API error %s", err, code)
	}
	if api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("got %s: %s, want %s with %q", api.ErrorCode(), api.ErrorMessage(), code, text)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits up to ten seconds of the wall for a condition.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("%s did not happen", what)
}

// object is a piece of a template.
type object = map[string]any

// deploy creates or updates a stack and waits for its end. It returns the stack's status, the physical IDs of its resources and the
// first reason of a failure.
func deploy(t *testing.T, cfg aws.Config, name string, resources object, update bool) (status string, ids map[string]string, reason string) {
	t.Helper()
	client, ctx := cloudformation.NewFromConfig(cfg), t.Context()
	body, err := json.Marshal(object{"Resources": resources})
	ok(t, err)
	capabilities := []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}
	if update {
		_, err = client.UpdateStack(ctx, &cloudformation.UpdateStackInput{StackName: &name, TemplateBody: aws.String(string(body)), Capabilities: capabilities})
	} else {
		_, err = client.CreateStack(ctx, &cloudformation.CreateStackInput{StackName: &name, TemplateBody: aws.String(string(body)), Capabilities: capabilities})
	}
	ok(t, err)
	return settle(ctx, t, client, name)
}

func settle(ctx context.Context, t *testing.T, client *cloudformation.Client, name string) (status string, ids map[string]string, reason string) {
	t.Helper()
	eventually(t, "the end of the stack's operation", func() bool {
		out, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
		ok(t, err)
		status = string(out.Stacks[0].StackStatus)
		return !strings.HasSuffix(status, "_IN_PROGRESS")
	})
	events, err := client.DescribeStackEvents(ctx, &cloudformation.DescribeStackEventsInput{StackName: &name})
	ok(t, err)
	ids = map[string]string{}
	for _, e := range events.StackEvents { // newest first: the last one kept is the oldest
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") && !strings.Contains(aws.ToString(e.ResourceStatusReason), "cancelled") {
			reason = aws.ToString(e.ResourceStatusReason)
		}
	}
	resources, err := client.DescribeStackResources(ctx, &cloudformation.DescribeStackResourcesInput{StackName: &name})
	ok(t, err)
	for _, r := range resources.StackResources {
		ids[*r.LogicalResourceId] = aws.ToString(r.PhysicalResourceId)
	}
	return status, ids, reason
}

func TestCallerIdentity(t *testing.T) {
	_, cfg := start(t, awsfake.Options{Account: "210987654321"})
	out, err := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	ok(t, err)
	if got := aws.ToString(out.Account) + " " + aws.ToString(out.Arn); got != "210987654321 arn:aws:iam::210987654321:user/local" {
		t.Errorf("got %s", got)
	}
}

func TestRequestsThatAreNoCalls(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	signed := "AWS4-HMAC-SHA256 Credential=key/20261123/us-east-1/%s/aws4_request, SignedHeaders=host, Signature=x"
	tests := map[string]struct {
		service, target, body string
		want                  string
		status                int
	}{
		"unsigned":              {"", "", "Action=GetCallerIdentity", "MissingAuthenticationToken", 403},
		"unknown service":       {"sqs", "", "Action=ListQueues", "the local AWS has no service", 400},
		"unknown action":        {"sts", "", "Action=AssumeRole", "does not know sts:AssumeRole", 400},
		"no action":             {"iam", "", "", "names no iam operation", 400},
		"unknown target":        {"ssm", "AmazonSSM.StartSession", "{}", "does not know ssm:StartSession", 400},
		"malformed JSON":        {"ssm", "AmazonSSM.GetParameter", "{", "SerializationException", 400},
		"unknown to the engine": {"cloudformation", "", "Action=ActivateType", "ActivateType", 400},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *cfg.BaseEndpoint, strings.NewReader(tc.body))
			ok(t, err)
			if tc.service != "" {
				req.Header.Set("Authorization", strings.Replace(signed, "%s", tc.service, 1))
			}
			if tc.target != "" {
				req.Header.Set("X-Amz-Target", tc.target)
			}
			res, err := http.DefaultClient.Do(req)
			ok(t, err)
			body, err := io.ReadAll(res.Body)
			ok(t, errors.Join(err, res.Body.Close()))
			if res.StatusCode != tc.status || !strings.Contains(string(body), tc.want) {
				t.Errorf("got %d %s, want %d with %q", res.StatusCode, body, tc.status, tc.want)
			}
		})
	}
}

func TestAnotherRegionIsRefused(t *testing.T) {
	_, cfg := start(t, awsfake.Options{Region: "eu-west-1"})
	_, err := ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("x")})
	wantCode(t, err, "InvalidClientTokenId", "eu-west-1")
}

func TestCallsAreRecordedWithoutSecrets(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String("token"), Value: aws.String("hush"), Type: "SecureString"})
	ok(t, err)
	_, err = ssm.NewFromConfig(cfg).GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("absent")})
	wantCode(t, err, "ParameterNotFound", "")
	calls := s.Calls()
	if len(calls) != 2 || calls[0].Name() != "ssm:PutParameter" || calls[0].Parameters["Name"] != "token" || calls[1].Code != "ParameterNotFound" {
		t.Fatalf("got %+v", calls)
	}
	if text, _ := json.Marshal(calls); strings.Contains(string(text), "hush") {
		t.Errorf("the value of a parameter is in the record: %s", text)
	}
}
