package awsfake

import (
	"fmt"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

func (s *ssmService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{
		"AWS::SSM::Parameter": resource{s.core, "Ssm", s.createResource, s.updateResource, s.deleteResource},
	}
}

func (s *ssmService) createResource(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("Name", "CFN-"+r.LogicalID+"-"+randomUpper(12))
	if s.parameters[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	return s.put(name, r, p, false)
}

func (s *ssmService) updateResource(r cfn.Request, p props) (cfn.Result, error) {
	return s.put(r.PhysicalID, r, p, true)
}

func (s *ssmService) put(name string, r cfn.Request, p props, overwrite bool) (cfn.Result, error) {
	_, err := s.putParameter(putParameterInput{
		Name: name, Value: p.str("Value"), Type: p.str("Type"), Description: p.str("Description"), Tier: p.str("Tier"), DataType: p.str("DataType"),
		AllowedPattern: p.str("AllowedPattern"), Policies: p.str("Policies"), Overwrite: overwrite,
	})
	if err != nil {
		return cfn.Result{}, err
	}
	s.parameters[name].tags = allTags(r, p.tags("Tags"))
	return cfn.Result{PhysicalID: name, Attributes: map[string]any{"Type": p.str("Type"), "Value": p.str("Value")}}, nil
}

func (s *ssmService) deleteResource(r cfn.Request) error {
	delete(s.parameters, r.PhysicalID)
	return nil
}

// resolve gives CloudFormation a parameter's value; an empty version means the latest. It takes the lock itself.
func (s *ssmService) resolve(name, version string, decrypt bool) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if version != "" {
		name += ":" + version
	}
	p, number, err := s.find(name)
	if err != nil {
		return "", fmt.Errorf("read parameter %s: %w", name, err)
	}
	value, err := s.shown(p, number, decrypt)
	return value.Value, err
}
