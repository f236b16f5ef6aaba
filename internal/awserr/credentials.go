package awserr

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// IsExpired reports whether the credentials were good once and are no longer: a session token past its time, or a
// single sign-on session that has to be opened again.
func IsExpired(err error) bool {
	if err == nil {
		return false
	}
	switch code := Code(err); {
	case slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}, code):
		return true
	case whileGettingCredentials(err) && slices.Contains([]string{"UnauthorizedException", "InvalidGrantException"}, code):
		return true
	}
	return containsAny(
		err.Error(),
		"the SSO session has expired or is invalid",
		"cached SSO token is expired",
		"refresh cached SSO token failed",
		"failed to read cached SSO token file",
		"please reauthenticate",
	)
}

// IsRejected reports whether AWS does not accept the credentials at all: an access key that does not exist or is
// inactive, a wrong secret, a clock that is off, an account not signed up for the service or the region.
func IsRejected(err error) bool {
	return slices.Contains([]string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "InvalidToken",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
		"RequestTimeTooSkewed", "OptInRequired", "NotSignedUp",
	}, Code(err))
}

// IsNoCredentials reports whether the SDK's credential chain ended without credentials, so that no request was
// signed: none configured, an unknown profile, a credential process that failed. A connection that broke while
// a role was being assumed is IsTransient instead.
func IsNoCredentials(err error) bool {
	switch {
	case err == nil, errors.Is(err, context.Canceled), IsExpired(err):
		return false
	case slices.Contains([]string{"MissingAuthenticationToken", "MissingAuthenticationTokenException"}, Code(err)):
		return true
	case Code(err) != "":
		return false
	case containsAny(
		err.Error(),
		"no EC2 IMDS role found",
		"static credentials are empty",
		"failed to get shared config profile",
		"failed to load assume role",
		"requires role_arn",
	):
		return true
	}
	return whileGettingCredentials(err) && !isConnectionTrouble(err)
}

// IsAccessDenied reports whether the credentials are good but not allowed to do this.
func IsAccessDenied(err error) bool {
	return slices.Contains([]string{
		"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "AuthorizationErrorException",
		"NotAuthorized", "Forbidden", "403", "AllAccessDisabled",
	}, Code(err))
}

// Denied is what AWS's own message says was refused: "User: arn:… is not authorized to perform: ssm:PutParameter on
// resource: arn:…". Either part is empty where the message does not name it; S3 and older EC2 messages name none.
func Denied(err error) (action, resource string) {
	_, rest, found := strings.Cut(Message(err), "is not authorized to perform: ")
	if !found {
		return "", ""
	}
	action, rest = cutWord(rest)
	if after, ok := strings.CutPrefix(rest, "on resource: "); ok {
		resource, _ = cutWord(after)
	}
	return action, resource
}

// cutWord takes the word that s begins with, without the quotes that S3 puts around a resource and without the
// full stop that ends a sentence.
func cutWord(s string) (word, rest string) {
	if quoted, ok := strings.CutPrefix(s, `"`); ok {
		word, rest, _ = strings.Cut(quoted, `"`)
	} else {
		word, rest, _ = strings.Cut(s, " ")
		word = strings.TrimRight(word, ".,;")
	}
	return word, strings.TrimLeft(rest, " ")
}

// whileGettingCredentials reports whether the SDK wrapped err while it looked for credentials to sign with.
func whileGettingCredentials(err error) bool {
	return containsAny(err.Error(), "get credentials: ", "failed to refresh cached credentials")
}
