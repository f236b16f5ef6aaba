package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// routes refuses isolated subnets: an agent must reach Semaphore and AWS. What it keeps becomes Facts.Subnets.
func (r *resolver) routes(ctx context.Context, report *report, subnets []types.Subnet) error {
	tables, err := r.routeTables(ctx)
	unchecked := err != nil
	if unchecked {
		if err := report.unchecked(err, "the subnets' routes", "ec2:DescribeRouteTables"); err != nil {
			return err
		}
	}
	for _, subnet := range subnets {
		fact := Subnet{ID: aws.ToString(subnet.SubnetId), Zone: aws.ToString(subnet.AvailabilityZone)}
		if !unchecked {
			fact.Public, fact.Private = r.checkRoute(report, subnet, tables)
		}
		r.facts.Subnets = append(r.facts.Subnets, fact)
	}
	return nil
}

// checkRoute reports a subnet without a way out and says whether the way out is an internet gateway or another one.
func (r *resolver) checkRoute(report *report, subnet types.Subnet, tables []types.RouteTable) (public, private bool) {
	id := aws.ToString(subnet.SubnetId)
	table := tableOf(id, tables)
	way := wayOut(table.Routes)
	if way == exitNone || way == exitBlackhole {
		report.problem(isolated(id, table, way, r.cfg.VPCID != ""))
		return false, false
	}
	if way == exitGateway && !aws.ToBool(subnet.MapPublicIpOnLaunch) && !aws.ToBool(subnet.AssignIpv6AddressOnCreation) {
		report.warnf("subnet %q in %s has a route to an internet gateway but gives instances no public address: "+
			"agents there cannot reach Semaphore", id, r.req.Region)
	}
	return way == exitGateway, way != exitGateway
}

func isolated(subnet string, table types.RouteTable, way exit, given bool) Problem {
	found := fmt.Sprintf("is isolated: route table %q has no default route (0.0.0.0/0)", aws.ToString(table.RouteTableId))
	if way == exitBlackhole {
		found = fmt.Sprintf("is isolated: the default route of route table %q is a blackhole, its target is gone",
			aws.ToString(table.RouteTableId))
	}
	problem := Problem{
		What: fmt.Sprintf("subnet %q", subnet), Found: found, Fix: FixSetting, Subject: subnet,
		Settings: []string{setSubnets},
	}
	if !given {
		problem.What, problem.Settings = fmt.Sprintf("default subnet %q", subnet), []string{setVPC, setSubnets}
	}
	return problem
}

func (r *resolver) routeTables(ctx context.Context) ([]types.RouteTable, error) {
	var tables []types.RouteTable
	pages := ec2.NewDescribeRouteTablesPaginator(r.Network, &ec2.DescribeRouteTablesInput{
		Filters: []types.Filter{filter("vpc-id", r.facts.VPCID)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		tables = append(tables, page.RouteTables...)
	}
	return tables, nil
}

// tableOf is the route table in effect for a subnet: the one associated with it, else the VPC's main one.
func tableOf(subnet string, tables []types.RouteTable) types.RouteTable {
	var main types.RouteTable
	for _, table := range tables {
		for _, association := range table.Associations {
			if aws.ToString(association.SubnetId) == subnet {
				return table
			}
			if aws.ToBool(association.Main) {
				main = table
			}
		}
	}
	return main
}

// exit is where a route table's default route leads.
type exit int

const (
	exitNone      exit = iota // there is no default route
	exitBlackhole             // to something that is gone
	exitPrivate               // to a NAT, a transit gateway, an appliance …
	exitGateway               // to an internet gateway
)

// wayOut is the best default route among routes, IPv4 or IPv6.
func wayOut(routes []types.Route) exit {
	best := exitNone
	halves := map[string]exit{}
	for _, route := range routes {
		destination := aws.ToString(route.DestinationCidrBlock) + aws.ToString(route.DestinationIpv6CidrBlock)
		switch destination {
		case "0.0.0.0/0", "::/0":
			best = max(best, target(route))
		case "0.0.0.0/1", "128.0.0.0/1":
			halves[destination] = target(route)
		}
	}
	if len(halves) == 2 {
		// Two halves are a default route too: VPN appliances set them to be more specific than one.
		best = max(best, min(halves["0.0.0.0/1"], halves["128.0.0.0/1"]))
	}
	return best
}

func target(route types.Route) exit {
	gateway := aws.ToString(route.GatewayId)
	switch {
	case route.State == types.RouteStateBlackhole:
		return exitBlackhole
	case strings.HasPrefix(gateway, "igw-"):
		return exitGateway
	case gateway == "local", route.State == types.RouteStateFiltered:
		return exitNone
	}
	others := []*string{
		route.GatewayId, route.NatGatewayId, route.TransitGatewayId, route.NetworkInterfaceId, route.InstanceId,
		route.EgressOnlyInternetGatewayId, route.VpcPeeringConnectionId, route.LocalGatewayId, route.CarrierGatewayId,
		route.CoreNetworkArn,
	}
	if slices.ContainsFunc(others, func(id *string) bool { return aws.ToString(id) != "" }) {
		return exitPrivate
	}
	return exitNone
}
