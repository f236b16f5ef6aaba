package deploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// grant is the smallest thing a policy says: one principal, action and resource under one condition.
type grant struct {
	deny                                   bool
	at                                     string // property that holds the policy, of what it is known by
	principal, action, resource, condition string
}

// grants words what a resource's properties permit after and not before.
func grants(resourceType string, before, after map[string]any) []string {
	texts := worded(missing(policies(after), policies(before)), false)
	texts = append(texts, worded(missing(policies(before), policies(after)), true)...)
	for _, name := range attachments(resourceType) {
		for _, value := range added(before[name], after[name]) {
			texts = append(texts, fmt.Sprintf("%s gains %s", name, value))
		}
	}
	if b, a := text(before["PermissionsBoundary"]), text(after["PermissionsBoundary"]); b != "" && a != b && len(after) > 0 {
		texts = append(texts, fmt.Sprintf("permissions boundary %s is no longer %s", b, "in force"))
	}
	if resourceType == "AWS::Lambda::Permission" && len(after) > 0 && text(before) != text(after) {
		texts = append(texts, permission(after))
	}
	return texts
}

// attachments are the list properties by which identities gain permissions.
func attachments(resourceType string) []string {
	if !strings.HasPrefix(resourceType, "AWS::IAM::") {
		return nil
	}
	return []string{"ManagedPolicyArns", "Roles", "Users", "Groups"}
}

func added(before, after any) []string {
	had := list(before)
	return slices.DeleteFunc(list(after), func(s string) bool { return slices.Contains(had, s) })
}

// list reads what may be one value or a list of them.
func list(v any) []string {
	items, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		return []string{text(v)}
	}
	var texts []string
	for _, item := range items {
		texts = append(texts, text(item))
	}
	return texts
}

func permission(p map[string]any) string {
	who := []string{text(p["Principal"])}
	for _, name := range []string{"SourceArn", "SourceAccount", "PrincipalOrgID"} {
		if limit := text(p[name]); limit != "" {
			who = append(who, limit)
		}
	}
	return fmt.Sprintf("allows %s on %s to %s", text(p["Action"]), text(p["FunctionName"]), strings.Join(who, " for "))
}

// policies finds every statement of every policy document in a resource, whatever property holds it: its own
// Statement, a list of inline policies, or JSON in a string.
func policies(properties map[string]any) []grant {
	var found []grant
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		at := name
		if name != "AssumeRolePolicyDocument" {
			at = "" // a statement that moves from one inline policy to another permits the same
		}
		found = append(found, documents(at, properties[name])...)
	}
	return found
}

func documents(at string, value any) []grant {
	switch v := value.(type) {
	case string:
		var parsed map[string]any
		if strings.HasPrefix(strings.TrimSpace(v), "{") && strings.Contains(v, `"Statement"`) && json.Unmarshal([]byte(v), &parsed) == nil {
			return documents(at, parsed)
		}
	case []any:
		var found []grant
		for _, item := range v {
			found = append(found, documents(at, item)...)
		}
		return found
	case map[string]any:
		if statements, ok := v["Statement"]; ok {
			return statementsOf(at, statements)
		}
		var found []grant
		for _, key := range slices.Sorted(maps.Keys(v)) {
			found = append(found, documents(at, v[key])...)
		}
		return found
	}
	return nil
}

func statementsOf(at string, value any) []grant {
	statements, ok := value.([]any)
	if !ok {
		statements = []any{value}
	}
	var found []grant
	for _, s := range statements {
		if statement, ok := s.(map[string]any); ok {
			found = append(found, statementGrants(at, statement)...)
		} else {
			found = append(found, grant{at: at, action: text(s)}) // a statement that is not known yet
		}
	}
	return found
}

func statementGrants(at string, s map[string]any) []grant {
	base := grant{deny: s["Effect"] == "Deny", at: at, condition: text(s["Condition"])}
	var found []grant
	for _, principal := range principals(s) {
		for _, action := range elements(s, "Action") {
			for _, resource := range elements(s, "Resource") {
				g := base
				g.principal, g.action, g.resource = principal, action, resource
				found = append(found, g)
			}
		}
	}
	return found
}

// elements are the values of a statement's element or of its negation; one empty value when it has neither.
func elements(s map[string]any, name string) []string {
	if values := list(s[name]); len(values) > 0 {
		return values
	}
	if values := list(s["Not"+name]); len(values) > 0 {
		return []string{"everything but " + strings.Join(values, ", ")}
	}
	return []string{""}
}

func principals(s map[string]any) []string {
	var found []string
	for _, name := range []string{"Principal", "NotPrincipal"} {
		who, ok := s[name].(map[string]any)
		if !ok {
			found = append(found, list(s[name])...)
			continue
		}
		for _, kind := range slices.Sorted(maps.Keys(who)) {
			for _, value := range list(who[kind]) {
				if name == "NotPrincipal" {
					value = "everyone but " + value
				}
				found = append(found, value)
			}
		}
	}
	if len(found) == 0 {
		return []string{""}
	}
	return found
}

func missing(all, from []grant) []grant {
	return slices.DeleteFunc(slices.Clone(all), func(g grant) bool { return slices.Contains(from, g) })
}

// worded joins grants that differ only in their action, allowing ones or, when denials are lifted, denying ones.
func worded(found []grant, lifted bool) []string {
	var order []grant
	actions := map[grant][]string{}
	for _, g := range found {
		if g.deny != lifted {
			continue
		}
		key := g
		key.action = ""
		if _, ok := actions[key]; !ok {
			order = append(order, key)
		}
		if !slices.Contains(actions[key], g.action) {
			actions[key] = append(actions[key], g.action)
		}
	}
	var texts []string
	for _, key := range order {
		texts = append(texts, key.sentence(strings.Join(actions[key], ", "), lifted))
	}
	return texts
}

func (g grant) sentence(actions string, lifted bool) string {
	sentence := "allows "
	if lifted {
		sentence = "no longer denies "
	}
	sentence += actions
	if g.resource != "" {
		sentence += " on " + g.resource
	}
	if g.principal != "" {
		sentence += " to " + g.principal
	}
	if g.condition != "" {
		sentence += " if " + g.condition
	}
	return sentence
}

func plural(n int, word string) string { return strconv.Itoa(n) + " " + word }
