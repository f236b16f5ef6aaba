package cfn

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/semagent/semagent/internal/awsfake/schema"
)

type parameterDecl struct {
	typ, pattern, constraint, description string
	value                                 *string // Default
	allowed                               []string
	minLength, maxLength                  *int
	minValue, maxValue                    *float64
	noEcho                                bool
}

// parameter is a parameter's value in one deployment.
type parameter struct {
	key, given string
	resolved   string // what an SSM parameter type stands for; else as given
	value      any    // string, or []any of strings for list types
	noEcho     bool
	viaSSM     bool
}

func (p parameter) shown() string {
	if p.noEcho {
		return "****"
	}
	return p.given
}

const ssmValuePrefix = "AWS::SSM::Parameter::Value<"

func (t *template) readParameters(raw map[string]any) error {
	t.parameters = map[string]parameterDecl{}
	section := object(raw["Parameters"])
	for _, name := range sortedKeys(section) {
		m := object(section[name])
		d := parameterDecl{allowed: scalars(m["AllowedValues"]), noEcho: text(m["NoEcho"]) == "true"}
		d.typ, d.pattern = text(m["Type"]), text(m["AllowedPattern"])
		d.constraint, d.description = text(m["ConstraintDescription"]), text(m["Description"])
		if d.typ == "" {
			return invalid("Template format error: Every Parameters object must contain a Type member.")
		}
		if !knownParameterType(d.typ) {
			return invalid("Template format error: Unrecognized parameter type: %s", d.typ)
		}
		if v, ok := m["Default"]; ok {
			s := schema.Scalar(v)
			d.value = &s
		}
		d.minLength, d.maxLength = integer(m["MinLength"]), integer(m["MaxLength"])
		d.minValue, d.maxValue = float(m["MinValue"]), float(m["MaxValue"])
		t.parameters[name] = d
	}
	return nil
}

func knownParameterType(typ string) bool {
	if inner, ok := strings.CutPrefix(typ, ssmValuePrefix); ok {
		typ = strings.TrimSuffix(inner, ">")
	}
	if inner, ok := strings.CutPrefix(typ, "List<"); ok {
		typ = strings.TrimSuffix(inner, ">")
	}
	return slices.Contains([]string{"String", "Number", "CommaDelimitedList", "AWS::SSM::Parameter::Name"}, typ) ||
		strings.HasPrefix(typ, "AWS::EC2::") || strings.HasPrefix(typ, "AWS::Route53::")
}

func (d parameterDecl) list() bool {
	return strings.Contains(d.typ, "List<") || strings.Contains(d.typ, "CommaDelimitedList")
}

// bind gives every declared parameter its value: the request's, the previous one where asked, or the default.
func (e *Engine) bind(t *template, given []givenParameter, previous map[string]parameter) (map[string]parameter, error) {
	var unknown, missing []string
	values := map[string]string{}
	for _, g := range given {
		if _, ok := t.parameters[g.key]; !ok {
			unknown = append(unknown, g.key)
			continue
		}
		if g.usePrevious {
			if old, ok := previous[g.key]; ok {
				values[g.key] = old.given
			}
			continue
		}
		values[g.key] = g.value
	}
	if len(unknown) > 0 {
		return nil, invalid("Parameters: %s do not exist in the template", bracketed(unknown))
	}
	out := map[string]parameter{}
	for _, key := range sortedKeys(t.parameters) {
		d := t.parameters[key]
		value, ok := values[key]
		if !ok && d.value == nil {
			missing = append(missing, key)
			continue
		}
		if !ok {
			value = *d.value
		}
		p, err := e.resolveParameter(key, d, value)
		if err != nil {
			return nil, err
		}
		out[key] = p
	}
	if len(missing) > 0 {
		return nil, invalid("Parameters: %s must have values", bracketed(missing))
	}
	return out, nil
}

func (e *Engine) resolveParameter(key string, d parameterDecl, value string) (parameter, error) {
	p := parameter{key: key, given: value, resolved: value, noEcho: d.noEcho}
	if err := d.check(key, value); err != nil {
		return p, err
	}
	if strings.HasPrefix(d.typ, ssmValuePrefix) {
		p.viaSSM = true
		if e.opt.ParameterValue == nil {
			return p, invalid("Unable to fetch parameters [%s] from parameter store for this account.", value)
		}
		resolved, err := e.opt.ParameterValue(value, "", false)
		if err != nil {
			return p, invalid("Unable to fetch parameters [%s] from parameter store for this account.", value)
		}
		p.resolved = resolved
	}
	p.value = p.resolved
	if d.list() {
		items := []any{}
		for item := range strings.SplitSeq(p.resolved, ",") {
			items = append(items, strings.TrimSpace(item))
		}
		p.value = items
	}
	return p, nil
}

func (d parameterDecl) check(key, value string) error {
	fail := func(why string, args ...any) error {
		if d.constraint != "" {
			return invalid("Parameter %s failed to satisfy constraint: %s", key, d.constraint)
		}
		return invalid(why, args...)
	}
	if len(d.allowed) > 0 && !slices.Contains(d.allowed, value) {
		return fail("Parameter '%s' must be one of AllowedValues", key)
	}
	if d.pattern != "" {
		if re, err := regexp.Compile("^(?:" + d.pattern + ")$"); err == nil && !re.MatchString(value) {
			return fail("Parameter '%s' must match pattern %s", key, d.pattern)
		}
	}
	if n := utf8.RuneCountInString(value); d.minLength != nil && n < *d.minLength {
		return fail("Parameter '%s' must contain at least %d characters", key, *d.minLength)
	} else if d.maxLength != nil && n > *d.maxLength {
		return fail("Parameter '%s' must contain at most %d characters", key, *d.maxLength)
	}
	if d.typ != "Number" {
		return nil
	}
	f, err := strconv.ParseFloat(value, 64)
	switch {
	case err != nil:
		return invalid("Parameter '%s' must be a number.", key)
	case d.minValue != nil && f < *d.minValue:
		return fail("Parameter '%s' must be a number not less than %v", key, *d.minValue)
	case d.maxValue != nil && f > *d.maxValue:
		return fail("Parameter '%s' must be a number not greater than %v", key, *d.maxValue)
	}
	return nil
}

func text(v any) string {
	if v == nil {
		return ""
	}
	return schema.Scalar(v)
}

func scalars(v any) []string {
	list, _ := v.([]any)
	var out []string
	for _, item := range list {
		out = append(out, schema.Scalar(item))
	}
	return out
}

func integer(v any) *int {
	n, err := strconv.Atoi(text(v))
	if err != nil {
		return nil
	}
	return &n
}

func float(v any) *float64 {
	f, err := strconv.ParseFloat(text(v), 64)
	if err != nil {
		return nil
	}
	return &f
}
