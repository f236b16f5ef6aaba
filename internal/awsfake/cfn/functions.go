package cfn

import (
	"encoding/base64"
	"math/big"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// plainFunction returns the intrinsic functions that need nothing but their evaluated argument; nil for others.
func plainFunction(name string) func(*scope, any) (any, error) {
	return map[string]func(*scope, any) (any, error){
		"Fn::Join": join, "Fn::Select": pick, "Fn::Split": split, "Fn::Base64": encode, "Fn::Cidr": cidr,
		"Fn::ToJsonString": toJSON, "Fn::Length": length,
	}[name]
}

const joinUsage = "Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined " +
	"or a function that returns a list of strings (such as Fn::GetAZs) to be joined."

// needsList is the answer of a function whose list is not known yet: AWS warns that its change set is incomplete.
func (s *scope) needsList(function, usage string, args any) any {
	if s.warn != nil {
		s.warn(usage)
	}
	return unknownBy(function, args)
}

func join(s *scope, v any) (any, error) {
	args, _ := v.([]any)
	if len(args) != 2 {
		return nil, invalid(joinUsage)
	}
	if isUnknown(args[1]) {
		return s.needsList("Fn::Join", joinUsage, args), nil
	}
	delimiter, isText := args[0].(string)
	list, isList := args[1].([]any)
	if !isText || !isList {
		return nil, invalid(joinUsage)
	}
	if hasUnknown(list) {
		return unknownBy("Fn::Join", args), nil
	}
	parts := make([]string, len(list))
	for i, item := range list {
		if !isScalar(item) {
			return nil, invalid(joinUsage)
		}
		parts[i] = text(item)
	}
	return strings.Join(parts, delimiter), nil
}

const selectUsage = "Template error: Fn::Select requires a list argument with two elements: an integer index and a list"

func pick(s *scope, v any) (any, error) {
	args, _ := v.([]any)
	if len(args) != 2 {
		return nil, invalid(selectUsage)
	}
	if isUnknown(args[1]) {
		return s.needsList("Fn::Select", selectUsage, args), nil
	}
	if isUnknown(args[0]) {
		return unknownBy("Fn::Select", args), nil
	}
	list, isList := args[1].([]any)
	i, err := strconv.Atoi(text(args[0]))
	if !isList || err != nil {
		return nil, invalid(selectUsage)
	}
	if i < 0 || i >= len(list) {
		return nil, invalid("Template error: Fn::Select cannot select nonexistent value at index %d", i)
	}
	return list[i], nil
}

func split(_ *scope, v any) (any, error) {
	args, _ := v.([]any)
	if len(args) != 2 || !isScalar(args[0]) {
		return nil, invalid("Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.")
	}
	if isUnknown(args[1]) {
		return unknownBy("Fn::Split", args), nil
	}
	out := []any{}
	for part := range strings.SplitSeq(text(args[1]), text(args[0])) {
		out = append(out, part)
	}
	return out, nil
}

func encode(_ *scope, v any) (any, error) {
	if isUnknown(v) {
		return unknownBy("Fn::Base64", v), nil
	}
	if !isScalar(v) {
		return nil, invalid("Template error: every Fn::Base64 object must have a String-typed value.")
	}
	return base64.StdEncoding.EncodeToString([]byte(text(v))), nil
}

func toJSON(_ *scope, v any) (any, error) {
	if hasUnknown(v) {
		return unknownBy("Fn::ToJsonString", v), nil
	}
	return compact(v), nil
}

func length(_ *scope, v any) (any, error) {
	switch v := v.(type) {
	case unknown:
		return unknownBy("Fn::Length", v), nil
	case []any:
		return strconv.Itoa(len(v)), nil
	case map[string]any:
		return strconv.Itoa(len(v)), nil
	default:
		return nil, invalid("Template error: Fn::Length requires a list or an object")
	}
}

func isScalar(v any) bool {
	switch v.(type) {
	case []any, map[string]any, unknown, noValue, nil:
		return false
	default:
		return true
	}
}

// cidr cuts count networks with the given number of host bits out of a block.
func cidr(_ *scope, v any) (any, error) {
	args, _ := v.([]any)
	if hasUnknown(args) {
		return unknownBy("Fn::Cidr", args), nil
	}
	usage := invalid("Template error: every Fn::Cidr object requires two or three parameters, (1) a CIDR block, (2) a count from 1 to 256 and (3) the number of host bits")
	if len(args) != 2 && len(args) != 3 {
		return nil, usage
	}
	block, err := netip.ParsePrefix(text(args[0]))
	count, badCount := strconv.Atoi(text(args[1]))
	if err != nil || badCount != nil || count < 1 || count > 256 {
		return nil, usage
	}
	bits := 8
	if len(args) == 3 {
		if bits, err = strconv.Atoi(text(args[2])); err != nil {
			return nil, usage
		}
	}
	return subnets(block, count, bits)
}

func subnets(block netip.Prefix, count, bits int) (any, error) {
	total := block.Addr().BitLen()
	free := total - block.Bits() - bits
	if bits < 1 || free < 0 || free < 8 && count > 1<<free {
		return nil, invalid("Template error: Fn::Cidr cannot cut %d networks of %d bits out of %s", count, bits, block)
	}
	start := new(big.Int).SetBytes(block.Masked().Addr().AsSlice())
	step := new(big.Int).Lsh(big.NewInt(1), uint(bits))
	out := make([]any, 0, count)
	for range count {
		address, _ := netip.AddrFromSlice(start.FillBytes(make([]byte, total/8)))
		out = append(out, netip.PrefixFrom(address, total-bits).String())
		start.Add(start, step)
	}
	return out, nil
}

// substitute is Fn::Sub in both forms.
func (s *scope) substitute(arg any) (any, error) {
	pattern, isText := arg.(string)
	vars := map[string]any{}
	if list, ok := arg.([]any); ok && len(list) == 2 {
		pattern, isText = list[0].(string)
		vars = object(list[1])
	}
	if !isText {
		return nil, invalid("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string")
	}
	var out strings.Builder
	var pieces []any
	for _, part := range subParts(pattern) {
		v, err := s.subPart(part, vars)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, v)
		if isUnknown(v) {
			continue
		}
		if !isScalar(v) {
			return nil, invalid("Template error: Fn::Sub expressions must not resolve to lists or objects")
		}
		out.WriteString(text(v))
	}
	if hasUnknown(pieces) {
		return unknownBy("Fn::Sub", pieces), nil
	}
	return out.String(), nil
}

type subPart struct{ literal, name string }

func subPattern() *regexp.Regexp { return regexp.MustCompile(`\$\{([^}]*)\}`) }

func subParts(pattern string) []subPart {
	var out []subPart
	for {
		at := subPattern().FindStringSubmatchIndex(pattern)
		if at == nil {
			return append(out, subPart{literal: pattern})
		}
		name := pattern[at[2]:at[3]]
		out = append(out, subPart{literal: pattern[:at[0]]})
		if strings.HasPrefix(name, "!") {
			out = append(out, subPart{literal: "${" + name[1:] + "}"})
		} else {
			out = append(out, subPart{name: strings.TrimSpace(name)})
		}
		pattern = pattern[at[1]:]
	}
}

func (s *scope) subPart(p subPart, vars map[string]any) (any, error) {
	if p.name == "" {
		return p.literal, nil
	}
	if v, ok := vars[p.name]; ok {
		return s.eval(v)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_.:]+$`).MatchString(p.name) {
		return nil, invalid("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
	}
	if strings.Contains(p.name, ".") {
		return s.attribute(p.name)
	}
	return s.reference(p.name)
}
