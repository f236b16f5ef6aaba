package wire

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
)

// Error is an error as an AWS API answers it.
type Error struct {
	Code    string // as clients match it, such as ValidationError
	Message string
	Status  int // HTTP status; 0 means 400
}

// Errorf returns a client error (status 400) with the given code.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...), Status: http.StatusBadRequest}
}

// Error returns the code and the message as SDKs print them.
func (e *Error) Error() string {
	return e.Code + ": " + e.Message
}

// AsError is err as an AWS error; one that is none becomes an InternalFailure with status 500.
func AsError(err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		return &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	if e.Status == 0 {
		e = &Error{Code: e.Code, Message: e.Message, Status: http.StatusBadRequest}
	}
	return e
}

func (e *Error) fault() string {
	if e.Status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// RequestID is a fresh identifier in the form of a UUID, as AWS gives each request one.
func RequestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // crypto/rand.Read never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
