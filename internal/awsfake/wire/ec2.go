package wire

import (
	"net/http"
	"reflect"
)

// WriteEC2 answers an action of EC2's protocol: like WriteQuery, but without a result wrapper, with elements that begin
// in lower case and lists of <item>.
func WriteEC2(w http.ResponseWriter, action, namespace string, result any) {
	id := RequestID()
	e := &encoder{item: "item", lower: true}
	e.open(action+"Response", "xmlns", namespace)
	e.element("requestId", id)
	if result != nil {
		e.content(reflect.ValueOf(result), "item")
	}
	e.close(action + "Response")
	writeXML(w, http.StatusOK, id, e, "text/xml")
}

// WriteEC2Error answers with err in EC2's error envelope.
func WriteEC2Error(w http.ResponseWriter, err error) {
	id, failure := RequestID(), AsError(err)
	e := &encoder{}
	e.open("Response")
	e.open("Errors")
	e.open("Error")
	e.element("Code", failure.Code)
	e.element("Message", failure.Message)
	e.close("Error")
	e.close("Errors")
	e.element("RequestID", id)
	e.close("Response")
	writeXML(w, failure.Status, id, e, "text/xml")
}
