package awsfake

import (
	"bytes"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const latency = 500 * time.Microsecond

// reply holds an answer back until it is known whether the client will get it.
type reply struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newReply() *reply { return &reply{header: http.Header{}} }

// Header, Write and WriteHeader make reply an http.ResponseWriter.
func (r *reply) Header() http.Header { return r.header }

func (r *reply) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.body.Write(b)
}

func (r *reply) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

// send gives the answer away, though not at once. No network is as quick as loopback, and Go's SDK closes a request's body as soon as
// the answer begins: a transport that is still looking for the body's end then drops the connection in the middle of a long answer.
func (r *reply) send(w http.ResponseWriter, head bool) {
	time.Sleep(latency)
	maps.Copy(w.Header(), r.header)
	if !head && r.status != http.StatusNoContent && r.status != http.StatusNotModified {
		w.Header().Set("Content-Length", strconv.Itoa(r.body.Len()))
	}
	w.WriteHeader(max(r.status, http.StatusOK))
	if !head {
		_, _ = w.Write(r.body.Bytes()) // a client that has gone needs no answer
	}
}

// code is the error code in an answer that the CloudFormation engine wrote.
func (r *reply) code() string {
	if r.status < http.StatusBadRequest {
		return ""
	}
	_, rest, _ := strings.Cut(r.body.String(), "<Code>")
	code, _, _ := strings.Cut(rest, "</Code>")
	return code
}

// abort ends the connection without an answer, as a reset.
func abort(w http.ResponseWriter) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // so that the client sees a reset and not an orderly end
	}
	_ = conn.Close()
}
