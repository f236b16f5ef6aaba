package awsfake

import (
	"net/http"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/runtime"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// lambdaService owns functions. They run, where there is an executable that stands for them, in sandboxes of package runtime.
type lambdaService struct {
	*core
	s3        *s3Service
	logs      *logsService
	iam       *iamService
	opts      Options
	endpoint  string
	functions map[string]*function
}

type function struct {
	name, arn, role, handler, runtime, architecture, description string

	memory, timeout int
	reserved        *int
	environment     map[string]string
	logGroup        string
	code            codePackage
	modified        time.Time
	tags            map[string]string
	permissions     map[string]permission
	events          eventConfig
	runner          *runtime.Runner // nil until it is first invoked
}

type permission struct{ principal, action, source string }

// eventConfig is how asynchronous invocations are retried.
type eventConfig struct {
	retries int
	age     time.Duration
}

func defaultEvents() eventConfig { return eventConfig{2, 6 * time.Hour} }

func newLambda(c *core, s3 *s3Service, logs *logsService, iam *iamService, opts Options) *lambdaService {
	return &lambdaService{core: c, s3: s3, logs: logs, iam: iam, opts: opts, functions: map[string]*function{}}
}

func (l *lambdaService) service() *service {
	return &service{name: "lambda", protocol: protocol{kind: restJSON}, route: routeLambda, operations: map[string]operation{
		"ListFunctions":                l.listFunctions,
		"GetFunction":                  l.onFunction(l.getFunction),
		"GetFunctionConfiguration":     l.onFunction(l.getConfiguration),
		"GetFunctionEventInvokeConfig": l.onFunction(l.getEventConfig),
		"GetPolicy":                    l.onFunction(l.getPolicy),
		"Invoke":                       l.onFunction(l.invokeCall),
	}}
}

func routeLambda(r *http.Request) (string, map[string]string) {
	parts := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	if len(parts) < 2 || parts[1] != "functions" {
		return "", nil
	}
	if len(parts) == 2 && r.Method == http.MethodGet {
		return "ListFunctions", nil
	}
	path := map[string]string{}
	what := ""
	if len(parts) > 2 {
		path["FunctionName"] = parts[2]
		what = strings.Join(parts[3:], "/")
	}
	return map[string]string{
		"GET ": "GetFunction", "GET configuration": "GetFunctionConfiguration", "POST invocations": "Invoke",
		"GET event-invoke-config": "GetFunctionEventInvokeConfig", "GET policy": "GetPolicy",
	}[r.Method+" "+what], path
}

// setEndpoint tells functions where this AWS is.
func (l *lambdaService) setEndpoint(url string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.endpoint = url
}

// find takes a name, an ARN, or either with a qualifier.
func (l *lambdaService) find(name string) (*function, error) {
	short := strings.TrimPrefix(name, l.arn("lambda", "function:"))
	short, _, _ = strings.Cut(short, ":")
	if f := l.functions[short]; f != nil {
		return f, nil
	}
	return nil, &wire.Error{
		Code: "ResourceNotFoundException", Message: "Function not found: " + l.arn("lambda", "function:"+short), Status: http.StatusNotFound,
	}
}

func (l *lambdaService) onFunction(do func(*call, *function) (any, error)) operation {
	return func(c *call) (any, error) {
		f, err := l.find(c.path["FunctionName"])
		if err != nil {
			return nil, err
		}
		return do(c, f)
	}
}

func (l *lambdaService) configuration(f *function) map[string]any {
	return map[string]any{
		"FunctionName": f.name, "FunctionArn": f.arn, "Runtime": f.runtime, "Role": f.role, "Handler": f.handler, "CodeSize": len(f.code.zip),
		"Description": f.description, "Timeout": f.timeout, "MemorySize": f.memory, "LastModified": f.modified.Format("2006-01-02T15:04:05.000-0700"),
		"CodeSha256": f.code.digest, "Version": "$LATEST", "Environment": map[string]any{"Variables": f.environment}, "PackageType": "Zip",
		"Architectures": []string{f.architecture}, "State": "Active", "LastUpdateStatus": "Successful",
		"LoggingConfig": map[string]string{"LogFormat": "Text", "LogGroup": f.logGroup},
	}
}

func (l *lambdaService) getFunction(_ *call, f *function) (any, error) {
	out := map[string]any{
		"Configuration": l.configuration(f), "Code": map[string]string{"RepositoryType": "S3", "Location": l.endpoint + "/" + f.code.bucket + "/" + f.code.key},
		"Tags": f.tags,
	}
	if f.reserved != nil {
		out["Concurrency"] = map[string]int{"ReservedConcurrentExecutions": *f.reserved}
	}
	return out, nil
}

func (l *lambdaService) getConfiguration(_ *call, f *function) (any, error) {
	return l.configuration(f), nil
}

func (l *lambdaService) getEventConfig(_ *call, f *function) (any, error) {
	return map[string]any{
		"FunctionArn": f.arn + ":$LATEST", "MaximumRetryAttempts": f.events.retries, "MaximumEventAgeInSeconds": int(f.events.age.Seconds()),
		"LastModified": wire.Epoch(f.modified),
	}, nil
}

func (l *lambdaService) getPolicy(_ *call, f *function) (any, error) {
	if len(f.permissions) == 0 {
		return nil, &wire.Error{Code: "ResourceNotFoundException", Message: "The resource you requested does not exist.", Status: http.StatusNotFound}
	}
	statements := []any{}
	for _, sid := range sortedKeys(f.permissions) {
		p := f.permissions[sid]
		s := map[string]any{"Sid": sid, "Effect": "Allow", "Principal": map[string]string{"Service": p.principal}, "Action": p.action, "Resource": f.arn}
		if p.source != "" {
			s["Condition"] = map[string]any{"ArnLike": map[string]string{"AWS:SourceArn": p.source}}
		}
		statements = append(statements, s)
	}
	return map[string]any{"Policy": text(map[string]any{"Version": "2012-10-17", "Id": "default", "Statement": statements})}, nil
}

func (l *lambdaService) listFunctions(c *call) (any, error) {
	all := []map[string]any{}
	for _, name := range sortedKeys(l.functions) {
		all = append(all, l.configuration(l.functions[name]))
	}
	q := c.request.URL.Query()
	shown, next, err := page(all, q.Get("Marker"), 50, "InvalidParameterValueException")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"Functions": shown}, "NextMarker", next), nil
}
