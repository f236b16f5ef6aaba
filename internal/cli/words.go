package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/awserr"
)

// worded says an error in words for people. What the SDK made of it stays in the chain, and is shown under --verbose.
type worded struct {
	text string
	err  error
}

func (w *worded) Error() string { return w.text }
func (w *worded) Unwrap() error { return w.err }

// unreached words the failure of the first call to AWS, which fails for want of credentials, region or network.
func (a *app) unreached(ctx context.Context, region string, err error) error {
	text := ""
	switch {
	case awserr.IsNoCredentials(err):
		text = "no AWS credentials were found" + a.ofProfile()
	case awserr.IsExpired(err):
		text = "the AWS credentials have expired" + a.ofProfile()
	case awserr.IsRejected(err):
		text = "AWS refuses the credentials" + a.ofProfile() + ": " + awserr.Message(err)
	case awserr.IsNoRegion(err):
		text = fmt.Sprintf("AWS region %q is not the name of a region", region)
	case awserr.IsUnknownHost(err):
		text = fmt.Sprintf("AWS cannot be reached in region %q: its host name is not known", region)
	case awserr.IsAccessDenied(err):
		text = awserr.Message(err)
	case awserr.IsTransient(err):
		text = fmt.Sprintf("AWS cannot be reached in region %q: %v", region, root(err))
	default:
		return err
	}
	if a.globals.verbose {
		text += "\n" + err.Error()
	}
	code, hint, _ := a.explainCredentials(ctx, err)
	return &failure{code: max(code, exitFailed), hint: hint, err: &worded{text: text, err: err}}
}

// plain leaves out what the SDK says around an API's answer: the call's name, its status and its request ID, which
// --verbose keeps. The rest of the text stays, and so does the chain.
func (a *app) plain(err error) error {
	var operation *smithy.OperationError
	text := err.Error()
	before, _, found := strings.Cut(text, sdkWords)
	if !found || !errors.As(err, &operation) || strings.Count(text, sdkWords) > 1 || !strings.HasSuffix(text, operation.Error()) {
		return err
	}
	said := before + answerOf(operation)
	if a.globals.verbose {
		said += "\n" + operation.Error()
	}
	return &worded{text: said, err: err}
}

// sdkWords begin every error of the SDK's (smithy.OperationError).
const sdkWords = "operation error "

// answerOf is what the API answered: its message and code; where it had none, the call's name and its status; where nothing
// was answered, what went wrong on the way.
func answerOf(operation *smithy.OperationError) string {
	var api smithy.APIError
	var status interface{ HTTPStatusCode() int }
	switch {
	case errors.As(operation, &api) && api.ErrorMessage() != "" && api.ErrorMessage() != api.ErrorCode():
		return fmt.Sprintf("%s (%s)", strings.TrimRight(api.ErrorMessage(), "."), api.ErrorCode())
	case errors.As(operation, &status) && status.HTTPStatusCode() > 0:
		return fmt.Sprintf("%s of %s answered with status %d", operation.Operation(), operation.Service(), status.HTTPStatusCode())
	}
	return root(operation).Error()
}

// root is the innermost error of a chain: the one that says what happened, without who passed it on.
func root(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err
}

func (a *app) ofProfile() string {
	profile := cmp.Or(a.globals.profile, a.getenv("AWS_PROFILE"))
	if profile == "" {
		return ""
	}
	return fmt.Sprintf(" (profile %q)", profile)
}
