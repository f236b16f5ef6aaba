package awsfake

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// call is one request, once it is known what it asks for.
type call struct {
	service, operation string
	form               url.Values // Query and EC2 protocols
	body               []byte     // JSON protocols
	request            *http.Request
	writer             http.ResponseWriter // for operations that write their own answer
	path               map[string]string   // names in the path of REST calls
}

// operation answers a call with a result that its service's protocol can write, or an error. It runs under the lock.
type operation func(*call) (any, error)

// decode reads a JSON call's input into v.
func (c *call) decode(v any) error {
	if len(c.body) == 0 {
		return nil
	}
	if err := json.Unmarshal(c.body, v); err != nil {
		return wire.Errorf("SerializationException", "%v", err)
	}
	return nil
}

// typed makes an operation of a function that takes its JSON input decoded.
func typed[In any](f func(In) (any, error)) operation {
	return func(c *call) (any, error) {
		var in In
		if err := c.decode(&in); err != nil {
			return nil, err
		}
		return f(in)
	}
}
