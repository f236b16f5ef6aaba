package template

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// needs are the resources that one refers to or depends on, directly.
func needs(resource any) []string {
	var out []string
	variable := regexp.MustCompile(`\$\{([A-Za-z0-9]+)(\.[A-Za-z0-9]+)?\}`)
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				walk(item)
			}
		case object:
			for key, value := range v {
				switch value := value.(type) {
				case string:
					if key == "Ref" && !strings.HasPrefix(value, "AWS::") {
						out = append(out, value)
					}
					if key == "Fn::Sub" {
						for _, match := range variable.FindAllStringSubmatch(value, -1) {
							out = append(out, match[1])
						}
					}
				case []any:
					if key == "Fn::GetAtt" {
						out = append(out, value[0].(string))
					}
					if key == "DependsOn" {
						for _, id := range value {
							out = append(out, id.(string))
						}
					}
				}
				walk(value)
			}
		}
	}
	walk(resource)
	return out
}

// before is every resource that CloudFormation must finish before it starts with id.
func before(t *testing.T, all map[string]any, id string, path ...string) []string {
	t.Helper()
	if slices.Contains(path, id) {
		t.Fatalf("resources need each other: %s", strings.Join(append(path, id), " > "))
	}
	if all[id] == nil {
		t.Fatalf("%s refers to %s, which is not in the template", path[len(path)-1], id)
	}
	var out []string
	for _, next := range needs(all[id]) {
		out = append(append(out, next), before(t, all, next, append(path, id)...)...)
	}
	return out
}

func TestOrderOfCreation(t *testing.T) {
	first := map[string][]string{
		"AgentGroup":          {"AgentConfigParameter", "KnownHostsParameter", "AgentRole", "AgentInstanceProfile"},
		"ScalerFunction":      {"ScalerLogGroup", "ScalerRole", "AgentGroup"},
		"MaintenanceFunction": {"MaintenanceLogGroup", "MaintenanceRole", "AgentGroup"},
	}
	for name, in := range goldenCases() {
		t.Run(name, func(t *testing.T) {
			all := resources(t, mustBuild(t, in))
			for id := range all {
				got := before(t, all, id)
				for _, want := range first[id] {
					if !slices.Contains(got, want) {
						t.Errorf("%s may be made before %s", id, want)
					}
				}
			}
		})
	}
}
