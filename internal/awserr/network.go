package awserr

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"syscall"
)

// IsTransient reports whether the same call may well succeed a moment later: a 5xx answer, a connection that was
// refused, reset or timed out, an update that lost a race. Throttling is IsThrottled; a cancelled context and a
// name that does not resolve are not transient. A caller's own deadline looks like a timeout: ask its context first.
func IsTransient(err error) bool {
	if err == nil || errors.Is(err, context.Canceled) || IsNoCredentials(err) {
		return false
	}
	if status, ok := errors.AsType[interface {
		error
		HTTPStatusCode() int
	}](err); ok && slices.Contains([]int{500, 502, 503, 504}, status.HTTPStatusCode()) {
		return !IsThrottled(err)
	}
	return slices.Contains([]string{
		"InternalFailure", "InternalError", "InternalServerError", "InternalServiceError", "ServiceUnavailable",
		"ServiceUnavailableException", "Unavailable", "RequestTimeout", "RequestTimeoutException",
		"KMSInternalException", "DependencyTimeoutException", "TooManyUpdates",
	}, Code(err)) || isConnectionTrouble(err)
}

// IsNoRegion reports whether the SDK was given no region, or a text that cannot be one.
func IsNoRegion(err error) bool {
	return err != nil && containsAny(
		err.Error(),
		"Invalid Configuration: Missing Region",
		"A region must be set when sending requests to S3",
		"an AWS region is required, but was not found",
		"region was not a valid DNS name",
		"invalid input region",
	)
}

// IsUnknownHost reports whether the service's host name did not resolve: a region that does not exist, or no network.
func IsUnknownHost(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && dns.IsNotFound
}

func isConnectionTrouble(err error) bool {
	if IsUnknownHost(err) {
		return false
	}
	timeout, isNet := errors.AsType[net.Error](err)
	return isNet && timeout.Timeout() ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.EPIPE) ||
		strings.Contains(err.Error(), "connection reset") || strings.Contains(err.Error(), "server closed idle connection") ||
		// The HTTP client reports a peer that closed before it answered as a bare EOF in a url.Error.
		errors.Is(err, io.EOF)
}
