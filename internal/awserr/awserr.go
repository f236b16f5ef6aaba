// Package awserr owns the classes of errors that AWS and its SDK give: not found, throttled, denied, expired,
// transient. It refuses to know which package made the call, and to word what the user should do about it.
package awserr

import (
	"errors"
	"slices"
	"strings"

	"github.com/aws/smithy-go"
)

// Code is the API's error code in err's chain, or empty when err is not an answer of an AWS API.
func Code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}

// Message is the API's own message in err's chain, without the SDK's wrapping; err's text when there is none.
func Message(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorMessage() != "" {
		return api.ErrorMessage()
	}
	if err == nil {
		return ""
	}
	return err.Error()
}

// IsNotFound reports whether AWS said that the thing asked for does not exist. CloudFormation and Auto Scaling
// say it with an untyped ValidationError, so that code counts only with their words.
func IsNotFound(err error) bool {
	code := Code(err)
	if code == "ValidationError" {
		return containsAny(Message(err), "does not exist", "name not found")
	}
	return hasSuffixAny(code, "NotFound", "NotFoundException", "NotFoundError") || strings.HasPrefix(code, "NoSuch") ||
		code == "404"
}

// IsThrottled reports whether AWS asked to slow down. LimitExceededException is not among the codes: KMS, SSM and
// CloudWatch Logs give it for a quota, which no waiting cures; with the words "Rate exceeded" it does count.
func IsThrottled(err error) bool {
	return slices.Contains([]string{
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"RequestLimitExceeded", "TooManyRequestsException", "TooManyRequests", "SlowDown", "EC2ThrottledException",
		"PriorRequestNotComplete", "BandwidthLimitExceeded",
	}, Code(err)) || strings.Contains(Message(err), "Rate exceeded")
}

func containsAny(s string, parts ...string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

func hasSuffixAny(s string, suffixes ...string) bool {
	return slices.ContainsFunc(suffixes, func(suffix string) bool { return strings.HasSuffix(s, suffix) })
}
