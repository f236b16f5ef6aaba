package awsfake

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// iamService owns roles, their policies and instance profiles. Policies are checked for their form and shown again; nothing is
// decided by them.
type iamService struct {
	*core
	roles    map[string]*role
	profiles map[string]*instanceProfile
}

type role struct {
	name, id, path, trust, description string

	created  time.Time
	inline   map[string]string // policy documents by name
	attached []string          // ARNs of managed policies
	tags     map[string]string
}

type instanceProfile struct {
	name, id, path string
	created        time.Time
	roles          []string
}

func newIAM(c *core) *iamService {
	return &iamService{core: c, roles: map[string]*role{}, profiles: map[string]*instanceProfile{}}
}

func (i *iamService) service() *service {
	return &service{name: "iam", protocol: protocol{kind: query, namespace: "https://iam.amazonaws.com/doc/2010-05-08/"}, operations: map[string]operation{
		"GetRole":                  i.getRole,
		"ListRoles":                i.listRoles,
		"ListRolePolicies":         i.listRolePolicies,
		"GetRolePolicy":            i.getRolePolicy,
		"ListAttachedRolePolicies": i.listAttached,
		"GetInstanceProfile":       i.getInstanceProfile,
	}}
}

func noEntity(format string, args ...any) error {
	e := wire.Errorf("NoSuchEntity", format, args...)
	e.Status = http.StatusNotFound
	return e
}

func (i *iamService) role(name string) (*role, error) {
	if r := i.roles[name]; r != nil {
		return r, nil
	}
	return nil, noEntity("The role with name %s cannot be found.", name)
}

func (i *iamService) arnOf(kind, path, name string) string {
	return "arn:" + i.partition + ":iam::" + i.account + ":" + kind + path + name
}

type roleView struct {
	Path, RoleName, RoleId, Arn string
	CreateDate                  time.Time
	AssumeRolePolicyDocument    string
	Description                 string `wire:",omitempty"`
	MaxSessionDuration          int
	Tags                        []ssmTag
}

func (i *iamService) view(r *role) roleView {
	v := roleView{
		Path: r.path, RoleName: r.name, RoleId: r.id, Arn: i.arnOf("role", r.path, r.name), CreateDate: r.created,
		AssumeRolePolicyDocument: url.QueryEscape(r.trust), Description: r.description, MaxSessionDuration: 3600,
	}
	for _, k := range sortedKeys(r.tags) {
		v.Tags = append(v.Tags, ssmTag{k, r.tags[k]})
	}
	return v
}

func (i *iamService) getRole(c *call) (any, error) {
	r, err := i.role(c.form.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	return struct{ Role roleView }{i.view(r)}, nil
}

func (i *iamService) listRoles(c *call) (any, error) {
	views := []roleView{}
	for _, name := range sortedKeys(i.roles) {
		if r := i.roles[name]; strings.HasPrefix(r.path, c.form.Get("PathPrefix")) {
			views = append(views, i.view(r))
		}
	}
	return struct {
		Roles       []roleView
		IsTruncated bool
	}{views, false}, nil
}

func (i *iamService) listRolePolicies(c *call) (any, error) {
	r, err := i.role(c.form.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	return struct {
		PolicyNames []string
		IsTruncated bool
	}{sortedKeys(r.inline), false}, nil
}

func (i *iamService) getRolePolicy(c *call) (any, error) {
	r, err := i.role(c.form.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	document, ok := r.inline[c.form.Get("PolicyName")]
	if !ok {
		return nil, noEntity("The role policy with name %s cannot be found.", c.form.Get("PolicyName"))
	}
	return struct{ RoleName, PolicyName, PolicyDocument string }{r.name, c.form.Get("PolicyName"), url.QueryEscape(document)}, nil
}

func (i *iamService) listAttached(c *call) (any, error) {
	r, err := i.role(c.form.Get("RoleName"))
	if err != nil {
		return nil, err
	}
	type attached struct{ PolicyName, PolicyArn string }
	policies := []attached{}
	for _, arn := range r.attached {
		policies = append(policies, attached{arn[strings.LastIndex(arn, "/")+1:], arn})
	}
	return struct {
		AttachedPolicies []attached
		IsTruncated      bool
	}{policies, false}, nil
}

func (i *iamService) getInstanceProfile(c *call) (any, error) {
	p := i.profiles[c.form.Get("InstanceProfileName")]
	if p == nil {
		return nil, noEntity("Instance Profile %s cannot be found.", c.form.Get("InstanceProfileName"))
	}
	type view struct {
		Path, InstanceProfileName, InstanceProfileId, Arn string
		CreateDate                                        time.Time
		Roles                                             []roleView
	}
	v := view{p.path, p.name, p.id, i.arnOf("instance-profile", p.path, p.name), p.created, []roleView{}}
	for _, name := range p.roles {
		if r := i.roles[name]; r != nil {
			v.Roles = append(v.Roles, i.view(r))
		}
	}
	return struct{ InstanceProfile view }{v}, nil
}

// checkPolicy refuses what IAM would not take for a policy: it must be a JSON object with statements that have an effect and an action.
func checkPolicy(document any, trust bool) error {
	var policy struct{ Statement any }
	if err := json.Unmarshal([]byte(text(document)), &policy); err != nil || policy.Statement == nil {
		return wire.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
	}
	statements, ok := policy.Statement.([]any)
	if !ok {
		statements = []any{policy.Statement}
	}
	for _, s := range statements {
		m, _ := s.(map[string]any)
		p := props(m)
		switch {
		case p.str("Effect") != "Allow" && p.str("Effect") != "Deny", !p.has("Action") && !p.has("NotAction"):
			return wire.Errorf("MalformedPolicyDocument", "Syntax errors in policy.")
		case trust && !p.has("Principal"):
			return wire.Errorf("MalformedPolicyDocument", "AssumeRolepolicy contained an invalid principal: missing.")
		case !trust && !p.has("Resource") && !p.has("NotResource"):
			return wire.Errorf("MalformedPolicyDocument", "Policy statement must contain resources.")
		case !trust && p.has("Principal"):
			return wire.Errorf("MalformedPolicyDocument", "Policy document should not specify a principal.")
		}
	}
	return nil
}
