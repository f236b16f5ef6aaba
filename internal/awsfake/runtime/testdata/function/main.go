// Command function is a Lambda function without a library, for the tests of the runtime. What it does stands in the event's "do".
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"
	if os.Getenv("FAIL_INIT") != "" {
		post(base+"init/error", `{"errorType":"Init","errorMessage":"cannot start"}`)
		select {}
	}
	for count := 1; ; count++ {
		res, err := http.Get(base + "invocation/next")
		if err != nil {
			os.Exit(1)
		}
		body, _ := io.ReadAll(res.Body)
		var event struct{ Do string }
		_ = json.Unmarshal(body, &event)
		handle(base+"invocation/"+res.Header.Get("Lambda-Runtime-Aws-Request-Id")+"/", event.Do, count, res.Header, body)
	}
}

func handle(base, do string, count int, h http.Header, event []byte) {
	fmt.Fprintf(os.Stderr, "handling %q\n", do)
	switch do {
	case "fail":
		post(base+"error", `{"errorType":"Boom","errorMessage":"as told"}`)
	case "crash":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	default:
		answer, _ := json.Marshal(map[string]any{
			"count": count, "arn": h.Get("Lambda-Runtime-Invoked-Function-Arn"), "deadline": h.Get("Lambda-Runtime-Deadline-Ms"), "trace": h.Get("Lambda-Runtime-Trace-Id"),
			"env": strings.Join(os.Environ(), "\n"), "event": string(event),
		})
		post(base+"response", string(answer))
	}
}

func post(url, body string) {
	res, err := http.Post(url, "application/json", bytes.NewBufferString(body))
	if err != nil || res.StatusCode != http.StatusAccepted {
		fmt.Println("post failed", err, res)
	}
}
