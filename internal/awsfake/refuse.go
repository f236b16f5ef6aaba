package awsfake

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// refuse answers a call with the fault that is scripted for it instead of acting, and returns the error code.
func (s *Server) refuse(out *reply, svc *service, c *call, rule fault.Call) string {
	var err *wire.Error
	switch rule.Kind {
	case fault.Throttle:
		err = throttled(svc)
	case fault.Denied:
		err = s.denied(svc, c)
	case fault.Expired:
		err = expired(svc)
	case fault.HTML:
		out.Header().Set("Content-Type", "text/html")
		out.WriteHeader(orStatus(rule.Status, http.StatusInternalServerError))
		_, _ = out.Write([]byte("<html><head><title>Error</title></head><body><h1>Internal Server Error</h1></body></html>"))
		return ""
	case fault.Reset, fault.LostReply, fault.Delay:
		return ""
	case fault.Error:
		err = &wire.Error{Code: rule.Code, Message: rule.Message, Status: orStatus(rule.Status, http.StatusBadRequest)}
	}
	if rule.Message != "" {
		err.Message = rule.Message
	}
	svc.fail(c, out, err)
	return err.Code
}

func orStatus(status, usual int) int {
	if status == 0 {
		return usual
	}
	return status
}

// throttled is the error with which each service slows its callers down.
func throttled(svc *service) *wire.Error {
	switch svc.protocol.kind {
	case ec2Query:
		return &wire.Error{Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Status: http.StatusServiceUnavailable}
	case restXML:
		return &wire.Error{Code: "SlowDown", Message: "Please reduce your request rate.", Status: http.StatusServiceUnavailable}
	case restJSON:
		return &wire.Error{Code: "TooManyRequestsException", Message: "Rate exceeded", Status: http.StatusTooManyRequests}
	case jsonRPC:
		return wire.Errorf("ThrottlingException", "Rate exceeded")
	default:
		return wire.Errorf("Throttling", "Rate exceeded")
	}
}

func expired(svc *service) *wire.Error {
	const message = "The security token included in the request is expired"
	switch svc.protocol.kind {
	case ec2Query:
		return wire.Errorf("RequestExpired", "Request has expired.")
	case restXML:
		return wire.Errorf("ExpiredToken", "The provided token has expired.")
	case jsonRPC, restJSON:
		return wire.Errorf("ExpiredTokenException", message)
	default:
		return &wire.Error{Code: "ExpiredToken", Message: message, Status: http.StatusForbidden}
	}
}

// denied is AWS's answer to a principal without the permission.
func (s *Server) denied(svc *service, c *call) *wire.Error {
	action := iamAction(c)
	message := fmt.Sprintf("User: %s is not authorized to perform: %s", s.core.user(), action)
	if resource := s.resourceOf(c); resource != "" {
		message += " on resource: " + resource
	}
	message += fmt.Sprintf(" because no identity-based policy allows the %s action", action)
	switch svc.protocol.kind {
	case ec2Query:
		return &wire.Error{Code: "UnauthorizedOperation", Message: "You are not authorized to perform this operation. " + message, Status: http.StatusForbidden}
	case jsonRPC:
		return wire.Errorf("AccessDeniedException", "%s", message)
	case restJSON:
		return &wire.Error{Code: "AccessDeniedException", Message: message, Status: http.StatusForbidden}
	default:
		return &wire.Error{Code: "AccessDenied", Message: message, Status: http.StatusForbidden}
	}
}

// iamAction is the call's name in policies, which differs from the API's for some of S3's.
func iamAction(c *call) string {
	actions := map[string]string{
		"s3:HeadObject": "s3:GetObject", "s3:HeadBucket": "s3:ListBucket", "s3:ListObjectsV2": "s3:ListBucket",
		"s3:ListObjectVersions": "s3:ListBucketVersions", "s3:DeleteObjects": "s3:DeleteObject", "lambda:Invoke": "lambda:InvokeFunction",
	}
	name := c.service + ":" + c.operation
	if action, ok := actions[name]; ok {
		return action
	}
	return name
}

// resourceOf is the ARN that a call is about, as an access-denied message names it; empty where AWS names none.
func (s *Server) resourceOf(c *call) string {
	in := parameters(c)
	switch c.service {
	case "ssm":
		return s.core.arn("ssm", "parameter/"+strings.TrimPrefix(in["Name"], "/"))
	case "cloudformation":
		return s.core.arn("cloudformation", "stack/"+in["StackName"]+"/*")
	case "s3":
		return strings.TrimSuffix("arn:"+s.core.partition+":s3:::"+in["Bucket"]+"/"+in["Key"], "/")
	case "kms":
		return s.core.arn("kms", "key/"+strings.TrimPrefix(in["KeyId"], "key/"))
	case "autoscaling":
		return s.core.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"+in["AutoScalingGroupName"])
	case "logs":
		return s.core.arn("logs", "log-group:"+in["logGroupName"]+":*")
	default:
		return ""
	}
}
