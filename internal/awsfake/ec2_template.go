package awsfake

import (
	"slices"
	"strconv"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// launchTemplate keeps the data of its versions as templates write it; whether it is any good shows when something is launched.
type launchTemplate struct {
	id, name string
	versions []props // the first is version 1
	standard int     // the default version
	created  time.Time
	tags     map[string]string
}

func (t *launchTemplate) attribute(name string) ([]string, bool) {
	if name == "launch-template-name" {
		return one(t.name), true
	}
	return nil, false
}

func (t *launchTemplate) tagMap() map[string]string { return t.tags }

// findTemplate looks a launch template up by ID or by name.
func (e *ec2Service) findTemplate(id, name string) (*launchTemplate, error) {
	if id != "" {
		if t := e.templates[id]; t != nil {
			return t, nil
		}
		return nil, wire.Errorf("InvalidLaunchTemplateId.NotFound", "The specified launch template, with template ID %s, does not exist.", id)
	}
	for _, t := range e.templates {
		if t.name == name {
			return t, nil
		}
	}
	return nil, wire.Errorf("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", name)
}

// version is the number behind a version's name.
func (t *launchTemplate) version(name string) (int, error) {
	switch name {
	case "$Latest":
		return len(t.versions), nil
	case "$Default", "":
		return t.standard, nil
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 1 || n > len(t.versions) {
		return 0, wire.Errorf("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version")
	}
	return n, nil
}

func (e *ec2Service) createTemplate(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("LaunchTemplateName", short(r.Name, 128))
	for _, t := range e.templates {
		if t.name == name {
			return cfn.Result{}, wire.Errorf("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
		}
	}
	t := &launchTemplate{id: randomID("lt-", 17), name: name, created: e.now(), standard: 1, tags: allTags(r, templateTags(p)), versions: []props{p.object("LaunchTemplateData")}}
	e.templates[t.id] = t
	return templateResult(t), nil
}

func templateTags(p props) map[string]string {
	for _, spec := range p.objects("TagSpecifications") {
		if spec.str("ResourceType") == "launch-template" {
			return spec.tags("Tags")
		}
	}
	return nil
}

func templateResult(t *launchTemplate) cfn.Result {
	return cfn.Result{PhysicalID: t.id, Attributes: map[string]any{
		"LaunchTemplateId": t.id, "LatestVersionNumber": strconv.Itoa(len(t.versions)), "DefaultVersionNumber": strconv.Itoa(t.standard),
	}}
}

// updateTemplate adds a version; the default version stays what it was, as CloudFormation leaves it.
func (e *ec2Service) updateTemplate(r cfn.Request, p props) (cfn.Result, error) {
	t, err := e.findTemplate(r.PhysicalID, "")
	if err != nil {
		return cfn.Result{}, err
	}
	if data := p.object("LaunchTemplateData"); text(map[string]any(data)) != text(map[string]any(t.versions[len(t.versions)-1])) {
		t.versions = append(t.versions, data)
	}
	t.tags = allTags(r, templateTags(p))
	return templateResult(t), nil
}

func (e *ec2Service) deleteTemplate(r cfn.Request) error {
	delete(e.templates, r.PhysicalID)
	return nil
}

func (e *ec2Service) describeLaunchTemplates(c *call) (any, error) {
	all := e.templates
	if names := wire.Strings(c.form, "LaunchTemplateName"); len(names) > 0 {
		all = map[string]*launchTemplate{}
		for _, name := range names {
			t, err := e.findTemplate("", name)
			if err != nil {
				return nil, err
			}
			all[t.id] = t
		}
	}
	found, next, err := choose(c, all, "LaunchTemplateId", func(id string) error {
		return wire.Errorf("InvalidLaunchTemplateId.NotFound", "At least one of the launch templates specified in the request does not exist.")
	})
	if err != nil {
		return nil, err
	}
	type view struct {
		LaunchTemplateId, LaunchTemplateName, CreatedBy string
		CreateTime                                      time.Time
		LatestVersionNumber, DefaultVersionNumber       int
		TagSet                                          []ec2Tag
	}
	views := []view{}
	for _, t := range found {
		views = append(views, view{t.id, t.name, e.user(), t.created, len(t.versions), t.standard, ec2Tags(t.tags)})
	}
	return struct {
		LaunchTemplates []view
		NextToken       string `wire:",omitempty"`
	}{views, next}, nil
}

func (e *ec2Service) describeLaunchTemplateVersions(c *call) (any, error) {
	t, err := e.findTemplate(c.form.Get("LaunchTemplateId"), c.form.Get("LaunchTemplateName"))
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, name := range wire.Strings(c.form, "LaunchTemplateVersion") {
		n, err := t.version(name)
		if err != nil {
			return nil, err
		}
		numbers = append(numbers, n)
	}
	if len(numbers) == 0 {
		for i := len(t.versions); i > 0; i-- {
			numbers = append(numbers, i)
		}
	}
	slices.SortFunc(numbers, func(a, b int) int { return b - a })
	views := []versionView{}
	for _, n := range slices.Compact(numbers) {
		views = append(views, versionView{t.id, t.name, n, t.created, e.user(), n == t.standard, dataView(t.versions[n-1])})
	}
	return struct{ LaunchTemplateVersionSet []versionView }{views}, nil
}
