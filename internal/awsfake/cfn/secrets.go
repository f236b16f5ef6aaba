package cfn

import (
	"fmt"
	"regexp"
	"strings"
)

func dynamicReference() *regexp.Regexp { return regexp.MustCompile(`\{\{resolve:([^}]*)\}\}`) }

// withSecrets resolves the dynamic references in resolved properties. CloudFormation does so only when it hands them over, so
// that neither change sets nor events hold the values.
func (e *Engine) withSecrets(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return e.resolveReferences(v)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			resolved, err := e.withSecrets(item)
			if err != nil {
				return nil, err
			}
			out[k] = resolved
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			resolved, err := e.withSecrets(item)
			if err != nil {
				return nil, err
			}
			out[i] = resolved
		}
		return out, nil
	default:
		return v, nil
	}
}

func (e *Engine) resolveReferences(s string) (string, error) {
	var failure error
	out := dynamicReference().ReplaceAllStringFunc(s, func(ref string) string {
		value, err := e.dereference(strings.Split(dynamicReference().FindStringSubmatch(ref)[1], ":"))
		if err != nil && failure == nil {
			failure = err
		}
		return value
	})
	return out, failure
}

func (e *Engine) dereference(parts []string) (string, error) {
	if len(parts) < 2 || parts[0] != "ssm" && parts[0] != "ssm-secure" {
		return "", fmt.Errorf("could not parse dynamic reference {{resolve:%s}}", strings.Join(parts, ":"))
	}
	version := ""
	if len(parts) > 2 {
		version = parts[2]
	}
	if e.opt.ParameterValue == nil {
		return "", fmt.Errorf("parameters: [%s:%s] cannot be found", parts[0], strings.Join(parts[1:], ":"))
	}
	value, err := e.opt.ParameterValue(parts[1], version, parts[0] == "ssm-secure")
	if err != nil {
		return "", fmt.Errorf("parameters: [%s:%s] cannot be found", parts[0], strings.Join(parts[1:], ":"))
	}
	return value, nil
}
