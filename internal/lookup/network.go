package lookup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// Subnet is a subnet that agents may start in.
type Subnet struct {
	ID, Zone string
	Public   bool // its default route leads to an internet gateway
	Private  bool // it leads somewhere else; neither is true when the routes may not be looked up
}

// network checks the VPC, the subnets in it, their way out, and the security group.
func (r *resolver) network(ctx context.Context, report *report) error {
	if err := r.vpc(ctx, report); err != nil {
		return err
	}
	if err := r.securityGroup(ctx, report); err != nil {
		return err
	}
	if r.facts.VPCID == "" {
		return nil
	}
	subnets, err := r.subnets(ctx, report)
	if err != nil || len(subnets) == 0 {
		return err
	}
	r.checkZones(report, subnets)
	return r.routes(ctx, report, subnets)
}

// vpc finds the VPC given, else the default one.
func (r *resolver) vpc(ctx context.Context, report *report) error {
	what, by := "the default VPC", filter("is-default", "true")
	missing := Problem{Found: "does not exist", Fix: FixSetting, Settings: []string{setVPC, setSubnets}}
	if r.cfg.VPCID != "" {
		what, by = fmt.Sprintf("VPC %q", r.cfg.VPCID), filter("vpc-id", r.cfg.VPCID)
		missing.Subject, missing.Settings = r.cfg.VPCID, []string{setVPC}
	}
	out, err := r.Network.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{by}})
	if err != nil {
		r.facts.VPCID = r.cfg.VPCID
		return report.unchecked(err, what, "ec2:DescribeVpcs")
	}
	if len(out.Vpcs) == 0 {
		missing.What = what
		report.problem(missing)
		return nil
	}
	r.facts.VPCID = aws.ToString(out.Vpcs[0].VpcId)
	return nil
}

func (r *resolver) securityGroup(ctx context.Context, report *report) error {
	id := r.cfg.SecurityGroupID
	if id == "" {
		return nil
	}
	what := fmt.Sprintf("security group %q", id)
	out, err := r.Network.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{filter("group-id", id)}})
	if err != nil {
		return report.unchecked(err, what, "ec2:DescribeSecurityGroups")
	}
	problem := Problem{What: what, Fix: FixSetting, Subject: id, Settings: []string{setSecurityGroup}}
	if len(out.SecurityGroups) == 0 {
		problem.Found = "does not exist"
		report.problem(problem)
		return nil
	}
	if home := aws.ToString(out.SecurityGroups[0].VpcId); r.facts.VPCID != "" && home != r.facts.VPCID {
		problem.Found = fmt.Sprintf("belongs to VPC %q, but agents start in %q", home, r.facts.VPCID)
		report.problem(problem)
	}
	return nil
}

// subnets gives those of the VPC's subnets that agents would start in, in the order of the settings, and reports
// the ones that are not there.
func (r *resolver) subnets(ctx context.Context, report *report) ([]types.Subnet, error) {
	if r.cfg.VPCID == "" {
		return r.defaultSubnets(ctx, report)
	}
	found, err := r.describeSubnets(ctx, filter("subnet-id", r.cfg.Subnets...))
	if err != nil {
		return nil, report.unchecked(err, "the subnets", "ec2:DescribeSubnets")
	}
	byID := make(map[string]types.Subnet, len(found))
	for _, subnet := range found {
		byID[aws.ToString(subnet.SubnetId)] = subnet
	}
	var good []types.Subnet
	for _, id := range r.cfg.Subnets {
		problem := Problem{What: fmt.Sprintf("subnet %q", id), Fix: FixSetting, Subject: id, Settings: []string{setSubnets}}
		subnet, exists := byID[id]
		switch home := aws.ToString(subnet.VpcId); {
		case !exists:
			problem.Found = "does not exist"
			report.problem(problem)
		case home != r.facts.VPCID:
			problem.Found = fmt.Sprintf("belongs to VPC %q, not to %q", home, r.facts.VPCID)
			problem.Settings = []string{setSubnets, setVPC}
			report.problem(problem)
		default:
			good = append(good, subnet)
		}
	}
	return good, nil
}

// defaultSubnets gives the subnets that a group over the region's zones starts its instances in.
func (r *resolver) defaultSubnets(ctx context.Context, report *report) ([]types.Subnet, error) {
	what := fmt.Sprintf("the default VPC %q", r.facts.VPCID)
	found, err := r.describeSubnets(ctx, filter("vpc-id", r.facts.VPCID), filter("default-for-az", "true"))
	if err != nil {
		return nil, report.unchecked(err, "the default subnets", "ec2:DescribeSubnets")
	}
	if len(found) == 0 {
		report.problem(Problem{
			What: what, Found: "has no default subnet", Fix: FixSetting, Subject: r.facts.VPCID,
			Settings: []string{setVPC, setSubnets},
		})
	}
	return found, nil
}

func (r *resolver) describeSubnets(ctx context.Context, filters ...types.Filter) ([]types.Subnet, error) {
	var subnets []types.Subnet
	pages := ec2.NewDescribeSubnetsPaginator(r.Network, &ec2.DescribeSubnetsInput{Filters: filters})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		subnets = append(subnets, page.Subnets...)
	}
	return subnets, nil
}

// checkZones holds Auto Scaling's rule that the subnets and the zones of a group match.
func (r *resolver) checkZones(report *report, subnets []types.Subnet) {
	var zones []string
	for _, subnet := range subnets {
		zones = append(zones, aws.ToString(subnet.AvailabilityZone))
	}
	for _, zone := range r.cfg.Zones {
		if !slices.Contains(zones, zone) {
			report.problem(Problem{
				What: fmt.Sprintf("zone %q", zone), Found: "has none of the subnets that agents start in", Fix: FixSetting,
				Subject: zone, Settings: []string{setZones, setSubnets},
			})
		}
	}
	if r.cfg.VPCID == "" || len(r.cfg.Zones) == 0 {
		return
	}
	for _, subnet := range subnets {
		if zone := aws.ToString(subnet.AvailabilityZone); !slices.Contains(r.cfg.Zones, zone) {
			report.problem(Problem{
				What: fmt.Sprintf("subnet %q", aws.ToString(subnet.SubnetId)), Found: fmt.Sprintf("is in zone %q, which is not among the zones", zone),
				Fix: FixSetting, Subject: aws.ToString(subnet.SubnetId), Settings: []string{setSubnets, setZones},
			})
		}
	}
}
