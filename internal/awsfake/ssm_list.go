package awsfake

import (
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type parameterFilter struct {
	Key, Option string
	Values      []string
}

type describeParametersInput struct {
	ParameterFilters, Filters []parameterFilter

	NextToken, Path           string
	MaxResults                int
	Recursive, WithDecryption bool
}

type parameterMetadata struct {
	Name, Type, ARN, Tier, DataType string
	LastModifiedUser                string
	KeyId                           string `json:",omitempty"`
	Description, AllowedPattern     string `json:",omitempty"`
	Version                         int
	LastModifiedDate                wire.Epoch
	Policies                        []string
}

func (s *ssmService) describeParameters(in describeParametersInput) (any, error) {
	found := []parameterMetadata{}
	for _, name := range sortedKeys(s.parameters) {
		p := s.parameters[name]
		ok, err := p.matchAll(slices.Concat(in.ParameterFilters, in.Filters))
		if err != nil {
			return nil, err
		}
		if ok {
			found = append(found, s.metadata(p))
		}
	}
	shown, next, err := page(found, in.NextToken, limitOf(in.MaxResults, 10, 50), "InvalidNextToken")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"Parameters": shown}, "NextToken", next), nil
}

func withToken(out map[string]any, name, token string) map[string]any {
	if token != "" {
		out[name] = token
	}
	return out
}

func (s *ssmService) metadata(p *parameter) parameterMetadata {
	return parameterMetadata{
		Name: p.name, Type: p.kind, ARN: s.parameterARN(p.name), Tier: p.tier, DataType: p.dataType, LastModifiedUser: s.user(), KeyId: p.keyID,
		Description: p.description, AllowedPattern: p.allowedPattern, Version: len(p.versions), LastModifiedDate: wire.Epoch(p.modified), Policies: []string{},
	}
}

func (p *parameter) matchAll(filters []parameterFilter) (bool, error) {
	for _, f := range filters {
		ok, err := p.match(f)
		if err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func (p *parameter) match(f parameterFilter) (bool, error) {
	if f.Key == "Path" {
		return slices.ContainsFunc(f.Values, func(path string) bool { return p.under(path, f.Option == "Recursive") }), nil
	}
	var got string
	switch f.Key {
	case "Name":
		got = p.name
	case "Type":
		got = p.kind
	case "KeyId":
		got = p.keyID
	case "Tier":
		got = p.tier
	case "DataType":
		got = p.dataType
	default:
		tag, ok := strings.CutPrefix(f.Key, "tag:")
		if !ok {
			return false, wire.Errorf("InvalidFilterKey", "The specified filter key %s is not valid.", f.Key)
		}
		if got, ok = p.tags[tag]; !ok {
			return false, nil
		}
	}
	return compare(f, got)
}

func compare(f parameterFilter, got string) (bool, error) {
	tests := map[string]func(string, string) bool{
		"": func(a, b string) bool { return a == b }, "Equals": func(a, b string) bool { return a == b },
		"BeginsWith": strings.HasPrefix, "Contains": strings.Contains,
	}
	test := tests[f.Option]
	if test == nil || f.Option == "Contains" && f.Key != "Name" {
		return false, wire.Errorf("InvalidFilterOption", "The specified filter option %s is not valid.", f.Option)
	}
	return slices.ContainsFunc(f.Values, func(want string) bool { return test(got, want) }), nil
}

// under tells whether p lies in the hierarchy below path, in its first level unless recursive.
func (p *parameter) under(path string, recursive bool) bool {
	rest, ok := strings.CutPrefix(p.name, strings.TrimSuffix(path, "/")+"/")
	return ok && (recursive || !strings.Contains(rest, "/"))
}

func (s *ssmService) getParametersByPath(in describeParametersInput) (any, error) {
	found := []parameterValue{}
	for _, name := range sortedKeys(s.parameters) {
		p := s.parameters[name]
		if !p.under(in.Path, in.Recursive) {
			continue
		}
		value, err := s.shown(p, len(p.versions), in.WithDecryption)
		if err != nil {
			return nil, err
		}
		found = append(found, value)
	}
	shown, next, err := page(found, in.NextToken, limitOf(in.MaxResults, 10, 10), "InvalidNextToken")
	if err != nil {
		return nil, err
	}
	return withToken(map[string]any{"Parameters": shown}, "NextToken", next), nil
}

type tagsInput struct {
	ResourceType, ResourceId string
	Tags                     []ssmTag
	TagKeys                  []string
}

func (s *ssmService) tagged(in tagsInput) (*parameter, error) {
	if in.ResourceType != "Parameter" {
		return nil, wire.Errorf("InvalidResourceType", "the local AWS tags parameters only, not %s", in.ResourceType)
	}
	p := s.parameters[in.ResourceId]
	if p == nil {
		return nil, wire.Errorf("InvalidResourceId", "")
	}
	return p, nil
}

func (s *ssmService) addTags(in tagsInput) (any, error) {
	p, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	for _, t := range in.Tags {
		p.tags[t.Key] = t.Value
	}
	return nil, nil
}

func (s *ssmService) removeTags(in tagsInput) (any, error) {
	p, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	for _, k := range in.TagKeys {
		delete(p.tags, k)
	}
	return nil, nil
}

func (s *ssmService) listTags(in tagsInput) (any, error) {
	p, err := s.tagged(in)
	if err != nil {
		return nil, err
	}
	tags := []ssmTag{}
	for _, k := range sortedKeys(p.tags) {
		tags = append(tags, ssmTag{k, p.tags[k]})
	}
	return map[string]any{"TagList": tags}, nil
}
