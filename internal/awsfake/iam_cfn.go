package awsfake

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (i *iamService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{
		"AWS::IAM::Role":            resource{i.core, "Iam", i.createRole, i.updateRole, i.deleteRole},
		"AWS::IAM::InstanceProfile": resource{i.core, "Iam", i.createProfile, i.updateProfile, i.deleteProfile},
		"AWS::IAM::Policy":          resource{i.core, "Iam", i.createPolicy, i.updatePolicy, i.deletePolicy},
		"AWS::IAM::RolePolicy":      resource{i.core, "Iam", i.putRolePolicy, i.putRolePolicy, i.deleteRolePolicy},
	}
}

// short keeps a generated name within a service's limit, without losing the random end that makes it unique.
func short(name string, limit int) string {
	if len(name) <= limit {
		return name
	}
	end := name[strings.LastIndex(name, "-"):]
	return name[:limit-len(end)] + end
}

func (i *iamService) createRole(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("RoleName", short(r.Name, 64))
	if i.roles[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	made := &role{name: name, id: "AROA" + randomUpper(17), path: p.or("Path", "/"), created: i.now()}
	if err := i.applyRole(made, r, p); err != nil {
		return cfn.Result{}, err
	}
	i.roles[name] = made
	return i.roleResult(made), nil
}

func (i *iamService) updateRole(r cfn.Request, p props) (cfn.Result, error) {
	found, err := i.role(r.PhysicalID)
	if err != nil {
		return cfn.Result{}, err
	}
	if err := i.applyRole(found, r, p); err != nil {
		return cfn.Result{}, err
	}
	return i.roleResult(found), nil
}

func (i *iamService) roleResult(r *role) cfn.Result {
	return cfn.Result{PhysicalID: r.name, Attributes: map[string]any{"Arn": i.arnOf("role", r.path, r.name), "RoleId": r.id}}
}

// applyRole checks everything before it changes anything. Inline policies that came through AWS::IAM::Policy stay.
func (i *iamService) applyRole(made *role, r cfn.Request, p props) error {
	if err := checkPolicy(p["AssumeRolePolicyDocument"], true); err != nil {
		return err
	}
	inline := map[string]string{}
	maps.Copy(inline, made.inline)
	for _, old := range props(r.Previous).objects("Policies") {
		delete(inline, old.str("PolicyName"))
	}
	for _, policy := range p.objects("Policies") {
		if err := checkPolicy(policy["PolicyDocument"], false); err != nil {
			return err
		}
		inline[policy.str("PolicyName")] = policy.str("PolicyDocument")
	}
	for _, arn := range p.strings("ManagedPolicyArns") {
		if !strings.HasPrefix(arn, "arn:"+i.partition+":iam::aws:policy/") {
			return noEntity("Policy %s does not exist or is not attachable.", arn)
		}
	}
	made.trust, made.description, made.inline = p.str("AssumeRolePolicyDocument"), p.str("Description"), inline
	made.attached, made.tags = p.strings("ManagedPolicyArns"), allTags(r, p.tags("Tags"))
	return nil
}

func (i *iamService) deleteRole(r cfn.Request) error {
	found := i.roles[r.PhysicalID]
	if found == nil {
		return nil
	}
	for _, p := range i.profiles {
		if slices.Contains(p.roles, found.name) {
			return &wire.Error{Code: "DeleteConflict", Message: "Cannot delete entity, must remove roles from instance profile first.", Status: 409}
		}
	}
	own := map[string]bool{}
	for _, p := range props(r.Properties).objects("Policies") {
		own[p.str("PolicyName")] = true
	}
	for name := range found.inline {
		if !own[name] {
			return &wire.Error{Code: "DeleteConflict", Message: "Cannot delete entity, must delete policies first.", Status: 409}
		}
	}
	delete(i.roles, found.name)
	return nil
}

func (i *iamService) createProfile(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("InstanceProfileName", short(r.Name, 128))
	if i.profiles[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	profile := &instanceProfile{name: name, id: "AIPA" + randomUpper(17), path: p.or("Path", "/"), created: i.now()}
	if err := i.setRoles(profile, p); err != nil {
		return cfn.Result{}, err
	}
	i.profiles[name] = profile
	return i.profileResult(profile), nil
}

func (i *iamService) updateProfile(r cfn.Request, p props) (cfn.Result, error) {
	profile := i.profiles[r.PhysicalID]
	if profile == nil {
		return cfn.Result{}, noEntity("Instance Profile %s cannot be found.", r.PhysicalID)
	}
	if err := i.setRoles(profile, p); err != nil {
		return cfn.Result{}, err
	}
	return i.profileResult(profile), nil
}

func (i *iamService) setRoles(profile *instanceProfile, p props) error {
	for _, name := range p.strings("Roles") {
		if _, err := i.role(name); err != nil {
			return err
		}
	}
	profile.roles = p.strings("Roles")
	return nil
}

func (i *iamService) profileResult(p *instanceProfile) cfn.Result {
	return cfn.Result{PhysicalID: p.name, Attributes: map[string]any{"Arn": i.arnOf("instance-profile", p.path, p.name)}}
}

func (i *iamService) deleteProfile(r cfn.Request) error {
	delete(i.profiles, r.PhysicalID)
	return nil
}

func (i *iamService) createPolicy(r cfn.Request, p props) (cfn.Result, error) {
	id := short(r.Name, 64)
	return cfn.Result{PhysicalID: id, Attributes: map[string]any{"Id": id}}, i.setPolicy(nil, p)
}

func (i *iamService) updatePolicy(r cfn.Request, p props) (cfn.Result, error) {
	return cfn.Result{PhysicalID: r.PhysicalID, Attributes: r.Attributes}, i.setPolicy(r.Previous, p)
}

func (i *iamService) setPolicy(before, p props) error {
	if err := checkPolicy(p["PolicyDocument"], false); err != nil {
		return err
	}
	for _, name := range p.strings("Roles") {
		if _, err := i.role(name); err != nil {
			return err
		}
	}
	i.detach(before)
	for _, name := range p.strings("Roles") {
		i.roles[name].inline[p.str("PolicyName")] = p.str("PolicyDocument")
	}
	return nil
}

func (i *iamService) detach(p props) {
	for _, name := range p.strings("Roles") {
		if r := i.roles[name]; r != nil {
			delete(r.inline, p.str("PolicyName"))
		}
	}
}

func (i *iamService) deletePolicy(r cfn.Request) error {
	i.detach(r.Properties)
	return nil
}

func (i *iamService) putRolePolicy(_ cfn.Request, p props) (cfn.Result, error) {
	r, err := i.role(p.str("RoleName"))
	if err != nil {
		return cfn.Result{}, err
	}
	if err := checkPolicy(p["PolicyDocument"], false); err != nil {
		return cfn.Result{}, err
	}
	r.inline[p.str("PolicyName")] = p.str("PolicyDocument")
	return cfn.Result{PhysicalID: fmt.Sprintf("%s|%s", p.str("PolicyName"), r.name)}, nil
}

func (i *iamService) deleteRolePolicy(r cfn.Request) error {
	p := props(r.Properties)
	if found := i.roles[p.str("RoleName")]; found != nil {
		delete(found.inline, p.str("PolicyName"))
	}
	return nil
}
