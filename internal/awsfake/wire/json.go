package wire

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Epoch is a time as the JSON protocols write it: seconds since 1970 with milliseconds; the zero time is null.
type Epoch time.Time

// MarshalJSON writes t as a number.
func (t Epoch) MarshalJSON() ([]byte, error) {
	if time.Time(t).IsZero() {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(time.Time(t).UnixMilli())/1000, 'f', 3, 64), nil
}

// WriteJSON answers a call of AWS's JSON protocol of the given version, "1.0" or "1.1"; an empty version means REST-JSON.
// A nil result is an empty object.
func WriteJSON(w http.ResponseWriter, version string, result any) {
	if result == nil {
		result = struct{}{}
	}
	writeJSON(w, http.StatusOK, version, result)
}

// WriteJSONError answers with err as the JSON protocol of the given version does; for REST-JSON (an empty version) the code travels in
// a header.
func WriteJSONError(w http.ResponseWriter, version string, err error) {
	failure := AsError(err)
	if version == "" {
		w.Header().Set("X-Amzn-Errortype", failure.Code)
		writeJSON(w, failure.Status, version, map[string]string{
			"Type": map[string]string{"Sender": "User", "Receiver": "Service"}[failure.fault()], "Message": failure.Message,
		})
		return
	}
	writeJSON(w, failure.Status, version, map[string]string{"__type": failure.Code, "message": failure.Message})
}

func writeJSON(w http.ResponseWriter, status int, version string, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"__type":"InternalFailure","message":`+strconv.Quote(err.Error())+`}`)
	}
	kind := "application/json"
	if version != "" {
		kind = "application/x-amz-json-" + version
	}
	w.Header().Set(contentType, kind)
	w.Header().Set(requestHeader, RequestID())
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone needs no answer
}
