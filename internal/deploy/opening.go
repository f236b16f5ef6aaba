package deploy

import (
	"fmt"
	"slices"
)

// openings words the inbound rules that a resource has after and not before.
func openings(resourceType string, before, after map[string]any) []string {
	var had, has []string
	switch resourceType {
	case "AWS::EC2::SecurityGroup":
		had, has = rules(before["SecurityGroupIngress"]), rules(after["SecurityGroupIngress"])
	case "AWS::EC2::SecurityGroupIngress":
		had, has = rules(wrapped(before)), rules(wrapped(after))
	}
	var opened []string
	for _, rule := range has {
		if !slices.Contains(had, rule) && !slices.Contains(opened, rule) {
			opened = append(opened, rule)
		}
	}
	return opened
}

func wrapped(rule map[string]any) any {
	if len(rule) == 0 {
		return nil
	}
	return rule
}

func rules(v any) []string {
	items, ok := v.([]any)
	if !ok {
		if v == nil {
			return nil
		}
		items = []any{v}
	}
	var texts []string
	for _, item := range items {
		if rule, ok := item.(map[string]any); ok {
			texts = append(texts, ruleText(rule))
		} else {
			texts = append(texts, text(item)) // rules that are not known yet
		}
	}
	return texts
}

// ruleText leaves the description out: it opens nothing.
func ruleText(rule map[string]any) string {
	return fmt.Sprintf("%s may reach %s", source(rule), ports(rule))
}

func source(rule map[string]any) string {
	for _, name := range []string{"CidrIp", "CidrIpv6"} {
		switch cidr := text(rule[name]); cidr {
		case "":
		case "0.0.0.0/0", "::/0":
			return "everyone (" + cidr + ")"
		default:
			return cidr
		}
	}
	for _, name := range []string{"SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId"} {
		if id := text(rule[name]); id != "" {
			return id
		}
	}
	return "an unknown source"
}

// ports reads a rule's protocol and ports: -1 is all protocols, and for ICMP the ports are type and code.
func ports(rule map[string]any) string {
	protocol, from, to := text(rule["IpProtocol"]), text(rule["FromPort"]), text(rule["ToPort"])
	switch {
	case protocol == "-1" || protocol == "all":
		return "all ports"
	case protocol == "icmp" || protocol == "icmpv6" || protocol == "1" || protocol == "58":
		return "ICMP"
	case from == "" && to == "" || from == "-1":
		return "all " + protocol + " ports"
	case from == "0" && to == "65535":
		return "all " + protocol + " ports"
	case from == to || to == "":
		return protocol + " port " + from
	}
	return protocol + " ports " + from + " to " + to
}
