package awsfake

import (
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

// Options say what a local AWS is like when it starts. The zero value is an account 123456789012 in us-east-1 whose clock is the wall's.
type Options struct {
	Account string  // twelve digits
	Region  string  // such as eu-west-1
	Speed   float64 // how many times as fast as the wall's clock the local AWS lives; 0 means 1

	BootTime time.Duration // from an instance's launch to InService, on the local clock; 0 means 40 s

	// Images are the account's own AMIs beside those that every local AWS has: name → ID.
	Images map[string]string

	// FunctionBinary is an executable of this machine that stands for the code of every Lambda function. Without one, an
	// invocation is recorded in the function's log as not runnable.
	FunctionBinary string
	FunctionEnv    []string // more environment of the executable: NAME=value

	// NoSchedules keeps rules from firing: for tests that mind what functions leave in their logs.
	NoSchedules bool

	// ResourceDuration is how long an operation on a CloudFormation resource takes, on the local clock; nil means a second or two.
	ResourceDuration func(resourceType, op string) time.Duration

	// Log, when set, is told of every call in one line.
	Log func(line string)

	// Handlers add to, or replace, what CloudFormation resource types do; tests use them.
	Handlers map[string]cfn.Handler
}

func (o Options) withDefaults() Options {
	if o.Account == "" {
		o.Account = "123456789012"
	}
	if o.Region == "" {
		o.Region = "us-east-1"
	}
	if o.BootTime == 0 {
		o.BootTime = 40 * time.Second
	}
	return o
}
