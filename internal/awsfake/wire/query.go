package wire

import (
	"net/http"
	"reflect"
)

const (
	contentType   = "Content-Type"
	requestHeader = "X-Amzn-Requestid"
)

// WriteQuery answers an action of the Query protocol. The result is a struct, or nil where the action returns
// nothing; its fields become elements by name, see the tag `wire:"name,omitempty,flat,item=Name"`: slices are wrapped
// (<Field><member>…</member></Field>), nil pointers and slices are left out, times are ISO 8601 with milliseconds.
func WriteQuery(w http.ResponseWriter, action, namespace string, result any) {
	id := RequestID()
	e := &encoder{item: "member"}
	e.open(action+"Response", "xmlns", namespace)
	e.open(action + "Result")
	if result != nil {
		e.content(reflect.ValueOf(result), "member")
	}
	e.close(action + "Result")
	e.open("ResponseMetadata")
	e.element("RequestId", id)
	e.close("ResponseMetadata")
	e.close(action + "Response")
	writeXML(w, http.StatusOK, id, e, "text/xml")
}

// WriteQueryError answers with err in the Query protocol's error envelope.
func WriteQueryError(w http.ResponseWriter, err error) {
	id, failure := RequestID(), AsError(err)
	e := &encoder{}
	e.open("ErrorResponse")
	e.open("Error")
	e.element("Type", failure.fault())
	e.element("Code", failure.Code)
	e.element("Message", failure.Message)
	e.close("Error")
	e.element("RequestId", id)
	e.close("ErrorResponse")
	writeXML(w, failure.Status, id, e, "text/xml")
}

func writeXML(w http.ResponseWriter, status int, id string, e *encoder, kind string) {
	w.Header().Set(contentType, kind)
	w.Header().Set(requestHeader, id)
	w.WriteHeader(status)
	_, _ = w.Write(e.buf.Bytes()) // a client that has gone needs no answer
}
