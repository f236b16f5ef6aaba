package awsfake

import (
	"net/http"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// service is one AWS service: its name in signatures, how it talks, and what it can do.
type service struct {
	name       string
	protocol   protocol
	operations map[string]operation
	route      func(*http.Request) (operation string, path map[string]string) // REST services only
}

// protocol is how a service's calls and answers look.
type protocol struct {
	kind      protocolKind
	namespace string // of the XML protocols
	version   string // of the JSON protocol; empty for REST-JSON
}

type protocolKind int

const (
	query protocolKind = iota
	ec2Query
	jsonRPC
	restJSON
	restXML
)

// name is what the call asks for; empty when it does not say.
func (s *service) identify(c *call) string {
	switch s.protocol.kind {
	case query, ec2Query:
		return c.form.Get("Action")
	case jsonRPC:
		_, op, _ := strings.Cut(c.request.Header.Get("X-Amz-Target"), ".")
		return op
	case restJSON, restXML:
		op, path := s.route(c.request)
		c.path = path
		return op
	}
	return ""
}

func (s *service) answer(c *call, w http.ResponseWriter, result any) {
	if _, ok := result.(written); ok {
		return
	}
	switch s.protocol.kind {
	case query:
		wire.WriteQuery(w, c.operation, s.protocol.namespace, result)
	case ec2Query:
		wire.WriteEC2(w, c.operation, s.protocol.namespace, result)
	case jsonRPC, restJSON:
		wire.WriteJSON(w, s.protocol.version, result)
	case restXML: // S3's operations write for themselves
	}
}

func (s *service) fail(c *call, w http.ResponseWriter, err error) {
	switch s.protocol.kind {
	case query:
		wire.WriteQueryError(w, err)
	case ec2Query:
		wire.WriteEC2Error(w, err)
	case jsonRPC, restJSON:
		wire.WriteJSONError(w, s.protocol.version, err)
	case restXML:
		wire.WriteS3Error(w, c.request, err)
	}
}
