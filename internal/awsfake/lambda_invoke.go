package awsfake

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/semagent/semagent/internal/awsfake/runtime"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// written says that an operation has written its own answer.
type written struct{}

// invokeCall is the API's Invoke. It lets go of the lock while the function runs, which may well call this AWS.
func (l *lambdaService) invokeCall(c *call, f *function) (any, error) {
	h := c.writer.Header()
	h.Set("X-Amz-Executed-Version", "$LATEST")
	switch c.request.Header.Get("X-Amz-Invocation-Type") {
	case "DryRun":
		c.writer.WriteHeader(http.StatusNoContent)
		return written{}, nil
	case "Event":
		l.async(f.name, c.body)
		c.writer.WriteHeader(http.StatusAccepted)
		return written{}, nil
	}
	run := l.prepare(f)
	l.mu.Unlock()
	result, err := run(c.body)
	l.mu.Lock()
	if errors.Is(err, runtime.ErrThrottled) {
		return nil, &wire.Error{Code: "TooManyRequestsException", Message: err.Error(), Status: http.StatusTooManyRequests}
	}
	if err != nil {
		return nil, &wire.Error{Code: "ServiceException", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	if result.Failed {
		h.Set("X-Amz-Function-Error", "Unhandled")
	}
	h.Set("Content-Type", "application/json")
	_, _ = c.writer.Write(result.Payload) // into memory
	return written{}, nil
}

// prepare returns what runs f once. It is made under the lock and called without it.
func (l *lambdaService) prepare(f *function) func(payload []byte) (runtime.Result, error) {
	stream := l.now().Format("2006/01/02/[$LATEST]") + randomID("", 32)
	if reason := l.unrunnable(f); reason != "" {
		group := f.logGroup
		return func([]byte) (runtime.Result, error) {
			l.logs.write(group, stream, reason)
			return runtime.Result{Failed: true, Payload: fmt.Appendf(nil, `{"errorType":"Runtime.InvalidEntrypoint","errorMessage":%q}`, reason)}, nil
		}
	}
	if f.reserved != nil && *f.reserved == 0 {
		return func([]byte) (runtime.Result, error) { return runtime.Result{}, runtime.ErrThrottled }
	}
	if f.runner == nil {
		f.runner = runtime.New(l.running(f))
	}
	runner := f.runner
	return func(payload []byte) (runtime.Result, error) {
		if len(payload) == 0 {
			payload = []byte("{}")
		}
		return runner.Invoke(l.ctx, payload)
	}
}

func (l *lambdaService) unrunnable(f *function) string {
	if reason := f.code.startable(f.architecture); reason != "" {
		return "RequestId: " + wire.RequestID() + " Error: " + reason + " Runtime.InvalidEntrypoint"
	}
	if l.opts.FunctionBinary == "" {
		return "ERROR: the local AWS cannot run function " + f.name + ": it was given no executable for functions (Options.FunctionBinary)"
	}
	return ""
}

// running is f for package runtime. The timeout is the wall's, as long as the function's is on the local clock, but not under a second.
func (l *lambdaService) running(f *function) runtime.Function {
	group := f.logGroup
	concurrency := 10
	if f.reserved != nil {
		concurrency = *f.reserved
	}
	env := []string{
		"PATH=" + os.Getenv("PATH"), "LANG=en_US.UTF-8", "TZ=:UTC", "LAMBDA_TASK_ROOT=/var/task", "_HANDLER=" + f.handler,
		"AWS_REGION=" + l.region, "AWS_DEFAULT_REGION=" + l.region, "AWS_ENDPOINT_URL=" + l.endpoint,
		"AWS_ACCESS_KEY_ID=ASIALOCALFUNCTION", "AWS_SECRET_ACCESS_KEY=local", "AWS_SESSION_TOKEN=local",
		"AWS_LAMBDA_FUNCTION_NAME=" + f.name, fmt.Sprintf("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=%d", f.memory), "AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_LOG_GROUP_NAME=" + group, "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand", "AWS_EC2_METADATA_DISABLED=true",
	}
	for _, name := range sortedKeys(f.environment) {
		env = append(env, name+"="+f.environment[name])
	}
	return runtime.Function{
		Name: f.name, ARN: f.arn, Binary: l.opts.FunctionBinary, Env: append(env, l.opts.FunctionEnv...), Memory: f.memory, Concurrency: concurrency,
		Timeout: max(time.Second, l.clock.Wall(time.Duration(f.timeout)*time.Second)),
		Log:     func(stream, line string) { l.logs.write(group, stream, line) },
	}
}

// async queues an event, as Lambda does for Event invocations: throttled ones wait, failed ones are tried again after one and two
// minutes, until the function's event configuration gives them up.
func (l *lambdaService) async(name string, payload []byte) {
	queued := l.now()
	l.spawn(func() {
		for attempt := 0; ; {
			l.mu.Lock()
			f := l.functions[name]
			if f == nil || l.now().Sub(queued) > f.events.age {
				l.mu.Unlock()
				return
			}
			config, run := f.events, l.prepare(f)
			l.mu.Unlock()
			result, err := run(payload)
			wait := time.Second
			if !errors.Is(err, runtime.ErrThrottled) {
				attempt++
				if err == nil && !result.Failed || attempt > config.retries {
					return
				}
				wait = time.Duration(attempt) * time.Minute
			}
			if l.clock.Sleep(l.ctx, wait) != nil {
				return
			}
		}
	})
}

// drop gives up a function's processes, once they have finished what they are at, without waiting for that under the lock.
func (l *lambdaService) drop(f *function) {
	if runner := f.runner; runner != nil {
		f.runner = nil
		l.spawn(runner.Drain)
	}
}

// close ends every process and waits for it. It takes the lock itself.
func (l *lambdaService) close() {
	l.mu.Lock()
	var runners []*runtime.Runner
	for _, f := range l.functions {
		if f.runner != nil {
			runners = append(runners, f.runner)
		}
	}
	l.mu.Unlock()
	for _, r := range runners {
		r.Close()
	}
}
