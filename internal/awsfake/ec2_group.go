package awsfake

import (
	"regexp"
	"strconv"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type securityGroup struct {
	id, name, description, vpc string
	ingress, egress            []groupRule
	tags                       map[string]string
}

// groupRule is one permission with one peer: exactly one of cidr, cidr6, prefixList and group is set.
type groupRule struct {
	id                             string // sgr-..., where the rule is a resource of its own
	protocol                       string
	from, to                       int
	cidr, cidr6, prefixList, group string
	description                    string
}

func allTraffic() groupRule { return groupRule{protocol: "-1", from: -1, to: -1, cidr: "0.0.0.0/0"} }

func (e *ec2Service) seedGroup(id, vpcID string) string {
	e.groups[id] = &securityGroup{
		id: id, name: "default", description: "default VPC security group", vpc: vpcID, egress: []groupRule{allTraffic()},
		ingress: []groupRule{{protocol: "-1", from: -1, to: -1, group: id}},
	}
	return id
}

func (g *securityGroup) attribute(name string) ([]string, bool) {
	values := map[string]string{"group-id": g.id, "group-name": g.name, "vpc-id": g.vpc, "description": g.description}
	value, ok := values[name]
	return one(value), ok
}

func (g *securityGroup) tagMap() map[string]string { return g.tags }

func noGroup(id string) error {
	return wire.Errorf("InvalidGroup.NotFound", "The security group '%s' does not exist", id)
}

type permissionView struct {
	IpProtocol       string
	FromPort, ToPort *int
	IpRanges         []rangeView
	Ipv6Ranges       []range6View
	PrefixListIds    []prefixView
	Groups           []pairView
}

type rangeView struct {
	CidrIp      string
	Description string `wire:",omitempty"`
}

type range6View struct {
	CidrIpv6    string
	Description string `wire:",omitempty"`
}

type prefixView struct {
	PrefixListId string
	Description  string `wire:",omitempty"`
}

type pairView struct {
	GroupId, UserId string
	Description     string `wire:",omitempty"`
}

// permissions gathers rules of the same protocol and ports, as EC2 shows them.
func (e *ec2Service) permissions(rules []groupRule) []permissionView {
	type ports struct {
		protocol string
		from, to int
	}
	views, index := []permissionView{}, map[ports]int{}
	for _, r := range rules {
		k := ports{r.protocol, r.from, r.to}
		if _, ok := index[k]; !ok {
			index[k] = len(views)
			views = append(views, newPermission(r))
		}
		v := &views[index[k]]
		switch {
		case r.cidr != "":
			v.IpRanges = append(v.IpRanges, rangeView{r.cidr, r.description})
		case r.cidr6 != "":
			v.Ipv6Ranges = append(v.Ipv6Ranges, range6View{r.cidr6, r.description})
		case r.prefixList != "":
			v.PrefixListIds = append(v.PrefixListIds, prefixView{r.prefixList, r.description})
		default:
			v.Groups = append(v.Groups, pairView{r.group, e.account, r.description})
		}
	}
	return views
}

func newPermission(r groupRule) permissionView {
	v := permissionView{IpProtocol: r.protocol}
	if r.protocol != "-1" {
		v.FromPort, v.ToPort = &r.from, &r.to
	}
	return v
}

func (e *ec2Service) describeSecurityGroups(c *call) (any, error) {
	for _, id := range wire.Strings(c.form, "GroupId") {
		if !regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`).MatchString(id) {
			return nil, wire.Errorf("InvalidGroupId.Malformed", `Invalid id: "%s" (expecting "sg-...")`, id)
		}
	}
	found, next, err := choose(c, e.groups, "GroupId", noGroup)
	if err != nil {
		return nil, err
	}
	type view struct {
		OwnerId, GroupId, GroupName, GroupDescription, VpcId string
		IpPermissions, IpPermissionsEgress                   []permissionView
		TagSet                                               []ec2Tag
	}
	views := []view{}
	for _, g := range found {
		views = append(views, view{
			e.account, g.id, g.name, g.description, g.vpc, e.permissions(g.ingress), e.permissions(g.egress), ec2Tags(g.tags),
		})
	}
	return struct {
		SecurityGroupInfo []view
		NextToken         string `wire:",omitempty"`
	}{views, next}, nil
}

// ruleOf reads a rule from a template, in which ports default to all.
func ruleOf(p props) groupRule {
	r := groupRule{
		protocol: protocolName(p.str("IpProtocol")), from: p.num("FromPort", -1), to: p.num("ToPort", -1), cidr: p.str("CidrIp"), cidr6: p.str("CidrIpv6"),
		description: p.str("Description"),
	}
	for _, name := range []string{"SourceSecurityGroupId", "DestinationSecurityGroupId"} {
		if p.has(name) {
			r.group = p.str(name)
		}
	}
	for _, name := range []string{"SourcePrefixListId", "DestinationPrefixListId"} {
		if p.has(name) {
			r.prefixList = p.str(name)
		}
	}
	return r
}

func protocolName(p string) string {
	switch p {
	case "6":
		return "tcp"
	case "17":
		return "udp"
	case "1":
		return "icmp"
	}
	return p
}

func (e *ec2Service) checkRule(r groupRule) error {
	switch {
	case r.cidr == "" && r.cidr6 == "" && r.prefixList == "" && r.group == "":
		return wire.Errorf("InvalidParameterValue", "Either CidrIp, CidrIpv6, or a group must be specified")
	case r.group != "" && e.groups[r.group] == nil:
		return noGroup(r.group)
	case (r.protocol == "tcp" || r.protocol == "udp") && (r.from < 0 || r.to > 65535 || r.from > r.to):
		return wire.Errorf("InvalidParameterValue", "Invalid TCP/UDP port range (%s:%s)", strconv.Itoa(r.from), strconv.Itoa(r.to))
	}
	return nil
}
