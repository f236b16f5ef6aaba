package wire

import (
	"net/http"
	"reflect"
)

const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

// WriteS3 answers a call of S3's REST-XML with one document whose root element is root.
func WriteS3(w http.ResponseWriter, root string, result any) {
	e := &encoder{item: "member"}
	e.buf.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	e.open(root, "xmlns", s3Namespace)
	e.content(reflect.ValueOf(result), "member")
	e.close(root)
	writeXML(w, http.StatusOK, RequestID(), e, "application/xml")
}

// WriteS3Error answers with err as S3 does. A HEAD request gets the status alone: S3 sends no body there, and clients
// know only the status.
func WriteS3Error(w http.ResponseWriter, r *http.Request, err error, details ...string) {
	id, failure := RequestID(), AsError(err)
	w.Header().Set("X-Amz-Request-Id", id)
	if r.Method == http.MethodHead {
		w.WriteHeader(failure.Status)
		return
	}
	e := &encoder{}
	e.buf.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	e.open("Error")
	e.element("Code", failure.Code)
	e.element("Message", failure.Message)
	for i := 0; i+1 < len(details); i += 2 {
		e.element(details[i], details[i+1])
	}
	e.element("RequestId", id)
	e.close("Error")
	writeXML(w, failure.Status, id, e, "application/xml")
}
