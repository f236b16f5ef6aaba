package lookup_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/semagent/semagent/internal/config"
)

// routed puts the settings into the own VPC, subnet-a only, with these routes in its main route table.
func routed(routes ...ec2types.Route) change {
	return func(w *world, c *config.Config) {
		c.VPCID, c.Subnets = "vpc-own", []string{"subnet-a"}
		w.tables = []ec2types.RouteTable{table("rtb-b", "vpc-own", "subnet-b", gatewayRoute()), table("rtb-main", "vpc-own", "", routes...)}
	}
}

func to(destination string, change func(*ec2types.Route)) ec2types.Route {
	route := ec2types.Route{DestinationCidrBlock: &destination, State: ec2types.RouteStateActive}
	change(&route)
	return route
}

func TestRoutes(t *testing.T) {
	isolated := []string{`setting subnet-a SUBNETS: subnet "subnet-a" in eu-west-1 is isolated: route table "rtb-main" has no default route (0.0.0.0/0)`}
	blackhole := []string{`setting subnet-a SUBNETS: subnet "subnet-a" in eu-west-1 is isolated: the default route of route table "rtb-main" is a blackhole, its target is gone`}
	gone := natRoute()
	gone.State = ec2types.RouteStateBlackhole
	nat := func(r *ec2types.Route) { r.NatGatewayId = aws.String("nat-1") }
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"none":            {change: routed(), problems: isolated},
		"NAT":             {change: routed(natRoute())},
		"transit gateway": {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.TransitGatewayId = aws.String("tgw-1") }))},
		"VPN gateway":     {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.GatewayId = aws.String("vgw-1") }))},
		"firewall":        {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.GatewayId = aws.String("vpce-1") }))},
		"appliance":       {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.NetworkInterfaceId = aws.String("eni-1") }))},
		"instance":        {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.InstanceId = aws.String("i-1") }))},
		"egress only, IPv6": {change: routed(ec2types.Route{
			DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: aws.String("eigw-1"), State: ec2types.RouteStateActive,
		})},
		"two halves":      {change: routed(to("0.0.0.0/1", nat), to("128.0.0.0/1", nat))},
		"one half":        {change: routed(to("0.0.0.0/1", nat)), problems: isolated},
		"somewhere else":  {change: routed(to("10.1.0.0/16", nat)), problems: isolated},
		"blackhole":       {change: routed(gone), problems: blackhole},
		"local":           {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { r.GatewayId = aws.String("local") })), problems: isolated},
		"no target":       {change: routed(to("0.0.0.0/0", func(*ec2types.Route) {})), problems: isolated},
		"filtered":        {change: routed(to("0.0.0.0/0", func(r *ec2types.Route) { nat(r); r.State = ec2types.RouteStateFiltered })), problems: isolated},
		"blackhole, IPv6": {change: routed(gone, ec2types.Route{DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: aws.String("eigw-1")})},
		"IPv6 before a blackhole": {change: routed(ec2types.Route{
			DestinationIpv6CidrBlock: aws.String("::/0"), EgressOnlyInternetGatewayId: aws.String("eigw-1"),
		}, gone)},
		"public without public addresses": {
			change:   routed(gatewayRoute()),
			warnings: []string{`subnet "subnet-a" in eu-west-1 has a route to an internet gateway but gives instances no public address: agents there cannot reach Semaphore`},
		},
		"public with IPv6 addresses": {
			change: func(w *world, c *config.Config) {
				routed(gatewayRoute())(w, c)
				w.subnets[0].AssignIpv6AddressOnCreation = aws.Bool(true)
			},
		},
		"own table before the main one": {
			change: func(w *world, c *config.Config) {
				routed(natRoute())(w, c)
				w.tables = append(w.tables, table("rtb-a", "vpc-own", "subnet-a"))
			},
			problems: []string{`setting subnet-a SUBNETS: subnet "subnet-a" in eu-west-1 is isolated: route table "rtb-a" has no default route (0.0.0.0/0)`},
		},
		"another VPC's main table does not count": {
			change: func(w *world, c *config.Config) {
				routed()(w, c)
				w.tables = append(w.tables, table("rtb-x", "vpc-default", "", natRoute()))
			},
			problems: isolated,
		},
		"default VPC": {
			change:   func(w *world, _ *config.Config) { w.tables[2].Routes = nil },
			problems: []string{`setting subnet-d VPC_ID,SUBNETS: default subnet "subnet-d" in eu-west-1 is isolated: route table "rtb-default" has no default route (0.0.0.0/0)`},
		},
		"denied": {
			change: func(w *world, c *config.Config) {
				ownNetwork(c)
				w.fail["DescribeRouteTables"] = denied("ec2:DescribeRouteTables")
			},
			warnings: []string{`the subnets' routes in eu-west-1 cannot be checked: these credentials lack ec2:DescribeRouteTables`},
		},
	})
}

func TestNetworkProblems(t *testing.T) {
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"no VPC": {
			change:   func(w *world, c *config.Config) { ownNetwork(c); w.vpcs = w.vpcs[1:] },
			problems: []string{`setting vpc-own VPC_ID: VPC "vpc-own" in eu-west-1 does not exist`},
		},
		"no default VPC": {
			change:   func(w *world, _ *config.Config) { w.vpcs = w.vpcs[:1] },
			problems: []string{`setting  VPC_ID,SUBNETS: the default VPC in eu-west-1 does not exist`},
		},
		"no default subnet": {
			change:   func(w *world, _ *config.Config) { w.subnets = w.subnets[:2] },
			problems: []string{`setting vpc-default VPC_ID,SUBNETS: the default VPC "vpc-default" in eu-west-1 has no default subnet`},
		},
		"subnets missing and of another VPC": {
			change: func(_ *world, c *config.Config) {
				c.VPCID, c.Subnets = "vpc-own", []string{"subnet-x", "subnet-a", "subnet-d"}
			},
			problems: []string{
				`setting subnet-x SUBNETS: subnet "subnet-x" in eu-west-1 does not exist`,
				`setting subnet-d SUBNETS,VPC_ID: subnet "subnet-d" in eu-west-1 belongs to VPC "vpc-default", not to "vpc-own"`,
			},
		},
		"security group missing": {
			change:   func(_ *world, c *config.Config) { c.SecurityGroupID = "sg-lost" },
			problems: []string{`setting sg-lost SECURITY_GROUP_ID: security group "sg-lost" in eu-west-1 does not exist`},
		},
		"security group of another VPC": {
			change:   func(_ *world, c *config.Config) { c.SecurityGroupID = "sg-own" },
			problems: []string{`setting sg-own SECURITY_GROUP_ID: security group "sg-own" in eu-west-1 belongs to VPC "vpc-own", but agents start in "vpc-default"`},
		},
		"VPCs may not be described": {
			change:   func(w *world, c *config.Config) { ownNetwork(c); w.fail["DescribeVpcs"] = denied("ec2:DescribeVpcs") },
			warnings: []string{`VPC "vpc-own" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeVpcs`},
		},
		"default VPC may not be described": {
			change: func(w *world, c *config.Config) {
				c.SecurityGroupID, w.fail["DescribeVpcs"] = "sg-own", denied("ec2:DescribeVpcs")
			},
			warnings: []string{`the default VPC in eu-west-1 cannot be checked: these credentials lack ec2:DescribeVpcs`},
		},
		"subnets may not be described": {
			change: func(w *world, c *config.Config) {
				ownNetwork(c)
				w.fail["DescribeSubnets"] = denied("ec2:DescribeSubnets")
			},
			warnings: []string{`the subnets in eu-west-1 cannot be checked: these credentials lack ec2:DescribeSubnets`},
		},
		"default subnets may not be described": {
			change:   func(w *world, _ *config.Config) { w.fail["DescribeSubnets"] = denied("ec2:DescribeSubnets") },
			warnings: []string{`the default subnets in eu-west-1 cannot be checked: these credentials lack ec2:DescribeSubnets`},
		},
		"security groups may not be described": {
			change: func(w *world, c *config.Config) {
				c.SecurityGroupID, w.fail["DescribeSecurityGroups"] = "sg-own", denied("ec2:DescribeSecurityGroups")
			},
			warnings: []string{`security group "sg-own" in eu-west-1 cannot be checked: these credentials lack ec2:DescribeSecurityGroups`},
		},
	})
}
