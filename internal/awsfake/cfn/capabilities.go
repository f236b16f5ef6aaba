package cfn

import (
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// needed is the capability that a template must be granted, and why; both are empty when it needs none.
func (t *template) needed() (capability, reason string) {
	var types []string
	for _, d := range t.resources {
		name := customIAMName(d.typ)
		if name == "" {
			continue
		}
		types = append(types, d.typ)
		if capability == "" {
			capability = "CAPABILITY_IAM"
		}
		if _, named := d.properties[name]; named && name != "-" {
			capability = "CAPABILITY_NAMED_IAM"
		}
	}
	if capability != "" {
		reason = "The following resource(s) require capabilities: " + bracketed(types)
	}
	return capability, reason
}

// customIAMName is the property that gives an IAM resource a name of its own; "-" for those that have none, empty for
// types that are not IAM's.
func customIAMName(typ string) string {
	kind, ok := strings.CutPrefix(typ, "AWS::IAM::")
	if !ok {
		return ""
	}
	switch kind {
	case "Role", "User", "Group", "InstanceProfile":
		return kind + "Name"
	case "ManagedPolicy":
		return "ManagedPolicyName"
	default:
		return "-"
	}
}

func (t *template) checkCapabilities(granted []string) error {
	for _, c := range granted {
		if !slices.Contains([]string{"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"}, c) {
			return invalid("1 validation error detected: Value '%s' at 'capabilities' failed to satisfy constraint: Member must satisfy constraint: "+
				"[Member must satisfy enum value set: [CAPABILITY_IAM, CAPABILITY_NAMED_IAM, CAPABILITY_AUTO_EXPAND]]", bracketed(granted))
		}
	}
	if len(t.transforms) > 0 && !slices.Contains(granted, "CAPABILITY_AUTO_EXPAND") {
		return wire.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_AUTO_EXPAND]")
	}
	need, _ := t.needed()
	ok := need == "" || slices.Contains(granted, "CAPABILITY_NAMED_IAM") || need == "CAPABILITY_IAM" && slices.Contains(granted, need)
	if ok {
		return nil
	}
	return wire.Errorf("InsufficientCapabilitiesException", "Requires capabilities : [%s]", need)
}
