package awsfake

import (
	"cmp"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (e *ec2Service) describeVpcs(c *call) (any, error) {
	found, next, err := choose(c, e.vpcs, "VpcId", noVPC)
	if err != nil {
		return nil, err
	}
	type view struct {
		VpcId, OwnerId, State, CidrBlock, InstanceTenancy string
		IsDefault                                         bool
		TagSet                                            []ec2Tag
	}
	views := []view{}
	for _, v := range found {
		views = append(views, view{v.id, e.account, "available", v.cidr, "default", v.isDefault, ec2Tags(v.tags)})
	}
	return struct {
		VpcSet    []view
		NextToken string `wire:",omitempty"`
	}{views, next}, nil
}

func (e *ec2Service) describeSubnets(c *call) (any, error) {
	found, next, err := choose(c, e.subnets, "SubnetId", noSubnet)
	if err != nil {
		return nil, err
	}
	type view struct {
		SubnetId, SubnetArn, VpcId, OwnerId, State, CidrBlock, AvailabilityZone, AvailabilityZoneId string
		AvailableIpAddressCount                                                                     int
		DefaultForAz, MapPublicIpOnLaunch                                                           bool
		TagSet                                                                                      []ec2Tag
	}
	views := []view{}
	for _, s := range found {
		views = append(views, view{
			s.id, e.arn("ec2", "subnet/"+s.id), s.vpc, e.account, "available", s.cidr, s.zone, e.zoneID(s.zone), 250, s.isDefault, s.public, ec2Tags(s.tags),
		})
	}
	return struct {
		SubnetSet []view
		NextToken string `wire:",omitempty"`
	}{views, next}, nil
}

type routeView struct {
	DestinationCidrBlock    string
	GatewayId, NatGatewayId string `wire:",omitempty"`
	State, Origin           string
}

type associationView struct {
	RouteTableAssociationId, RouteTableId string
	SubnetId                              string `wire:",omitempty"`
	Main                                  bool
	AssociationState                      struct{ State string }
}

func (t *routeTable) views() (routes []routeView, associations []associationView) {
	for _, r := range t.routes {
		v := routeView{DestinationCidrBlock: r.destination, State: "active", Origin: "CreateRoute", GatewayId: r.target}
		if strings.HasPrefix(r.target, "nat-") {
			v.GatewayId, v.NatGatewayId = "", r.target
		}
		if r.target == "local" {
			v.Origin = "CreateRouteTable"
		}
		routes = append(routes, v)
	}
	associated := struct{ State string }{"associated"}
	if t.main {
		associations = append(associations, associationView{"rtbassoc-" + t.id[4:], t.id, "", true, associated})
	}
	for _, s := range t.subnets {
		associations = append(associations, associationView{"rtbassoc-" + s[7:], t.id, s, false, associated})
	}
	return routes, associations
}

func (e *ec2Service) describeRouteTables(c *call) (any, error) {
	found, next, err := choose(c, e.routes, "RouteTableId", func(id string) error {
		return wire.Errorf("InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist", id)
	})
	if err != nil {
		return nil, err
	}
	type view struct {
		RouteTableId, VpcId, OwnerId string
		RouteSet                     []routeView
		AssociationSet               []associationView
		TagSet                       []ec2Tag
	}
	views := []view{}
	for _, t := range found {
		routes, associations := t.views()
		views = append(views, view{t.id, t.vpc, e.account, routes, associations, ec2Tags(t.tags)})
	}
	return struct {
		RouteTableSet []view
		NextToken     string `wire:",omitempty"`
	}{views, next}, nil
}

func (e *ec2Service) describeInternetGateways(c *call) (any, error) {
	found, next, err := choose(c, e.gateways, "InternetGatewayId", func(id string) error {
		return wire.Errorf("InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist", id)
	})
	if err != nil {
		return nil, err
	}
	type attachment struct{ VpcId, State string }
	type view struct {
		InternetGatewayId, OwnerId string
		AttachmentSet              []attachment
	}
	views := []view{}
	for _, g := range found {
		views = append(views, view{g.id, e.account, []attachment{{g.vpc, "available"}}})
	}
	return struct {
		InternetGatewaySet []view
		NextToken          string `wire:",omitempty"`
	}{views, next}, nil
}

func (e *ec2Service) zoneID(zone string) string {
	return "use1-az" + string(zone[len(zone)-1]-'a'+'1')
}

func (e *ec2Service) describeAvailabilityZones(c *call) (any, error) {
	type view struct {
		ZoneName, ZoneId, RegionName, ZoneState, ZoneType, OptInStatus, GroupName string
	}
	wanted := wire.Strings(c.form, "ZoneName")
	views := []view{}
	for _, z := range e.zones() {
		if len(wanted) == 0 || slices.Contains(wanted, z) {
			views = append(views, view{z, e.zoneID(z), e.region, "available", "availability-zone", "opt-in-not-required", e.region + "-zg-1"})
		}
	}
	return struct {
		AvailabilityZoneInfo []view
	}{views}, nil
}

// subnetIn is the subnet of the default VPC in a zone, where groups without subnets of their own launch.
func (e *ec2Service) subnetIn(zone string) string {
	found := ""
	for id, s := range e.subnets {
		if s.isDefault && s.zone == zone {
			found = cmp.Or(found, id)
		}
	}
	return found
}
