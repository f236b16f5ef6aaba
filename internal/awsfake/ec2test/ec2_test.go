package ec2test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/awsfake"
)

func start(t *testing.T) (*awsfake.Server, aws.Config) {
	t.Helper()
	s := awsfake.New(awsfake.Options{Speed: 500, Images: map[string]string{"semagent-ubuntu-focal-amd64-0123456789ab": "ami-0123456789abcdef0"}})
	t.Cleanup(s.Close)
	url, err := s.Start()
	if err != nil {
		t.Fatal(err)
	}
	return s, aws.Config{Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""), BaseEndpoint: &url}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}

func TestImages(t *testing.T) {
	s, cfg := start(t)
	client := ec2.NewFromConfig(cfg)
	arm := s.AddImage("semagent-ubuntu-noble-arm64-0123456789ab", "")
	tests := map[string]struct {
		in   ec2.DescribeImagesInput
		want []string
	}{
		"own by name":     {ec2.DescribeImagesInput{Owners: []string{"self"}, Filters: []types.Filter{filter("name", "semagent-ubuntu-focal-*"), filter("state", "available")}}, []string{"ami-0123456789abcdef0"}},
		"architecture":    {ec2.DescribeImagesInput{Owners: []string{"self"}, Filters: []types.Filter{filter("architecture", "arm64")}}, []string{arm}},
		"by ID":           {ec2.DescribeImagesInput{ImageIds: []string{arm}}, []string{arm}},
		"nobody's":        {ec2.DescribeImagesInput{Owners: []string{"111111111111"}}, nil},
		"Canonical noble": {ec2.DescribeImagesInput{Owners: []string{"099720109477"}, Filters: []types.Filter{filter("name", "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*")}}, []string{"ami-0ca0ca0ca0ca00004"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			out, err := client.DescribeImages(t.Context(), &tc.in)
			ok(t, err)
			var got []string
			for _, i := range out.Images {
				got = append(got, *i.ImageId)
				if _, err := time.Parse(time.RFC3339, *i.CreationDate); err != nil || *i.RootDeviceName == "" {
					t.Errorf("got %+v", i)
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	_, cfg := start(t)
	c, ctx := ec2.NewFromConfig(cfg), t.Context()
	tests := map[string]struct {
		do         func() error
		code, text string
	}{
		"image": {func() error {
			_, err := c.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"ami-12345678"}})
			return err
		}, "InvalidAMIID.NotFound", "The image id '[ami-12345678]' does not exist"},
		"malformed image": {func() error {
			_, err := c.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{"x"}})
			return err
		}, "InvalidAMIID.Malformed", `Invalid id: "x"`},
		"vpc": {func() error {
			_, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{VpcIds: []string{"vpc-1"}})
			return err
		}, "InvalidVpcID.NotFound", "The vpc ID 'vpc-1' does not exist"},
		"subnet": {func() error {
			_, err := c.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-1"}})
			return err
		}, "InvalidSubnetID.NotFound", "'subnet-1'"},
		"group": {func() error {
			_, err := c.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-12345678"}})
			return err
		}, "InvalidGroup.NotFound", "'sg-12345678'"},
		"malformed group": {func() error {
			_, err := c.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"web"}})
			return err
		}, "InvalidGroupId.Malformed", "sg-..."},
		"key pair": {func() error {
			_, err := c.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyNames: []string{"absent"}})
			return err
		}, "InvalidKeyPair.NotFound", "'absent'"},
		"instance": {func() error {
			_, err := c.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: []string{"i-1"}})
			return err
		}, "InvalidInstanceID.NotFound", "'i-1'"},
		"type": {func() error {
			_, err := c.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"t9.mega"}})
			return err
		}, "InvalidInstanceType", "[t9.mega]"},
		"filter": {func() error {
			_, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("nonsense", "x")}})
			return err
		}, "InvalidParameterValue", "'nonsense'"},
		"template": {func() error {
			_, err := c.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: aws.String("lt-1")})
			return err
		}, "InvalidLaunchTemplateId.NotFound", "lt-1"},
		"unknown call": {func() error { _, err := c.DescribeHosts(ctx, nil); return err }, "InvalidAction", "does not know ec2:DescribeHosts"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			var api smithy.APIError
			if err := tc.do(); !errors.As(err, &api) || api.ErrorCode() != tc.code || !strings.Contains(api.ErrorMessage(), tc.text) {
				t.Errorf("got %v, want %s with %q", err, tc.code, tc.text)
			}
		})
	}
}

// An isolated subnet is one whose route table, or its VPC's main one, has no way out.
func TestNetwork(t *testing.T) {
	s, cfg := start(t)
	c, ctx, n := ec2.NewFromConfig(cfg), t.Context(), s.Network()
	vpcs, err := c.DescribeVpcs(ctx, &ec2.DescribeVpcsInput{Filters: []types.Filter{filter("isDefault", "true")}})
	ok(t, err)
	if len(vpcs.Vpcs) != 1 || *vpcs.Vpcs[0].VpcId != n.DefaultVPC || !*vpcs.Vpcs[0].IsDefault {
		t.Errorf("got %+v", vpcs.Vpcs)
	}
	exit := func(subnet string) string {
		tables, err := c.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{filter("association.subnet-id", subnet)}})
		ok(t, err)
		if len(tables.RouteTables) == 0 {
			tables, err = c.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []types.Filter{filter("association.main", "true"), filter("vpc-id", n.DefaultVPC)}})
			ok(t, err)
		}
		for _, r := range tables.RouteTables[0].Routes {
			if aws.ToString(r.DestinationCidrBlock) == "0.0.0.0/0" {
				return (aws.ToString(r.GatewayId) + aws.ToString(r.NatGatewayId))[:3]
			}
		}
		return "none"
	}
	for subnet, want := range map[string]string{n.DefaultSubnets[0]: "igw", n.PrivateSubnets[1]: "nat", n.PublicSubnet: "igw", n.IsolatedSubnet: "non"} {
		if got := exit(subnet)[:3]; got != want {
			t.Errorf("%s goes out through %s, want %s", subnet, got, want)
		}
	}
	subnets, err := c.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{Filters: []types.Filter{filter("vpc-id", n.VPC)}})
	ok(t, err)
	gateways, err := c.DescribeInternetGateways(ctx, &ec2.DescribeInternetGatewaysInput{Filters: []types.Filter{filter("attachment.vpc-id", n.VPC)}})
	ok(t, err)
	zones, err := c.DescribeAvailabilityZones(ctx, nil)
	ok(t, err)
	if len(subnets.Subnets) != 4 || len(gateways.InternetGateways) != 1 || len(zones.AvailabilityZones) != 3 {
		t.Errorf("got %d subnets, %d gateways, %d zones", len(subnets.Subnets), len(gateways.InternetGateways), len(zones.AvailabilityZones))
	}
}

func TestInstanceTypes(t *testing.T) {
	_, cfg := start(t)
	c, ctx := ec2.NewFromConfig(cfg), t.Context()
	out, err := c.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"t4g.medium"}})
	ok(t, err)
	if i := out.InstanceTypes[0]; *i.MemoryInfo.SizeInMiB != 4096 || i.ProcessorInfo.SupportedArchitectures[0] != types.ArchitectureTypeArm64 {
		t.Errorf("got %+v", i)
	}
	offered, err := c.DescribeInstanceTypeOfferings(ctx, &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone, Filters: []types.Filter{filter("instance-type", "t2.micro")},
	})
	ok(t, err)
	if len(offered.InstanceTypeOfferings) != 3 {
		t.Errorf("got %+v", offered.InstanceTypeOfferings)
	}
	n := 0
	for p := ec2.NewDescribeInstanceTypesPaginator(c, &ec2.DescribeInstanceTypesInput{MaxResults: aws.Int32(20)}); p.HasMorePages(); n++ {
		page, err := p.NextPage(ctx)
		ok(t, err)
		if len(page.InstanceTypes) > 20 {
			t.Fatalf("a page has %d types", len(page.InstanceTypes))
		}
	}
	if n < 3 {
		t.Errorf("got %d pages", n)
	}
}

func TestInstancesOfAGroup(t *testing.T) {
	s, cfg := start(t)
	c, ctx := ec2.NewFromConfig(cfg), t.Context()
	type object = map[string]any
	body, err := json.Marshal(object{"Resources": object{
		"Sg": object{"Type": "AWS::EC2::SecurityGroup", "Properties": object{"GroupDescription": "agents", "SecurityGroupIngress": []any{
			object{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0", "Description": "SSH"},
		}}},
		"Lt": object{"Type": "AWS::EC2::LaunchTemplate", "Properties": object{"LaunchTemplateData": object{
			"ImageId": "ami-0123456789abcdef0", "InstanceType": "t3.small", "SecurityGroupIds": []any{object{"Ref": "Sg"}}, "UserData": "aGk=",
			"MetadataOptions": object{"HttpTokens": "required"}, "TagSpecifications": []any{object{"ResourceType": "instance", "Tags": []any{object{"Key": "Name", "Value": "agent"}}}},
		}}},
		"Group": object{"Type": "AWS::AutoScaling::AutoScalingGroup", "Properties": object{
			"AutoScalingGroupName": "fleet", "MinSize": "1", "MaxSize": "1", "VPCZoneIdentifier": s.Network().DefaultSubnets[:1],
			"LaunchTemplate": object{"LaunchTemplateId": object{"Ref": "Lt"}, "Version": "$Latest"},
		}},
	}})
	ok(t, err)
	_, err = cloudformation.NewFromConfig(cfg).CreateStack(ctx, &cloudformation.CreateStackInput{StackName: aws.String("st"), TemplateBody: aws.String(string(body))})
	ok(t, err)
	eventually(t, "an instance in service", func() bool { return len(s.InService()) == 1 })
	id := s.InService()[0]
	out, err := c.DescribeInstances(ctx, &ec2.DescribeInstancesInput{Filters: []types.Filter{filter("tag:aws:autoscaling:groupName", "fleet"), filter("instance-state-name", "running")}})
	ok(t, err)
	i := out.Reservations[0].Instances[0]
	if *i.InstanceId != id || i.InstanceType != types.InstanceTypeT3Small || *i.SubnetId != s.Network().DefaultSubnets[0] || len(i.SecurityGroups) != 1 {
		t.Errorf("got %+v", i)
	}
	groups, err := c.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{*i.SecurityGroups[0].GroupId}})
	ok(t, err)
	if p := groups.SecurityGroups[0].IpPermissions[0]; *p.FromPort != 22 || *p.IpRanges[0].CidrIp != "0.0.0.0/0" || *p.IpRanges[0].Description != "SSH" {
		t.Errorf("got %+v", p)
	}
	versions, err := c.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: templateName(t, c), Versions: []string{"$Latest"}})
	ok(t, err)
	data := versions.LaunchTemplateVersions[0].LaunchTemplateData
	if *data.UserData != "aGk=" || data.MetadataOptions.HttpTokens != types.LaunchTemplateHttpTokensStateRequired || *data.TagSpecifications[0].Tags[0].Value != "agent" {
		t.Errorf("got %+v", data)
	}
	console, err := c.GetConsoleOutput(ctx, &ec2.GetConsoleOutputInput{InstanceId: &id})
	ok(t, err)
	if aws.ToString(console.Output) == "" {
		t.Error("no console output")
	}
	_, err = c.TerminateInstances(ctx, &ec2.TerminateInstancesInput{InstanceIds: []string{id}})
	ok(t, err)
	eventually(t, "a replacement", func() bool { now := s.InService(); return len(now) == 1 && now[0] != id })
}

func templateName(t *testing.T, c *ec2.Client) *string {
	t.Helper()
	out, err := c.DescribeLaunchTemplates(t.Context(), nil)
	ok(t, err)
	if len(out.LaunchTemplates) != 1 {
		t.Fatal(fmt.Sprint(len(out.LaunchTemplates), " launch templates"))
	}
	return out.LaunchTemplates[0].LaunchTemplateName
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if condition() {
			return
		}
	}
	t.Fatalf("%s did not happen", what)
}
