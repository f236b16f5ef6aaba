package awsfake

import (
	"context"
	"fmt"
	"maps"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// resource makes a cfn.Handler of functions that run under the lock and do not wait.
type resource struct {
	*core
	service string // as CloudFormation's messages spell it, such as Ssm
	create  func(cfn.Request, props) (cfn.Result, error)
	update  func(cfn.Request, props) (cfn.Result, error)
	remove  func(cfn.Request) error
}

// Create, Update and Delete make resource a cfn.Handler.
func (h resource) Create(_ context.Context, r cfn.Request) (cfn.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	result, err := h.create(r, r.Properties)
	return result, handlerError(h.service, err)
}

func (h resource) Update(_ context.Context, r cfn.Request) (cfn.Result, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	result, err := h.update(r, r.Properties)
	return result, handlerError(h.service, err)
}

func (h resource) Delete(_ context.Context, r cfn.Request) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return handlerError(h.service, h.remove(r))
}

// handlerError is err as CloudFormation's resource handlers report what a service refused.
func handlerError(service string, err error) error {
	if err == nil {
		return nil
	}
	failure := wire.AsError(err)
	if failure.Code == "AlreadyExists" {
		return fmt.Errorf(`Resource handler returned message: "%s" (RequestToken: %s, HandlerErrorCode: AlreadyExists)`, //nolint:staticcheck // AWS's text
			failure.Message, wire.RequestID())
	}
	return fmt.Errorf( //nolint:staticcheck // AWS's text
		`Resource handler returned message: "%s (Service: %s, Status Code: %d, Request ID: %s)" (RequestToken: %s, HandlerErrorCode: %s)`,
		failure.Message, service, failure.Status, wire.RequestID(), wire.RequestID(), handlerCode(failure.Code))
}

func handlerCode(code string) string {
	switch code {
	case "ValidationError", "ValidationException", "InvalidParameterValueException", "InvalidParameterValue", "InvalidKeyId", "MalformedPolicyDocument":
		return "InvalidRequest"
	case "ResourceNotFoundException", "NoSuchEntity", "NotFoundException", "NoSuchBucket", "ParameterNotFound":
		return "NotFound"
	default:
		return "GeneralServiceException"
	}
}

// taken is the error of a resource whose name somebody else has.
func taken(resourceType, identifier string) error {
	return wire.Errorf("AlreadyExists", "Resource of type '%s' with identifier '%s' already exists.", resourceType, identifier)
}

// allTags are a resource's own tags over those that CloudFormation gives it.
func allTags(r cfn.Request, own map[string]string) map[string]string {
	out := maps.Clone(r.Tags)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, own)
	return out
}
