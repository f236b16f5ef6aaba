package awsfake

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type ssmTag struct{ Key, Value string }

type putParameterInput struct {
	Name, Value, Type, KeyId, Description, Tier, DataType, AllowedPattern, Policies string

	Overwrite bool
	Tags      []ssmTag
}

// putParameter checks as Parameter Store does, in its order: the name, the value, the type, the key, and whether it exists.
func (s *ssmService) putParameter(in putParameterInput) (any, error) {
	in.Name = strings.TrimSpace(in.Name)
	if err := s.checkPut(in); err != nil {
		return nil, err
	}
	p := s.parameters[in.Name]
	if p != nil && !in.Overwrite {
		return nil, wire.Errorf("ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	}
	if p == nil {
		p = &parameter{name: in.Name, tags: map[string]string{}}
	}
	kind := cmp.Or(in.Type, p.kind)
	if kind == "" {
		return nil, wire.Errorf("ValidationException", "A parameter type is required when you create a parameter.")
	}
	if kind == "SecureString" {
		in.KeyId = cmp.Or(in.KeyId, p.keyID, "alias/aws/ssm")
		if err := s.usable(in.KeyId); err != nil {
			return nil, err
		}
	}
	p.kind, p.keyID = kind, in.KeyId
	s.store(p, in)
	return map[string]any{"Version": len(p.versions), "Tier": p.tier}, nil
}

func (s *ssmService) store(p *parameter, in putParameterInput) {
	s.parameters[p.name] = p
	p.tier, p.dataType, p.modified = tierOf(in, p), cmp.Or(in.DataType, p.dataType, "text"), s.now()
	p.description, p.allowedPattern = cmp.Or(in.Description, p.description), cmp.Or(in.AllowedPattern, p.allowedPattern)
	p.value, p.versions = in.Value, append(p.versions, in.Value)
	for _, t := range in.Tags {
		p.tags[t.Key] = t.Value
	}
}

func tierOf(in putParameterInput, p *parameter) string {
	if in.Tier == "Intelligent-Tiering" {
		if len(in.Value) > 4096 || in.Policies != "" {
			return "Advanced"
		}
		return cmp.Or(p.tier, "Standard")
	}
	return cmp.Or(in.Tier, p.tier, "Standard")
}

func (s *ssmService) checkPut(in putParameterInput) error {
	if err := checkParameterName(in.Name); err != nil {
		return err
	}
	if in.Overwrite && len(in.Tags) > 0 {
		return wire.Errorf("ValidationException", "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, "+
			"please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.")
	}
	if !slices.Contains([]string{"", "String", "StringList", "SecureString"}, in.Type) {
		return wire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'type' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [SecureString, StringList, String]", in.Type)
	}
	if !slices.Contains([]string{"", "Standard", "Advanced", "Intelligent-Tiering"}, in.Tier) {
		return wire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'tier' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [Advanced, Intelligent-Tiering, Standard]", in.Tier)
	}
	if in.KeyId != "" && in.Type != "" && in.Type != "SecureString" {
		return wire.Errorf("ValidationException", "KeyId is not allowed for parameters of type %s.", in.Type)
	}
	if err := s.checkSize(in); err != nil {
		return err
	}
	return checkPattern(in)
}

func checkParameterName(name string) error {
	lower := strings.ToLower(strings.TrimPrefix(name, "/"))
	switch {
	case name == "":
		return wire.Errorf("ValidationException", "1 validation error detected: Value '' at 'name' failed to satisfy constraint: "+
			"Member must have length greater than or equal to 1")
	case strings.HasPrefix(lower, "aws"):
		return &wire.Error{Code: "AccessDeniedException", Message: fmt.Sprintf("No access to reserved parameter name: %s.", name), Status: http.StatusBadRequest}
	case strings.HasPrefix(lower, "ssm") || !regexp.MustCompile(`^(/?[a-zA-Z0-9_.-]+)+$`).MatchString(name):
		return wire.Errorf("ValidationException", `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of `+
			"sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_")
	case !strings.HasPrefix(name, "/") && strings.Contains(name, "/"):
		return wire.Errorf("ValidationException", "Parameter name must be a fully qualified name.")
	case strings.Count(name, "/") > 15:
		return wire.Errorf("HierarchyLevelLimitExceededException", "Parameter name hierarchy can't have more than 15 levels.")
	case len(name) > 1011:
		return wire.Errorf("ValidationException", "Parameter name must not exceed 1011 characters.")
	}
	return nil
}

func (s *ssmService) checkSize(in putParameterInput) error {
	tier := in.Tier
	if p := s.parameters[in.Name]; tier == "" && p != nil {
		tier = p.tier
	}
	switch {
	case in.Value == "":
		return wire.Errorf("ValidationException", "1 validation error detected: Value '' at 'value' failed to satisfy constraint: "+
			"Member must have length greater than or equal to 1")
	case len(in.Value) > 8192:
		return wire.Errorf("ValidationException", "Advanced tier parameters support a maximum parameter value of 8192 characters.")
	case len(in.Value) > 4096 && (tier == "" || tier == "Standard"):
		return wire.Errorf("ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "+
			"parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see "+
			"https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html")
	case strings.Contains(in.Value, "{{"):
		return wire.Errorf("ValidationException", "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.")
	}
	return nil
}

func checkPattern(in putParameterInput) error {
	if in.AllowedPattern == "" {
		return nil
	}
	pattern, err := regexp.Compile(in.AllowedPattern)
	if err != nil {
		return wire.Errorf("InvalidAllowedPatternException", "The request does not meet the regular expression requirement.")
	}
	if !pattern.MatchString(in.Value) {
		return wire.Errorf("ParameterPatternMismatchException", "Parameter value, cannot be validated against allowedPattern: %s", in.AllowedPattern)
	}
	return nil
}
