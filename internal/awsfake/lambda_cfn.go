package awsfake

import (
	"regexp"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (l *lambdaService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{
		"AWS::Lambda::Function":          resource{l.core, "Lambda", l.createFunction, l.updateFunction, l.deleteFunction},
		"AWS::Lambda::Permission":        resource{l.core, "Lambda", l.createPermission, l.createPermission, l.deletePermission},
		"AWS::Lambda::EventInvokeConfig": resource{l.core, "Lambda", l.putEventConfig, l.putEventConfig, l.deleteEventConfig},
	}
}

func (l *lambdaService) createFunction(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("FunctionName", short(r.Name, 64))
	if l.functions[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	f := &function{name: name, arn: l.arn("lambda", "function:"+name), permissions: map[string]permission{}, events: defaultEvents()}
	if err := l.apply(f, r, p); err != nil {
		return cfn.Result{}, err
	}
	l.functions[name] = f
	return cfn.Result{PhysicalID: name, Attributes: map[string]any{"Arn": f.arn}}, nil
}

func (l *lambdaService) updateFunction(r cfn.Request, p props) (cfn.Result, error) {
	f, err := l.find(r.PhysicalID)
	if err != nil {
		return cfn.Result{}, err
	}
	if err := l.apply(f, r, p); err != nil {
		return cfn.Result{}, err
	}
	l.drop(f)
	return cfn.Result{PhysicalID: f.name, Attributes: map[string]any{"Arn": f.arn}}, nil
}

// apply checks as CreateFunction does and changes nothing when something is wrong.
func (l *lambdaService) apply(f *function, r cfn.Request, p props) error {
	if err := l.checkRole(p.str("Role")); err != nil {
		return err
	}
	code, err := l.load(p.object("Code"))
	if err != nil {
		return err
	}
	timeout, memory := p.num("Timeout", 3), p.num("MemorySize", 128)
	if timeout < 1 || timeout > 900 {
		return wire.Errorf("InvalidParameterValueException", "1 validation error detected: Value '%d' at 'timeout' failed to satisfy constraint: "+
			"Member must have value between 1 and 900", timeout)
	}
	if memory < 128 || memory > 10240 {
		return wire.Errorf("InvalidParameterValueException", "'MemorySize' value failed to satisfy constraint: Member must have value between 128 and 10240")
	}
	environment := p.object("Environment").tags("Variables")
	for name := range environment {
		if reservedVariable(name) {
			return wire.Errorf("InvalidParameterValueException", "Lambda was unable to configure your environment variables because the environment "+
				"variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: %s", name)
		}
	}
	f.role, f.code, f.timeout, f.memory, f.environment = p.str("Role"), code, timeout, memory, environment
	f.handler, f.runtime, f.description, f.modified = p.str("Handler"), p.str("Runtime"), p.str("Description"), l.now()
	f.architecture, f.tags, f.reserved = "x86_64", allTags(r, p.tags("Tags")), nil
	if list := p.strings("Architectures"); len(list) > 0 {
		f.architecture = list[0]
	}
	f.logGroup = p.object("LoggingConfig").or("LogGroup", "/aws/lambda/"+f.name)
	if p.has("ReservedConcurrentExecutions") {
		n := p.num("ReservedConcurrentExecutions", 0)
		f.reserved = &n
	}
	return nil
}

func (l *lambdaService) checkRole(arn string) error {
	name := arn[strings.LastIndex(arn, "/")+1:]
	role := l.iam.roles[name]
	if role == nil || !strings.Contains(role.trust, "lambda.amazonaws.com") {
		return wire.Errorf("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
	}
	return nil
}

func reservedVariable(name string) bool {
	return regexp.MustCompile(`^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_.*|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_ACCESS_KEY|` +
		`AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$`).MatchString(name)
}

func (l *lambdaService) deleteFunction(r cfn.Request) error {
	if f := l.functions[r.PhysicalID]; f != nil {
		l.drop(f)
		delete(l.functions, f.name)
	}
	return nil
}

func (l *lambdaService) createPermission(r cfn.Request, p props) (cfn.Result, error) {
	f, err := l.find(p.str("FunctionName"))
	if err != nil {
		return cfn.Result{}, err
	}
	id := r.PhysicalID
	if id == "" {
		id = short(r.Name, 100)
	}
	f.permissions[id] = permission{p.str("Principal"), p.str("Action"), p.str("SourceArn")}
	return cfn.Result{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
}

func (l *lambdaService) deletePermission(r cfn.Request) error {
	if f, err := l.find(props(r.Properties).str("FunctionName")); err == nil {
		delete(f.permissions, r.PhysicalID)
	}
	return nil
}

func (l *lambdaService) putEventConfig(_ cfn.Request, p props) (cfn.Result, error) {
	f, err := l.find(p.str("FunctionName"))
	if err != nil {
		return cfn.Result{}, err
	}
	usual := defaultEvents()
	f.events = eventConfig{p.num("MaximumRetryAttempts", usual.retries), time.Duration(p.num("MaximumEventAgeInSeconds", 21600)) * time.Second}
	return cfn.Result{PhysicalID: f.name + "|" + p.or("Qualifier", "$LATEST")}, nil
}

func (l *lambdaService) deleteEventConfig(r cfn.Request) error {
	if f, err := l.find(props(r.Properties).str("FunctionName")); err == nil {
		f.events = defaultEvents()
	}
	return nil
}

// allows tells whether a service may invoke f on behalf of a source.
func (f *function) allows(principal, source string) bool {
	for _, p := range f.permissions {
		if p.principal == principal && (p.source == "" || matchesAny([]string{p.source}, source)) {
			return true
		}
	}
	return false
}
