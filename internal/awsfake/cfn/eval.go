package cfn

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/schema"
)

// knownAfterApply is what a change set shows for a value that only the execution can tell.
const knownAfterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

type (
	// unknown is a value that only the execution can tell; two are the same when they are made in the same way.
	unknown struct{ how string }
	// noValue is AWS::NoValue: the property goes.
	noValue struct{}
)

// scope is all that an expression of a template may refer to.
type scope struct {
	t      *template
	params map[string]parameter
	conds  map[string]bool
	pseudo map[string]any
	zones  func() []string
	export func(name string) (string, bool)
	ref    func(id string) (any, error)
	att    func(id, attribute string) (any, error)
	param  func(name string) // told of every parameter that is read; may be nil
	warn   func(why string)  // told of functions that need a value not known yet; may be nil
}

func (s *scope) eval(v any) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		if name, arg, ok := function(v); ok {
			return s.call(name, arg)
		}
		return s.evalMap(v)
	case []any:
		return s.evalList(v)
	default:
		return v, nil
	}
}

func (s *scope) evalMap(m map[string]any) (any, error) {
	out := make(map[string]any, len(m))
	for _, k := range sortedKeys(m) {
		v, err := s.eval(m[k])
		if err != nil {
			return nil, err
		}
		if _, gone := v.(noValue); !gone {
			out[k] = v
		}
	}
	return out, nil
}

func (s *scope) evalList(l []any) (any, error) {
	out := make([]any, 0, len(l))
	for _, item := range l {
		v, err := s.eval(item)
		if err != nil {
			return nil, err
		}
		if _, gone := v.(noValue); !gone {
			out = append(out, v)
		}
	}
	return out, nil
}

// function says whether a map is an intrinsic function.
func function(m map[string]any) (name string, arg any, ok bool) {
	if len(m) != 1 {
		return "", nil, false
	}
	for name, arg = range m {
		return name, arg, name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return "", nil, false
}

func (s *scope) call(name string, arg any) (any, error) {
	switch name {
	case "Ref":
		return s.reference(arg)
	case "Fn::GetAtt":
		return s.attribute(arg)
	case "Fn::If":
		return s.choose(arg)
	case "Fn::Sub":
		return s.substitute(arg)
	case "Fn::FindInMap":
		return s.lookUp(arg)
	case "Fn::GetAZs":
		return s.availabilityZones(arg)
	case "Fn::ImportValue":
		return s.importValue(arg)
	}
	f := plainFunction(name)
	if f == nil {
		return nil, invalid("Template error: Encountered unsupported function: %s Supported functions are: [Fn::Base64, Fn::GetAtt, "+
			"Fn::GetAZs, Fn::ImportValue, Fn::Join, Fn::Split, Fn::FindInMap, Fn::Select, Ref, Fn::Equals, Fn::If, Fn::Not, Condition, "+
			"Fn::And, Fn::Or, Fn::Contains, Fn::EachMemberEquals, Fn::EachMemberIn, Fn::ValueOf, Fn::ValueOfAll, Fn::RefAll, Fn::Sub, Fn::Cidr]", name)
	}
	if (name == "Fn::ToJsonString" || name == "Fn::Length") && !slices.Contains(s.t.transforms, "AWS::LanguageExtensions") {
		return nil, invalid("Template error: %s is only supported with the AWS::LanguageExtensions transform", name)
	}
	v, err := s.eval(arg)
	if err != nil {
		return nil, err
	}
	return f(s, v)
}

func (s *scope) reference(arg any) (any, error) {
	name, ok := arg.(string)
	if !ok {
		return nil, invalid("Template format error: Unresolved dependencies. Every Ref object must have a single String value.")
	}
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	if v, ok := s.pseudo[name]; ok {
		return v, nil
	}
	if p, ok := s.params[name]; ok {
		if s.param != nil {
			s.param(name)
		}
		return p.value, nil
	}
	return s.ref(name)
}

// attributeOf reads both forms of Fn::GetAtt's argument.
func attributeOf(arg any) (id, attribute string, err error) {
	var parts []string
	switch arg := arg.(type) {
	case string:
		id, attribute, _ = strings.Cut(arg, ".")
		parts = []string{id, attribute}
	case []any:
		parts = stringList(arg)
	}
	if len(parts) < 2 || parts[1] == "" {
		return "", "", invalid("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
	}
	return parts[0], strings.Join(parts[1:], "."), nil
}

func (s *scope) attribute(arg any) (any, error) {
	if list, ok := arg.([]any); ok && len(list) == 2 {
		// The attribute's name may itself be a Ref to a parameter.
		if m, ok := list[1].(map[string]any); ok {
			v, err := s.eval(m)
			if err != nil {
				return nil, err
			}
			arg = []any{list[0], v}
		}
	}
	id, attribute, err := attributeOf(arg)
	if err != nil {
		return nil, err
	}
	return s.att(id, attribute)
}

func (s *scope) choose(arg any) (any, error) {
	list, _ := arg.([]any)
	name, ok := "", false
	if len(list) == 3 {
		name, ok = list[0].(string)
	}
	if !ok {
		return nil, invalid("Template error: Fn::If requires a list argument with three elements")
	}
	holds, ok := s.conds[name]
	if !ok {
		return nil, invalid("Template error: unresolved condition dependency %s in Fn::If", name)
	}
	if holds {
		return s.eval(list[1])
	}
	return s.eval(list[2])
}

func (s *scope) lookUp(arg any) (any, error) {
	list, _ := arg.([]any)
	if len(list) != 3 && len(list) != 4 {
		return nil, invalid("Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value")
	}
	keys := make([]string, 3)
	for i := range keys {
		v, err := s.eval(list[i])
		if err != nil {
			return nil, err
		}
		if keys[i] = text(v); isUnknown(v) {
			return nil, invalid("Template error: Fn::FindInMap cannot use values that are not known before resources are made")
		}
	}
	second, inMap := object(s.t.mappings[keys[0]])[keys[1]]
	value, inKey := object(second)[keys[2]]
	switch fallback := object(lastOf(list)); {
	case inMap && inKey:
		return s.eval(value)
	case len(list) == 4 && fallback["DefaultValue"] != nil:
		return s.eval(fallback["DefaultValue"])
	case s.t.mappings[keys[0]] == nil:
		return nil, invalid("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", keys[0])
	default:
		return nil, invalid("Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
	}
}

func (s *scope) availabilityZones(arg any) (any, error) {
	region, err := s.eval(arg)
	if err != nil {
		return nil, err
	}
	if r := text(region); r != "" && r != s.pseudo["AWS::Region"] {
		return nil, invalid("Template validation error: Template error: Fn::GetAZs cannot retrieve the zones of %s", r)
	}
	out := []any{}
	for _, z := range s.zones() {
		out = append(out, z)
	}
	return out, nil
}

func (s *scope) importValue(arg any) (any, error) {
	name, err := s.eval(arg)
	if err != nil {
		return nil, err
	}
	if value, ok := s.export(text(name)); ok {
		return value, nil
	}
	return nil, invalid("No export named %s found.", text(name))
}

func lastOf(list []any) any { return list[len(list)-1] }

func isUnknown(v any) bool {
	_, ok := v.(unknown)
	return ok
}

// hasUnknown looks at any depth.
func hasUnknown(v any) bool {
	switch v := v.(type) {
	case unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), hasUnknown)
	default:
		return false
	}
}

func unknownBy(function string, args any) unknown { return unknown{function + canonical(args)} }

// plain is a value as change sets and events show it: every scalar a string, what is not known yet a placeholder.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = plain(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = plain(item)
		}
		return out
	case unknown:
		return knownAfterApply
	case nil:
		return nil
	default:
		return schema.Scalar(v)
	}
}

// canonical is equal for values between which CloudFormation sees no difference.
func canonical(v any) string { return compact(withHow(v)) }

func withHow(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, item := range v {
			out[k] = withHow(item)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = withHow(item)
		}
		return out
	case unknown:
		return map[string]any{"\x00": v.how}
	default:
		return plain(v)
	}
}

// compact is v as JSON without HTML escapes.
func compact(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(v) // v came out of a template or is a map of such values, all of which JSON can say
	return strings.TrimSuffix(b.String(), "\n")
}
