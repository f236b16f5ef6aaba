package awserr_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
)

// api is an error as the SDK hands it out: the operation, the HTTP answer, the API's code and message.
func api(status int, code, message string) error {
	return &smithy.OperationError{ServiceID: "SSM", OperationName: "PutParameter", Err: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
		Err:      &smithy.GenericAPIError{Code: code, Message: message},
	}}
}

func wrap(err error) error { return fmt.Errorf("look up the thing: %w", err) }

// gettingCredentials is how the SDK wraps what goes wrong before a request is signed.
func gettingCredentials(err error) error {
	return &smithy.OperationError{ServiceID: "EC2", OperationName: "DescribeVpcs", Err: fmt.Errorf(
		"get identity: get credentials: failed to refresh cached credentials, %w", err)}
}

func classes(err error) []string {
	var names []string
	for name, is := range map[string]func(error) bool{
		"not found": awserr.IsNotFound, "throttled": awserr.IsThrottled, "denied": awserr.IsAccessDenied,
		"expired": awserr.IsExpired, "rejected": awserr.IsRejected, "no credentials": awserr.IsNoCredentials,
		"transient": awserr.IsTransient, "no region": awserr.IsNoRegion, "unknown host": awserr.IsUnknownHost,
	} {
		if is(err) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestClasses(t *testing.T) {
	dial := func(err error) error {
		return &url.Error{Op: "Post", URL: "https://ssm.eu-west-1.amazonaws.com/", Err: &net.OpError{Op: "dial", Err: err}}
	}
	imds := errors.New(`no EC2 IMDS role found, operation error ec2imds: GetMetadata, access disabled to EC2 IMDS`)
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"nil":                          {nil, nil},
		"something else":               {errors.New("boom"), nil},
		"parameter":                    {api(400, "ParameterNotFound", ""), []string{"not found"}},
		"vpc":                          {api(400, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"), []string{"not found"}},
		"kms key":                      {api(400, "NotFoundException", "Alias arn:… is not found."), []string{"not found"}},
		"bucket by HEAD":               {api(404, "NotFound", ""), []string{"not found"}},
		"bucket":                       {api(404, "NoSuchBucket", ""), []string{"not found"}},
		"stack":                        {api(400, "ValidationError", "Stack with id x does not exist"), []string{"not found"}},
		"group":                        {api(400, "ValidationError", "AutoScalingGroup name not found - no such group: x"), []string{"not found"}},
		"validation":                   {api(400, "ValidationError", "Template format error"), nil},
		"throttled":                    {api(400, "ThrottlingException", "Rate exceeded"), []string{"throttled"}},
		"EC2's throttling":             {api(503, "RequestLimitExceeded", "Request limit exceeded."), []string{"throttled"}},
		"S3's throttling":              {api(503, "SlowDown", "Please reduce your request rate."), []string{"throttled"}},
		"quota is not throttling":      {api(400, "LimitExceededException", "quota of 1000 keys reached"), nil},
		"quota code that is throttled": {api(400, "LimitExceededException", "Rate exceeded"), []string{"throttled"}},
		"access denied":                {api(400, "AccessDeniedException", "no"), []string{"denied"}},
		"EC2's access denied":          {api(403, "UnauthorizedOperation", "no"), []string{"denied"}},
		"HEAD's access denied":         {api(403, "Forbidden", ""), []string{"denied"}},
		"expired":                      {api(403, "ExpiredToken", ""), []string{"expired"}},
		"EC2's expired":                {api(400, "RequestExpired", "Request has expired."), []string{"expired"}},
		"expired, JSON":                {api(400, "ExpiredTokenException", ""), []string{"expired"}},
		"single sign-on ended":         {gettingCredentials(api(401, "UnauthorizedException", "Session token not found or invalid")), []string{"expired"}},
		"unauthorized elsewhere":       {api(401, "UnauthorizedException", ""), nil},
		"single sign-on token":         {gettingCredentials(errors.New("cached SSO token is expired, or not present, and cannot be refreshed")), []string{"expired"}},
		"login ended":                  {gettingCredentials(errors.New("login session has expired, please reauthenticate")), []string{"expired"}},
		"unknown access key":           {api(403, "InvalidClientTokenId", ""), []string{"rejected"}},
		"unknown access key, JSON":     {api(400, "UnrecognizedClientException", ""), []string{"rejected"}},
		"EC2's refusal":                {api(401, "AuthFailure", ""), []string{"rejected"}},
		"wrong secret":                 {api(403, "SignatureDoesNotMatch", ""), []string{"rejected"}},
		"no instance role":             {gettingCredentials(imds), []string{"no credentials"}},
		"no instance role, timed out":  {gettingCredentials(fmt.Errorf("no EC2 IMDS role found, %w", context.DeadlineExceeded)), []string{"no credentials"}},
		"credential process":           {gettingCredentials(errors.New("error in credential_process: exit status 1")), []string{"no credentials"}},
		"unknown profile":              {errors.New("failed to get shared config profile, prod"), []string{"no credentials"}},
		"unsigned":                     {api(403, "MissingAuthenticationToken", ""), []string{"no credentials"}},
		"role may not be assumed":      {gettingCredentials(api(403, "AccessDenied", "")), []string{"denied"}},
		"role, connection reset":       {gettingCredentials(dial(syscall.ECONNRESET)), []string{"transient"}},
		"role, cancelled":              {gettingCredentials(context.Canceled), nil},
		"5xx":                          {api(500, "InternalFailure", ""), []string{"transient"}},
		"5xx without a code":           {api(502, "", ""), []string{"transient"}},
		"not implemented":              {api(501, "NotImplemented", ""), nil},
		"lost race":                    {api(400, "TooManyUpdates", ""), []string{"transient"}},
		"reset":                        {dial(syscall.ECONNRESET), []string{"transient"}},
		"refused":                      {dial(syscall.ECONNREFUSED), []string{"transient"}},
		"closed before the answer":     {&url.Error{Op: "Post", Err: io.EOF}, []string{"transient"}},
		"timeout":                      {dial(context.DeadlineExceeded), []string{"transient"}},
		"cancelled":                    {dial(context.Canceled), nil},
		"unknown host":                 {dial(&net.DNSError{Name: "ssm.eu-west-9.amazonaws.com", IsNotFound: true}), []string{"unknown host"}},
		"resolver timed out":           {dial(&net.DNSError{IsTimeout: true}), []string{"transient"}},
		"malformed region":             {errors.New("invalid input region eu west 1"), []string{"no region"}},
	} {
		t.Run(name, func(t *testing.T) {
			err := test.err
			if err != nil {
				err = wrap(err)
			}
			if diff := cmp.Diff(test.want, classes(err)); diff != "" {
				t.Errorf("classes of %v (-want +got):\n%s", test.err, diff)
			}
		})
	}
}

func TestCodeAndMessage(t *testing.T) {
	for name, test := range map[string]struct {
		err           error
		code, message string
	}{
		"nil":             {nil, "", ""},
		"plain":           {errors.New("boom"), "", "boom"},
		"answer":          {wrap(api(400, "TooBad", "so sad")), "TooBad", "so sad"},
		"without message": {api(400, "TooBad", ""), "TooBad", api(400, "TooBad", "").Error()},
	} {
		t.Run(name, func(t *testing.T) {
			if got := awserr.Code(test.err); got != test.code {
				t.Errorf("Code = %q, want %q", got, test.code)
			}
			if got := awserr.Message(test.err); got != test.message {
				t.Errorf("Message = %q, want %q", got, test.message)
			}
		})
	}
}

func TestDenied(t *testing.T) {
	const user = "User: arn:aws:sts::123456789012:assumed-role/ci/session is not authorized to perform: "
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234"
	for name, test := range map[string]struct{ message, action, resource string }{
		"identity policy": {
			user + "ssm:PutParameter on resource: arn:aws:ssm:eu-west-1:123456789012:parameter/x because no identity-based policy allows the ssm:PutParameter action",
			"ssm:PutParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/x",
		},
		"explicit deny":    {user + "kms:Decrypt on resource: " + key + " with an explicit deny in a resource-based policy", "kms:Decrypt", key},
		"end of sentence":  {user + "kms:Decrypt on resource: " + key + ".", "kms:Decrypt", key},
		"no resource":      {user + "ec2:DescribeVpcs because no identity-based policy allows the ec2:DescribeVpcs action", "ec2:DescribeVpcs", ""},
		"EC2's preamble":   {"You are not authorized to perform this operation. " + user + "ec2:DescribeImages because …", "ec2:DescribeImages", ""},
		"S3 quotes it":     {user + `s3:PutObject on resource: "arn:aws:s3:::bucket/a key" because …`, "s3:PutObject", "arn:aws:s3:::bucket/a key"},
		"resource is *":    {user + "ssm:DescribeParameters on resource: *", "ssm:DescribeParameters", "*"},
		"S3's old message": {"Access Denied", "", ""},
		"encoded message":  {"You are not authorized to perform this operation. Encoded authorization failure message: abc", "", ""},
		"action only":      {user + "kms:CreateKey", "kms:CreateKey", ""},
	} {
		t.Run(name, func(t *testing.T) {
			action, resource := awserr.Denied(wrap(api(400, "AccessDeniedException", test.message)))
			if action != test.action || resource != test.resource {
				t.Errorf("Denied = %q, %q; want %q, %q", action, resource, test.action, test.resource)
			}
		})
	}
}
