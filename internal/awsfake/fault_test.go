package awsfake_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

func put(t *testing.T, cfg aws.Config, name string) error {
	t.Helper()
	_, err := ssm.NewFromConfig(cfg).PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("v"), Type: "String"})
	return err
}

func TestFaults(t *testing.T) {
	tests := map[string]struct {
		rule fault.Call
		code string // of the API error; empty where the reply is none
		text string
		acts bool
	}{
		"throttle":   {fault.Call{Kind: fault.Throttle}, "ThrottlingException", "Rate exceeded", false},
		"error":      {fault.Call{Kind: fault.Error, Code: "InternalServerError", Message: "oops", Status: 500}, "InternalServerError", "oops", false},
		"denied":     {fault.Call{Kind: fault.Denied}, "AccessDeniedException", "User: arn:aws:iam::123456789012:user/local is not authorized to perform: ssm:PutParameter on resource: arn:aws:ssm:us-east-1:123456789012:parameter/p because no identity-based policy allows the ssm:PutParameter action", false},
		"expired":    {fault.Call{Kind: fault.Expired}, "ExpiredTokenException", "expired", false},
		"html":       {fault.Call{Kind: fault.HTML}, "", "500", false},
		"reset":      {fault.Call{Kind: fault.Reset}, "", "", false},
		"lost reply": {fault.Call{Kind: fault.LostReply}, "", "", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, cfg := start(t, awsfake.Options{})
			tc.rule.Service, tc.rule.Operation, tc.rule.Count = "ssm", "PutParameter", 1
			s.Faults().Add(fault.Set{Calls: []fault.Call{tc.rule}})
			err := put(t, cfg, "p")
			switch {
			case tc.code != "":
				wantCode(t, err, tc.code, tc.text)
			case err == nil || !strings.Contains(err.Error(), tc.text):
				t.Errorf("got error %v, want one with %q", err, tc.text)
			}
			if _, acted := s.State().Parameters["p"]; acted != tc.acts {
				t.Errorf("acted: %t, want %t", acted, tc.acts)
			}
			if calls := s.Calls(); len(calls) != 1 || calls[0].Fault != tc.rule.Kind {
				t.Errorf("got the record %+v", calls)
			}
			ok(t, put(t, cfg, "q"))
		})
	}
}

func TestThrottlingIsRetriedByTheSDK(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	cfg.Retryer = nil // the SDK's own
	s.Faults().Add(fault.Set{Calls: []fault.Call{{Service: "ssm", Kind: fault.Throttle, Count: 2}}})
	ok(t, put(t, cfg, "p"))
	if n := len(s.Calls()); n != 3 {
		t.Errorf("got %d calls, want 3", n)
	}
}

func TestSkipAndPermanence(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	s.Faults().Add(fault.Set{Calls: []fault.Call{{Service: "ssm", Operation: "*", Kind: fault.Denied, Skip: 1}}})
	ok(t, put(t, cfg, "first"))
	for range 3 {
		wantCode(t, put(t, cfg, "later"), "AccessDeniedException", "ssm:PutParameter")
	}
	s.Faults().Clear()
	ok(t, put(t, cfg, "later"))
}

func TestDelay(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	s.Faults().Add(fault.Set{Calls: []fault.Call{{Kind: fault.Delay, Delay: 50 * time.Millisecond}}})
	began := time.Now()
	ok(t, put(t, cfg, "p"))
	if took := time.Since(began); took < 50*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

func TestS3FaultsSpeakREST(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	s.Faults().Add(fault.Set{Calls: []fault.Call{{Service: "s3", Operation: "GetObject", Kind: fault.Throttle, Count: 1}, {Service: "s3", Kind: fault.Denied}}})
	get := func() error {
		_, err := s3.NewFromConfig(cfg).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("b"), Key: aws.String("k")})
		return err
	}
	err := get()
	wantCode(t, err, "SlowDown", "reduce your request rate")
	var response *awshttp.ResponseError
	if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusServiceUnavailable {
		t.Errorf("got %v, want status 503", err)
	}
	wantCode(t, get(), "AccessDenied", "s3:GetObject on resource: arn:aws:s3:::b/k")
}
