package awsfake

import (
	"strconv"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// Network are the identifiers of the VPCs that every local AWS has. They are the same in each, so that tests may spell them out.
type Network struct {
	DefaultVPC           string   `json:"defaultVpc"`
	DefaultSubnets       []string `json:"defaultSubnets"` // public, one a zone
	DefaultSecurityGroup string   `json:"defaultSecurityGroup"`

	VPC            string   `json:"vpc"`            // not the default
	PrivateSubnets []string `json:"privateSubnets"` // in zones a and b, out through NAT
	PublicSubnet   string   `json:"publicSubnet"`   // in zone a
	IsolatedSubnet string   `json:"isolatedSubnet"` // in zone c, no way out
	IsolatedTable  string   `json:"isolatedTable"`  // its route table
	SecurityGroup  string   `json:"securityGroup"`  // the VPC's own default group
}

type vpc struct {
	id, cidr  string
	isDefault bool
	tags      map[string]string
}

type subnet struct {
	id, vpc, cidr, zone string
	public              bool // maps public addresses on launch
	isDefault           bool
	tags                map[string]string
}

type routeTable struct {
	id, vpc string
	main    bool
	subnets []string
	routes  []route
	tags    map[string]string
}

type route struct{ destination, target string }

type internetGateway struct{ id, vpc string }

func (e *ec2Service) seedNetwork() {
	n := Network{
		DefaultVPC: "vpc-0de00000000000001", DefaultSubnets: []string{"subnet-0de000000000000a1", "subnet-0de000000000000b1", "subnet-0de000000000000c1"},
		VPC: "vpc-0ab00000000000002", PrivateSubnets: []string{"subnet-0ab000000000000a2", "subnet-0ab000000000000b2"},
		PublicSubnet: "subnet-0ab00000000000a03", IsolatedSubnet: "subnet-0ab00000000000c04", IsolatedTable: "rtb-0ab00000000000004",
	}
	e.vpcs[n.DefaultVPC] = &vpc{n.DefaultVPC, "172.31.0.0/16", true, nil}
	e.vpcs[n.VPC] = &vpc{n.VPC, "10.0.0.0/16", false, map[string]string{"Name": "ci"}}
	zones := e.zones()
	for i, id := range n.DefaultSubnets {
		e.subnets[id] = &subnet{id, n.DefaultVPC, "172.31." + strconv.Itoa(16*i) + ".0/20", zones[i], true, true, nil}
	}
	for i, id := range n.PrivateSubnets {
		e.subnets[id] = &subnet{id, n.VPC, "10.0." + strconv.Itoa(i) + ".0/24", zones[i], false, false, map[string]string{"Name": "ci-private-" + zones[i]}}
	}
	e.subnets[n.PublicSubnet] = &subnet{n.PublicSubnet, n.VPC, "10.0.10.0/24", zones[0], true, false, map[string]string{"Name": "ci-public"}}
	e.subnets[n.IsolatedSubnet] = &subnet{n.IsolatedSubnet, n.VPC, "10.0.20.0/24", zones[2], false, false, map[string]string{"Name": "ci-isolated"}}
	e.network = n
	e.seedRoutes()
	e.network.DefaultSecurityGroup = e.seedGroup("sg-0de00000000000001", n.DefaultVPC)
	e.network.SecurityGroup = e.seedGroup("sg-0ab00000000000002", n.VPC)
}

func (e *ec2Service) seedRoutes() {
	n := e.network
	e.gateways["igw-0de00000000000001"] = &internetGateway{"igw-0de00000000000001", n.DefaultVPC}
	e.gateways["igw-0ab00000000000002"] = &internetGateway{"igw-0ab00000000000002", n.VPC}
	for _, t := range []*routeTable{
		{"rtb-0de00000000000001", n.DefaultVPC, true, nil, []route{{"172.31.0.0/16", "local"}, {"0.0.0.0/0", "igw-0de00000000000001"}}, nil},
		{"rtb-0ab00000000000001", n.VPC, true, nil, []route{{"10.0.0.0/16", "local"}}, nil},
		{"rtb-0ab00000000000002", n.VPC, false, n.PrivateSubnets, []route{{"10.0.0.0/16", "local"}, {"0.0.0.0/0", "nat-0ab00000000000002"}}, nil},
		{
			"rtb-0ab00000000000003", n.VPC, false,
			[]string{n.PublicSubnet},
			[]route{{"10.0.0.0/16", "local"}, {"0.0.0.0/0", "igw-0ab00000000000002"}},
			nil,
		},
		{n.IsolatedTable, n.VPC, false, []string{n.IsolatedSubnet}, []route{{"10.0.0.0/16", "local"}}, map[string]string{"Name": "ci-isolated"}},
	} {
		e.routes[t.id] = t
	}
}

func (v *vpc) attribute(name string) ([]string, bool) {
	values := map[string]string{
		"vpc-id": v.id, "is-default": strconv.FormatBool(v.isDefault), "isDefault": strconv.FormatBool(v.isDefault), "cidr": v.cidr, "state": "available",
	}
	value, ok := values[name]
	return one(value), ok
}

func (v *vpc) tagMap() map[string]string { return v.tags }

func (s *subnet) attribute(name string) ([]string, bool) {
	values := map[string]string{
		"subnet-id": s.id, "vpc-id": s.vpc, "availability-zone": s.zone, "availabilityZone": s.zone, "cidr-block": s.cidr, "state": "available",
		"default-for-az": strconv.FormatBool(s.isDefault), "map-public-ip-on-launch": strconv.FormatBool(s.public),
	}
	value, ok := values[name]
	return one(value), ok
}

func (s *subnet) tagMap() map[string]string { return s.tags }

func (t *routeTable) attribute(name string) ([]string, bool) {
	switch name {
	case "vpc-id":
		return one(t.vpc), true
	case "route-table-id", "association.route-table-id":
		return one(t.id), true
	case "association.main":
		return one(strconv.FormatBool(t.main)), true
	case "association.subnet-id":
		return t.subnets, true
	}
	return nil, false
}

func (t *routeTable) tagMap() map[string]string { return t.tags }

func (g *internetGateway) attribute(name string) ([]string, bool) {
	values := map[string]string{"internet-gateway-id": g.id, "attachment.vpc-id": g.vpc, "attachment.state": "available"}
	value, ok := values[name]
	return one(value), ok
}

func (g *internetGateway) tagMap() map[string]string { return nil }

func noVPC(id string) error {
	return wire.Errorf("InvalidVpcID.NotFound", "The vpc ID '%s' does not exist", id)
}

func noSubnet(id string) error {
	return wire.Errorf("InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist", id)
}
