package awsfake

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

const maxBody = 256 << 20

// ServeHTTP answers one request: /_local/ is the control surface, everything else an AWS call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_local/") {
		s.control.ServeHTTP(w, r)
		return
	}
	svc, c, err := s.identify(r)
	if err != nil {
		out := newReply()
		s.log(c, out, wire.AsError(err).Code, "")
		svc.fail(c, out, err)
		out.send(w, r.Method == http.MethodHead)
		return
	}
	s.serve(w, svc, c)
}

// identify finds whom a request is for and what it asks. With an error it still says in which envelope that belongs.
func (s *Server) identify(r *http.Request) (*service, *call, error) {
	c := &call{request: r}
	scope, ok := credentialScope(r)
	if !ok {
		return s.guess(r), c, &wire.Error{Code: "MissingAuthenticationToken", Message: "Request is missing Authentication Token", Status: http.StatusForbidden}
	}
	c.service = scope.service
	svc := s.services[scope.service]
	if svc == nil {
		return s.guess(r), c, wire.Errorf("InvalidAction", "the local AWS has no service %q (%s %s)", scope.service, r.Method, r.URL.Path)
	}
	if global := scope.service == "iam" || scope.service == "sts"; !global && scope.region != s.core.region {
		return svc, c, wire.Errorf("InvalidClientTokenId", "the local AWS is region %s, but the request is signed for %s", s.core.region, scope.region)
	}
	if err := readCall(c, svc); err != nil {
		return svc, c, err
	}
	return svc, c, nil
}

func readCall(c *call, svc *service) error {
	body, err := io.ReadAll(io.LimitReader(c.request.Body, maxBody))
	if err != nil {
		return wire.Errorf("RequestTimeout", "reading the request: %v", err)
	}
	c.body = body
	if svc.protocol.kind == query || svc.protocol.kind == ec2Query {
		if c.form, err = url.ParseQuery(string(body)); err != nil {
			return wire.Errorf("MalformedQueryString", "%v", err)
		}
		maps.Copy(c.form, c.request.URL.Query())
	}
	if c.operation = svc.identify(c); c.operation == "" {
		return wire.Errorf("MissingAction", "the request names no %s operation (%s %s)", c.service, c.request.Method, c.request.URL)
	}
	if svc.operations != nil && svc.operations[c.operation] == nil {
		return wire.Errorf("InvalidAction", "the local AWS does not know %s:%s", c.service, c.operation)
	}
	return nil
}

// guess is a service whose error envelope the client of an unidentified request is likely to understand.
func (s *Server) guess(r *http.Request) *service {
	if r.Header.Get("X-Amz-Target") != "" {
		return s.services["ssm"]
	}
	return s.services["sts"]
}

type scope struct{ region, service string }

// credentialScope reads SigV4's scope, <key>/<date>/<region>/<service>/aws4_request, from the header or a presigned URL. The
// signature itself is not checked: there is no secret to check it with.
func credentialScope(r *http.Request) (scope, bool) {
	credential := r.URL.Query().Get("X-Amz-Credential")
	if _, rest, ok := strings.Cut(r.Header.Get("Authorization"), "Credential="); ok {
		credential, _, _ = strings.Cut(rest, ",")
	}
	parts := strings.Split(credential, "/")
	if len(parts) < 5 {
		return scope{}, false
	}
	n := len(parts)
	return scope{region: parts[n-3], service: parts[n-2]}, true
}

// serve carries out a call, with the fault that is scripted for it, if any.
func (s *Server) serve(w http.ResponseWriter, svc *service, c *call) {
	out, code := newReply(), ""
	rule, faulty := s.core.faults.ForCall(c.service, c.operation)
	if faulty && rule.Kind == fault.Delay {
		time.Sleep(rule.Delay)
	}
	if acts := !faulty || rule.Kind == fault.Delay || rule.Kind == fault.LostReply; acts {
		code = s.perform(out, svc, c)
	} else {
		code = s.refuse(out, svc, c, rule)
	}
	lost := faulty && (rule.Kind == fault.LostReply || rule.Kind == fault.Reset)
	if lost {
		out.status = 0
	}
	s.log(c, out, code, rule.Kind)
	if lost {
		abort(w)
		return
	}
	out.send(w, c.request.Method == http.MethodHead)
}

// perform runs a call's operation and returns the error code it answered with.
func (s *Server) perform(out *reply, svc *service, c *call) string {
	if svc == s.cloudFormation {
		s.engine.ServeAction(out, c.request, c.operation, c.form)
		return out.code()
	}
	c.writer = out
	s.core.mu.Lock()
	result, err := svc.operations[c.operation](c)
	s.core.mu.Unlock()
	if err != nil {
		svc.fail(c, out, err)
		return wire.AsError(err).Code
	}
	svc.answer(c, out, result)
	return ""
}

func (s *Server) log(c *call, out *reply, code string, kind fault.Kind) {
	s.journal.add(Call{
		Service: c.service, Operation: c.operation, Time: s.core.now(), Status: out.status, Code: code, Fault: kind, Parameters: parameters(c),
	})
	if s.opts.Log != nil {
		s.opts.Log(fmt.Sprintf("%s:%s %d %s %s", c.service, c.operation, out.status, code, kind))
	}
}
