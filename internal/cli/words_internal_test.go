package cli

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	answer := func(status int, err error) error {
		return &smithy.OperationError{ServiceID: "CloudFormation", OperationName: "DescribeStacks", Err: &awshttp.ResponseError{
			RequestID: "1234", ResponseError: &smithyhttp.ResponseError{
				Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err,
			},
		}}
	}
	denied := answer(403, &smithy.GenericAPIError{Code: "AccessDenied", Message: "User x is not authorized."})
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"no SDK in it":   {errors.New("no AWS region is set"), "no AWS region is set"},
		"API's message":  {fmt.Errorf("describe stack %q: %w", "ci", denied), `describe stack "ci": User x is not authorized (AccessDenied)`},
		"status only":    {fmt.Errorf("describe stack %q: %w", "ci", answer(503, errors.New("deserialize"))), `describe stack "ci": DescribeStacks of CloudFormation answered with status 503`},
		"unknown error":  {answer(500, &smithy.GenericAPIError{Code: "UnknownError", Message: "UnknownError"}), "DescribeStacks of CloudFormation answered with status 500"},
		"nothing at all": {&smithy.OperationError{ServiceID: "S3", OperationName: "PutObject", Err: errors.New("connection refused")}, "connection refused"},
		"text after it":  {fmt.Errorf("%w; then, cleaning up: nothing", denied), denied.Error() + "; then, cleaning up: nothing"},
		"two of them":    {errors.Join(denied, denied), denied.Error() + "\n" + denied.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := (&app{}).plain(test.err)
			if got.Error() != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if !errors.Is(got, test.err) {
				t.Error("the error's chain is broken")
			}
		})
	}
	verbose := &app{globals: globals{verbose: true}}
	if got, want := verbose.plain(denied).Error(), "User x is not authorized (AccessDenied)\n"+denied.Error(); got != want {
		t.Errorf("verbose: got  %s\nwant %s", got, want)
	}
}
