package cfn

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

const namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"

// ServeAction answers one action of the Query API, version 2010-05-15. An action that it does not know is an error.
func (e *Engine) ServeAction(w http.ResponseWriter, _ *http.Request, action string, form url.Values) {
	serve, ok := actions()[action]
	if !ok {
		wire.WriteQueryError(w, wire.Errorf("InvalidAction", "Could not find operation %s for version 2010-05-15", action))
		return
	}
	answer, err := serve(e, form)
	if err != nil {
		wire.WriteQueryError(w, err)
		return
	}
	wire.WriteQuery(w, action, namespace, answer)
}

type action = func(*Engine, url.Values) (any, error)

func actions() map[string]action {
	return map[string]action{
		"CreateChangeSet":             (*Engine).createChangeSet,
		"DescribeChangeSet":           (*Engine).describeChangeSet,
		"ListChangeSets":              (*Engine).listChangeSets,
		"DeleteChangeSet":             (*Engine).deleteChangeSet,
		"ExecuteChangeSet":            (*Engine).executeChangeSet,
		"CreateStack":                 (*Engine).createStack,
		"UpdateStack":                 (*Engine).updateStack,
		"DeleteStack":                 (*Engine).deleteStack,
		"CancelUpdateStack":           (*Engine).cancelUpdateStack,
		"ContinueUpdateRollback":      (*Engine).continueUpdateRollback,
		"RollbackStack":               (*Engine).rollbackStack,
		"UpdateTerminationProtection": (*Engine).updateTerminationProtection,
		"DescribeStacks":              (*Engine).describeStacks,
		"ListStacks":                  (*Engine).listStacks,
		"DescribeStackEvents":         (*Engine).describeStackEvents,
		"DescribeEvents":              (*Engine).describeEvents,
		"DescribeStackResource":       (*Engine).describeStackResource,
		"DescribeStackResources":      (*Engine).describeStackResources,
		"ListStackResources":          (*Engine).listStackResources,
		"GetTemplate":                 (*Engine).getTemplate,
		"GetTemplateSummary":          (*Engine).getTemplateSummary,
		"ValidateTemplate":            (*Engine).validateTemplate,
		"ListExports":                 (*Engine).listExports,
		"ListHookResults":             (*Engine).listHookResults,
		"SetStackPolicy":              (*Engine).setStackPolicy,
		"GetStackPolicy":              (*Engine).getStackPolicy,
	}
}

const (
	stackNamePattern     = `[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/._+]*`
	changeSetNamePattern = `[a-zA-Z][-a-zA-Z0-9]*|arn:[-a-zA-Z0-9:/]*`
)

// checkName applies the constraints of the API's model to a name. The limit is for names, not ARNs.
func checkName(member, value, pattern string) error {
	if !regexp.MustCompile(`^(?:` + pattern + `)$`).MatchString(value) {
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy regular expression pattern: %s", value, member, pattern)
	}
	if !strings.HasPrefix(value, "arn:") && len(value) > 128 {
		return invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must have length less than or equal to 128", value, member)
	}
	return nil
}

// body is the template of a request; empty when the request has none.
func (e *Engine) body(form url.Values) (string, error) {
	if u := form.Get("TemplateURL"); u != "" {
		if form.Get("TemplateBody") != "" {
			return "", invalid("You cannot specify both TemplateBody and TemplateURL")
		}
		if e.opt.CheckBody == nil {
			return "", invalid("TemplateURL must be a supported URL.")
		}
		body, err := e.opt.CheckBody(u)
		if err != nil {
			return "", invalid("S3 error: %s", reasonOf(err))
		}
		if len(body) > maxURLBody {
			return "", invalid("Template size is larger than allowed limit: %d", maxURLBody)
		}
		return string(body), nil
	}
	body := form.Get("TemplateBody")
	if len(body) > maxBody {
		return "", invalid("1 validation error detected: Value '%s' at 'templateBody' failed to satisfy constraint: "+
			"Member must have length less than or equal to %d", body, maxBody)
	}
	return body, nil
}

func (e *Engine) templateOf(form url.Values, previous *plan) (*template, error) {
	body, err := e.body(form)
	if err != nil {
		return nil, err
	}
	if body == "" && form.Get("UsePreviousTemplate") == "true" && previous != nil {
		return previous.t, nil
	}
	if body == "" {
		return nil, invalid("Either Template URL or Template Body must be specified.")
	}
	return parseTemplate(body)
}

// request plans what a request asks a stack to become. The caller holds the lock.
func (e *Engine) request(s *stack, form url.Values) (*plan, error) {
	if err := checkSupported(form); err != nil {
		return nil, err
	}
	t, err := e.templateOf(form, s.plan)
	if err != nil {
		return nil, err
	}
	if err := t.checkCapabilities(wire.Strings(form, "Capabilities.member")); err != nil {
		return nil, err
	}
	var previous map[string]parameter
	tags := wire.Pairs(form, "Tags.member", "Key", "Value")
	if s.plan != nil {
		previous = s.plan.params
		if !form.Has("Tags") && tags == nil {
			tags = s.plan.tags
		}
	}
	params, err := e.bind(t, parametersOf(form), previous)
	if err != nil {
		return nil, err
	}
	if err := checkTags(tags); err != nil {
		return nil, err
	}
	if err := allowedTypes(t, wire.Strings(form, "ResourceTypes.member")); err != nil {
		return nil, err
	}
	return e.plan(s, t, params, tags)
}

func checkTags(tags []wire.Pair) error {
	seen := map[string]bool{}
	for _, t := range tags {
		switch {
		case t.Key == "":
			return invalid("1 validation error detected: Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1")
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return invalid("aws: prefixed tag key names are not allowed for external use.")
		case seen[t.Key]:
			return invalid("Duplicate tags are not allowed: %s", t.Key)
		}
		seen[t.Key] = true
	}
	if len(tags) > 50 {
		return invalid("1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50")
	}
	return nil
}

func allowedTypes(t *template, allowed []string) error {
	if len(allowed) == 0 {
		return nil
	}
	for _, id := range sortedKeys(t.resources) {
		typ := t.resources[id].typ
		ok := false
		for _, a := range allowed {
			prefix, wild := strings.CutSuffix(a, "*")
			ok = ok || a == typ || wild && strings.HasSuffix(prefix, "::") && strings.HasPrefix(typ, prefix)
		}
		if !ok {
			return invalid("Resource type %s is not allowed by parameter ResourceTypes [%s]", typ, strings.Join(allowed, ", "))
		}
	}
	return nil
}

// checkSupported refuses what this CloudFormation would otherwise ignore in silence.
func checkSupported(form url.Values) error {
	for name := range form {
		for _, unsupported := range []string{
			"ResourcesToImport.", "DeploymentMode", "DeploymentConfig.", "RollbackConfiguration.RollbackTriggers.", "RollbackConfiguration.Monitoring", "TimeoutInMinutes",
		} {
			if strings.HasPrefix(name, unsupported) {
				return invalid("The local AWS does not support %s", strings.TrimSuffix(unsupported, "."))
			}
		}
	}
	return nil
}

func flag(form url.Values, name string) bool { return form.Get(name) == "true" }

// pageSize is how many items AWS puts on a page of changes or events.
const pageSize = 100

// page cuts one page out of items. Tokens are the index of the first item.
func page[T any](items []T, token string, size int) ([]T, *string, error) {
	start := 0
	if token != "" {
		n := integer(token)
		if n == nil || *n < 0 || *n > len(items) {
			return nil, nil, invalid("Invalid NextToken: %s", token)
		}
		start = *n
	}
	end := min(start+size, len(items))
	if end == len(items) {
		return items[start:end], nil, nil
	}
	next := text(end)
	return items[start:end], &next, nil
}
