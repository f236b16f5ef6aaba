package cfn

import "slices"

// evalConditions decides every condition of the template.
func (s *scope) evalConditions() error {
	s.conds = map[string]bool{}
	for _, name := range sortedKeys(s.t.conditions) {
		if _, err := s.condition(name, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *scope) condition(name string, above []string) (bool, error) {
	if holds, done := s.conds[name]; done {
		return holds, nil
	}
	expr, ok := s.t.conditions[name]
	if !ok {
		return false, invalid("Template format error: Unresolved condition dependency %s in the Conditions block of the template", name)
	}
	if slices.Contains(above, name) {
		return false, invalid("Template format error: Circular dependencies between conditions %s", bracketed(above))
	}
	holds, err := s.test(expr, append(above, name))
	if err != nil {
		return false, err
	}
	s.conds[name] = holds
	return holds, nil
}

func (s *scope) test(expr any, above []string) (bool, error) {
	malformed := invalid("Template validation error: Template error: every Conditions member must be a condition function: Fn::And, Fn::Equals, Fn::Not, Fn::Or or Condition")
	m, ok := expr.(map[string]any)
	if !ok || len(m) != 1 {
		return false, malformed
	}
	if name, ok := m["Condition"].(string); ok {
		return s.condition(name, above)
	}
	for name, arg := range m {
		list, isList := arg.([]any)
		if !isList {
			return false, malformed
		}
		switch name {
		case "Fn::Equals":
			return s.equal(list)
		case "Fn::Not":
			if len(list) != 1 {
				return false, invalid("Template error: Fn::Not requires one condition")
			}
			holds, err := s.test(list[0], above)
			return !holds, err
		case "Fn::And", "Fn::Or":
			return s.combine(name, list, above)
		}
	}
	return false, malformed
}

func (s *scope) combine(name string, list []any, above []string) (bool, error) {
	if len(list) < 2 || len(list) > 10 {
		return false, invalid("Template error: every %s object requires a list of at least 2 and at most 10 boolean parameters.", name)
	}
	result := name == "Fn::And"
	for _, item := range list {
		holds, err := s.test(item, above)
		if err != nil {
			return false, err
		}
		if name == "Fn::And" {
			result = result && holds
		} else {
			result = result || holds
		}
	}
	return result, nil
}

func (s *scope) equal(list []any) (bool, error) {
	if len(list) != 2 {
		return false, invalid("Template error: every Fn::Equals object requires a list of two string parameters.")
	}
	left, err := s.eval(list[0])
	if err != nil {
		return false, err
	}
	right, err := s.eval(list[1])
	return canonical(left) == canonical(right), err
}
