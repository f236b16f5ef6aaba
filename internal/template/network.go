package template

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/lambda"
)

const functionSecurityGroup = "FunctionSecurityGroup"

// connect puts the instances into their security group. An IPv6 address is a matter of the network interface, and
// beside one the launch template may not name security groups of its own.
func (f fleet) connect(data *ec2.LaunchTemplate_LaunchTemplateData) {
	groups := []string{f.securityGroupID()}
	if !f.IPv6 {
		data.SecurityGroupIds = groups
		return
	}
	data.NetworkInterfaces = []ec2.LaunchTemplate_NetworkInterface{{
		DeviceIndex:         new(0),
		Ipv6AddressCount:    new(1),
		Groups:              groups,
		DeleteOnTermination: new(true),
	}}
}

func (f fleet) allOutbound() []ec2.SecurityGroup_Egress {
	rules := []ec2.SecurityGroup_Egress{{IpProtocol: "-1", CidrIp: new("0.0.0.0/0"), Description: new("All outbound")}}
	if f.IPv6 {
		rules = append(rules, ec2.SecurityGroup_Egress{IpProtocol: "-1", CidrIpv6: new("::/0"), Description: new("All outbound by IPv6")})
	}
	return rules
}

// functionSecurityGroup lets functions out and nobody in. It is not the instances' group, which may be the user's own
// and may let SSH in.
func (f fleet) functionSecurityGroup() json.Marshaler {
	return ec2.SecurityGroup{
		GroupDescription:    "Functions of the Semaphore agents of " + f.StackName,
		VpcId:               new(f.VPCID),
		SecurityGroupEgress: f.allOutbound(),
		Tags:                f.tags(),
	}
}

// functionNetwork is nil for a function outside of the VPC. In a public subnet a function gets no public IPv4 address
// and reaches the internet by IPv6 only.
func (f fleet) functionNetwork() *lambda.Function_VpcConfig {
	if len(f.functionNets) == 0 {
		return nil
	}
	network := &lambda.Function_VpcConfig{
		SubnetIds:        f.functionNets,
		SecurityGroupIds: []string{getAtt(functionSecurityGroup, "GroupId")},
	}
	if f.IPv6 {
		network.Ipv6AllowedForDualStack = new(true)
	}
	return network
}

// attachToVPC is what Lambda needs for a function's network interfaces. It checks for these actions on all resources
// when it makes the function, before any interface has a name; to the function's own code they are denied.
func (f fleet) attachToVPC() []statement {
	if len(f.functionNets) == 0 {
		return nil
	}
	attach := allow("AttachToVPC", "*",
		"ec2:AssignPrivateIpAddresses", "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface",
		"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:UnassignPrivateIpAddresses")
	deny := attach
	deny.Sid, deny.Effect = "NotForItsOwnCode", "Deny"
	// Lambda adds this key to the calls that a function's code makes, and to none of its own.
	deny.Condition = map[string]any{"ArnLike": map[string]string{"lambda:SourceFunctionArn": arn("lambda", "function:*")}}
	return []statement{attach, deny}
}
