package cfn

import (
	"encoding/json"
	"net/url"
	"slices"
)

func (e *Engine) getTemplate(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	answer := func(p *plan) (any, error) {
		return struct {
			TemplateBody    string
			StagesAvailable []string
		}{p.t.body, []string{"Original", "Processed"}}, nil
	}
	if form.Get("ChangeSetName") != "" {
		c, err := e.lookUpChangeSet(form)
		if err != nil {
			return nil, err
		}
		return answer(c.plan)
	}
	s, err := e.existing(form)
	if err != nil {
		return nil, err
	}
	if s.plan == nil {
		return nil, invalid("Template with stack name %s does not exist", s.name)
	}
	return answer(s.plan)
}

type parameterDeclShape struct {
	ParameterKey         string
	DefaultValue         *string
	ParameterType        string
	NoEcho               bool
	Description          string `wire:",omitempty"`
	ParameterConstraints struct {
		AllowedValues []string `wire:",omitempty"`
	}
}

type templateSummaryShape struct {
	Parameters         []parameterDeclShape
	Description        string   `wire:",omitempty"`
	Capabilities       []string `wire:",omitempty"`
	CapabilitiesReason string   `wire:",omitempty"`
	ResourceTypes      []string
	Version            string
	Metadata           string   `wire:",omitempty"`
	DeclaredTransforms []string `wire:",omitempty"`
}

func (e *Engine) getTemplateSummary(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, err := e.summarized(form)
	if err != nil {
		return nil, err
	}
	out := templateSummaryShape{Description: t.description, Version: "2010-09-09", DeclaredTransforms: t.transforms, Parameters: []parameterDeclShape{}}
	if capability, reason := t.needed(); capability != "" {
		out.Capabilities, out.CapabilitiesReason = []string{capability}, reason
	}
	for _, key := range sortedKeys(t.parameters) {
		d := t.parameters[key]
		x := parameterDeclShape{ParameterKey: key, DefaultValue: d.value, ParameterType: d.typ, NoEcho: d.noEcho, Description: d.description}
		x.ParameterConstraints.AllowedValues = d.allowed
		out.Parameters = append(out.Parameters, x)
	}
	for _, d := range t.resources {
		out.ResourceTypes = append(out.ResourceTypes, d.typ)
	}
	slices.Sort(out.ResourceTypes)
	if t.metadata != nil {
		out.Metadata = compact(t.metadata)
	}
	return out, nil
}

func (e *Engine) summarized(form url.Values) (*template, error) {
	if form.Get("StackName") == "" {
		return e.templateOf(form, nil)
	}
	s, err := e.existing(form)
	if err != nil {
		return nil, err
	}
	if s.plan == nil {
		return nil, invalid("Template with stack name %s does not exist", s.name)
	}
	return s.plan.t, nil
}

type templateParameterShape struct {
	ParameterKey string
	DefaultValue *string
	NoEcho       bool
	Description  string `wire:",omitempty"`
}

func (e *Engine) validateTemplate(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, err := e.templateOf(form, nil)
	if err != nil {
		return nil, err
	}
	if err := e.checkTypes(t); err != nil {
		return nil, err
	}
	out := struct {
		Parameters         []templateParameterShape
		Description        string   `wire:",omitempty"`
		Capabilities       []string `wire:",omitempty"`
		CapabilitiesReason string   `wire:",omitempty"`
		DeclaredTransforms []string `wire:",omitempty"`
	}{Parameters: []templateParameterShape{}, Description: t.description, DeclaredTransforms: t.transforms}
	for _, key := range sortedKeys(t.parameters) {
		d := t.parameters[key]
		out.Parameters = append(out.Parameters, templateParameterShape{key, d.value, d.noEcho, d.description})
	}
	if capability, reason := t.needed(); capability != "" {
		out.Capabilities, out.CapabilitiesReason = []string{capability}, reason
	}
	return out, nil
}

// takePolicy sets a stack policy. A policy is JSON with a Statement; an empty one changes nothing.
func (s *stack) takePolicy(body string) error {
	if body == "" {
		return nil
	}
	var policy map[string]any
	if json.Unmarshal([]byte(body), &policy) != nil {
		return invalid("Error validating stack policy: Invalid stack policy")
	}
	statements, _ := policy["Statement"].([]any)
	for _, v := range statements {
		if object(v)["Principal"] != "*" {
			return invalid("Error validating stack policy: Invalid stack policy")
		}
	}
	s.policy = body
	return nil
}

func (e *Engine) setStackPolicy(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s := e.find(form.Get("StackName"))
	if s == nil {
		return nil, invalid("Stack [%s] does not exist", form.Get("StackName"))
	}
	body := form.Get("StackPolicyBody")
	if u := form.Get("StackPolicyURL"); u != "" {
		if body != "" {
			return nil, invalid("You cannot specify both StackPolicyURL and StackPolicyBody")
		}
		if e.opt.CheckBody == nil {
			return nil, invalid("StackPolicyURL must be a supported URL.")
		}
		raw, err := e.opt.CheckBody(u)
		if err != nil {
			return nil, invalid("S3 error: %s", reasonOf(err))
		}
		body = string(raw)
	}
	return nil, s.takePolicy(body)
}

func (e *Engine) getStackPolicy(form url.Values) (any, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, err := e.existing(form)
	if err != nil {
		return nil, err
	}
	return struct {
		StackPolicyBody string `wire:",omitempty"`
	}{s.policy}, nil
}
