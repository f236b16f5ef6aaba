package main

import (
	"net/http"
	"os"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/clock"
)

func main() {
	e := cfn.New(cfn.Options{Partition: "aws", Account: "123456789012", Region: "us-east-1", Clock: clock.New(200)})
	panic(http.ListenAndServe(os.Args[1], http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		e.ServeAction(w, r, r.Form.Get("Action"), r.Form)
	})))
}
