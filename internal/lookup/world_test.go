package lookup_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/lookup"
)

const (
	account   = "123456789012"
	region    = "eu-west-1"
	imageName = "semagent-ubuntu-focal-amd64-0123456789ab"
	ownKey    = "arn:aws:kms:eu-west-1:123456789012:key/11111111-1111-1111-1111-111111111111"
	otherKey  = "arn:aws:kms:eu-west-1:123456789012:key/22222222-2222-2222-2222-222222222222"
)

// world is an AWS account in memory. Lists come one entry a page, behind an empty page, as AWS may page.
type world struct {
	images     []ec2types.Image
	types      map[string][]ec2types.ArchitectureType
	keyPairs   []string
	vpcs       []ec2types.Vpc
	subnets    []ec2types.Subnet
	tables     []ec2types.RouteTable
	groups     []ec2types.SecurityGroup // security groups
	parameters []ssmtypes.ParameterMetadata
	keys       map[string]kmstypes.KeyMetadata // by each id, ARN and alias it is known by
	buckets    map[string]error                // HeadBucket's answer; a bucket not in it does not exist
	fleets     []astypes.AutoScalingGroup
	identity   sts.GetCallerIdentityOutput

	fail map[string]error // by operation, instead of an answer

	mu    sync.Mutex
	calls map[string]int
}

// newWorld holds all that settings() needs, and nothing wrong.
func newWorld() *world {
	key := kmstypes.KeyMetadata{
		Arn: aws.String(ownKey), KeyManager: kmstypes.KeyManagerTypeCustomer, KeyState: kmstypes.KeyStateEnabled,
		KeySpec: kmstypes.KeySpecSymmetricDefault, KeyUsage: kmstypes.KeyUsageTypeEncryptDecrypt,
	}
	other := key
	other.Arn = aws.String(otherKey)
	managed := key
	managed.Arn, managed.KeyManager = aws.String("arn:aws:kms:eu-west-1:123456789012:key/managed"), kmstypes.KeyManagerTypeAws
	return &world{
		identity: sts.GetCallerIdentityOutput{
			Account: aws.String(account), Arn: aws.String("arn:aws:sts::123456789012:assumed-role/ci/session"),
		},
		images: []ec2types.Image{
			image("ami-0old0000", imageName, "2026-01-01T00:00:00.000Z"),
			image("ami-0new0000", imageName, "2026-02-01T00:00:00.000Z"),
			image("ami-0other00", "other", "2026-03-01T00:00:00.000Z"),
		},
		types:    map[string][]ec2types.ArchitectureType{"t2.micro": {"i386", "x86_64"}, "t4g.micro": {"arm64"}},
		keyPairs: []string{"ops"},
		vpcs: []ec2types.Vpc{
			{VpcId: aws.String("vpc-own")},
			{VpcId: aws.String("vpc-default"), IsDefault: aws.Bool(true)},
		},
		subnets: []ec2types.Subnet{
			subnet("subnet-a", "vpc-own", "eu-west-1a", false, false),
			subnet("subnet-b", "vpc-own", "eu-west-1b", true, false),
			subnet("subnet-d", "vpc-default", "eu-west-1a", true, true),
		},
		tables: []ec2types.RouteTable{
			table("rtb-own-main", "vpc-own", "", natRoute()),
			table("rtb-own-b", "vpc-own", "subnet-b", gatewayRoute()),
			table("rtb-default", "vpc-default", "", gatewayRoute()),
		},
		groups: []ec2types.SecurityGroup{
			{GroupId: aws.String("sg-own"), VpcId: aws.String("vpc-own")},
			{GroupId: aws.String("sg-default"), VpcId: aws.String("vpc-default")},
		},
		parameters: []ssmtypes.ParameterMetadata{
			{Name: aws.String("agent-token"), Type: ssmtypes.ParameterTypeSecureString, KeyId: aws.String("alias/aws/ssm")},
		},
		keys: map[string]kmstypes.KeyMetadata{
			ownKey: key, "alias/own": key, "11111111-1111-1111-1111-111111111111": key,
			otherKey: other, "alias/other": other, "managed": managed,
		},
		buckets: map[string]error{"semagent-bootstrap-123456789012-eu-west-1": nil, "cache": nil},
		fail:    map[string]error{}, calls: map[string]int{},
	}
}

func settings() *config.Config {
	return &config.Config{StackName: "fleet", TokenParameter: "agent-token", InstanceType: "t2.micro"}
}

// ownNetwork puts the settings into the world's own VPC.
func ownNetwork(c *config.Config) { c.VPCID, c.Subnets = "vpc-own", []string{"subnet-b", "subnet-a"} }

func request() lookup.Request {
	return lookup.Request{
		Region: region, ImageName: imageName,
		AssetBucket: func(account, region string) string { return "semagent-bootstrap-" + account + "-" + region },
	}
}

func (w *world) clients() lookup.Clients {
	return lookup.Clients{STS: w, Network: w, Machines: w, SSM: w, KMS: w, S3: w, AutoScaling: w}
}

func image(id, name, created string) ec2types.Image {
	return ec2types.Image{
		ImageId: &id, Name: &name, CreationDate: &created, Architecture: ec2types.ArchitectureValuesX8664,
		State: ec2types.ImageStateAvailable,
	}
}

func subnet(id, vpc, zone string, public, isDefault bool) ec2types.Subnet {
	return ec2types.Subnet{
		SubnetId: &id, VpcId: &vpc, AvailabilityZone: &zone, MapPublicIpOnLaunch: &public, DefaultForAz: &isDefault,
	}
}

// table is a route table with its local route; for no subnet, it is the VPC's main one.
func table(id, vpc, subnet string, routes ...ec2types.Route) ec2types.RouteTable {
	association := ec2types.RouteTableAssociation{Main: aws.Bool(subnet == "")}
	if subnet != "" {
		association.SubnetId = &subnet
	}
	local := ec2types.Route{DestinationCidrBlock: aws.String("10.0.0.0/16"), GatewayId: aws.String("local"), State: ec2types.RouteStateActive}
	return ec2types.RouteTable{
		RouteTableId: &id, VpcId: &vpc, Associations: []ec2types.RouteTableAssociation{association},
		Routes: append([]ec2types.Route{local}, routes...),
	}
}

func natRoute() ec2types.Route {
	return ec2types.Route{DestinationCidrBlock: aws.String("0.0.0.0/0"), NatGatewayId: aws.String("nat-1"), State: ec2types.RouteStateActive}
}

func gatewayRoute() ec2types.Route {
	return ec2types.Route{DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: aws.String("igw-1"), State: ec2types.RouteStateActive}
}

func apiError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

// denied is AWS's refusal of an action, in its own words.
func denied(action string) error {
	return apiError("AccessDeniedException", "User: arn:aws:sts::123456789012:assumed-role/ci/session is not authorized to perform: "+
		action+" because no identity-based policy allows the "+action+" action")
}

// head is S3's answer to HeadBucket: a status, no body, and perhaps the bucket's region.
func head(status int, bucketRegion string) error {
	header := http.Header{}
	header.Set("X-Amz-Bucket-Region", bucketRegion)
	return &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: header}},
		Err:      &smithy.GenericAPIError{Code: strings.ReplaceAll(http.StatusText(status), " ", "")},
	}
}

// answer counts the call and gives the error planned for it.
func (w *world) answer(ctx context.Context, operation string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls[operation]++
	if err := ctx.Err(); err != nil {
		return err
	}
	return w.fail[operation]
}

// page gives the page that token asks for: none on the first one, then one of the items that match on each.
func page[T any](items []T, match func(T) bool, token *string) ([]T, *string) {
	var matching []T
	for _, item := range items {
		if match(item) {
			matching = append(matching, item)
		}
	}
	n, _ := strconv.Atoi(aws.ToString(token))
	var next *string
	if n < len(matching) {
		next = aws.String(strconv.Itoa(n + 1))
	}
	if n == 0 {
		return nil, next
	}
	return matching[n-1 : n], next
}

// fields is what filters see of an item.
type fields map[string]string

func matches(filters []ec2types.Filter, item fields) bool {
	for _, f := range filters {
		value, known := item[aws.ToString(f.Name)]
		if !known {
			panic("unknown filter " + aws.ToString(f.Name))
		}
		if !slices.Contains(f.Values, value) {
			return false
		}
	}
	return true
}

func (w *world) GetCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput, _ ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error) {
	return &w.identity, w.answer(ctx, "GetCallerIdentity")
}

func (w *world) DescribeVpcs(ctx context.Context, in *ec2.DescribeVpcsInput, _ ...func(*ec2.Options)) (*ec2.DescribeVpcsOutput, error) {
	out := &ec2.DescribeVpcsOutput{}
	for _, vpc := range w.vpcs {
		if matches(in.Filters, fields{"vpc-id": *vpc.VpcId, "is-default": strconv.FormatBool(aws.ToBool(vpc.IsDefault))}) {
			out.Vpcs = append(out.Vpcs, vpc)
		}
	}
	return out, w.answer(ctx, "DescribeVpcs")
}

func (w *world) DescribeSubnets(ctx context.Context, in *ec2.DescribeSubnetsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSubnetsOutput, error) {
	items, next := page(w.subnets, func(s ec2types.Subnet) bool {
		return matches(in.Filters, fields{
			"subnet-id": *s.SubnetId, "vpc-id": *s.VpcId, "default-for-az": strconv.FormatBool(*s.DefaultForAz),
		})
	}, in.NextToken)
	return &ec2.DescribeSubnetsOutput{Subnets: items, NextToken: next}, w.answer(ctx, "DescribeSubnets")
}

func (w *world) DescribeRouteTables(ctx context.Context, in *ec2.DescribeRouteTablesInput, _ ...func(*ec2.Options)) (*ec2.DescribeRouteTablesOutput, error) {
	items, next := page(w.tables, func(t ec2types.RouteTable) bool {
		return matches(in.Filters, fields{"vpc-id": *t.VpcId})
	}, in.NextToken)
	return &ec2.DescribeRouteTablesOutput{RouteTables: items, NextToken: next}, w.answer(ctx, "DescribeRouteTables")
}

func (w *world) DescribeSecurityGroups(ctx context.Context, in *ec2.DescribeSecurityGroupsInput, _ ...func(*ec2.Options)) (*ec2.DescribeSecurityGroupsOutput, error) {
	out := &ec2.DescribeSecurityGroupsOutput{}
	for _, group := range w.groups {
		if matches(in.Filters, fields{"group-id": *group.GroupId}) {
			out.SecurityGroups = append(out.SecurityGroups, group)
		}
	}
	return out, w.answer(ctx, "DescribeSecurityGroups")
}

func (w *world) DescribeImages(ctx context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	byID := len(in.ImageIds) > 0
	if !byID && !slices.Equal(in.Owners, []string{"self"}) {
		panic("an image found by name must be the account's own")
	}
	match := func(i ec2types.Image) bool {
		return byID && slices.Contains(in.ImageIds, *i.ImageId) || !byID && matches(in.Filters, fields{"name": *i.Name})
	}
	if byID {
		return &ec2.DescribeImagesOutput{Images: slices.DeleteFunc(slices.Clone(w.images), func(i ec2types.Image) bool { return !match(i) })},
			w.answer(ctx, "DescribeImages")
	}
	items, next := page(w.images, match, in.NextToken)
	return &ec2.DescribeImagesOutput{Images: items, NextToken: next}, w.answer(ctx, "DescribeImages")
}

func (w *world) DescribeInstanceTypes(ctx context.Context, in *ec2.DescribeInstanceTypesInput, _ ...func(*ec2.Options)) (*ec2.DescribeInstanceTypesOutput, error) {
	if err := w.answer(ctx, "DescribeInstanceTypes"); err != nil {
		return nil, err
	}
	name := in.InstanceTypes[0]
	architectures, known := w.types[string(name)]
	if !known {
		return nil, apiError("InvalidInstanceType", "The following supplied instance types do not exist: ["+string(name)+"]")
	}
	return &ec2.DescribeInstanceTypesOutput{InstanceTypes: []ec2types.InstanceTypeInfo{{
		InstanceType: name, ProcessorInfo: &ec2types.ProcessorInfo{SupportedArchitectures: architectures},
	}}}, nil
}

func (w *world) DescribeKeyPairs(ctx context.Context, in *ec2.DescribeKeyPairsInput, _ ...func(*ec2.Options)) (*ec2.DescribeKeyPairsOutput, error) {
	if err := w.answer(ctx, "DescribeKeyPairs"); err != nil {
		return nil, err
	}
	if name := in.KeyNames[0]; !slices.Contains(w.keyPairs, name) {
		return nil, apiError("InvalidKeyPair.NotFound", "The key pair '"+name+"' does not exist")
	}
	return &ec2.DescribeKeyPairsOutput{}, nil
}

func (w *world) DescribeParameters(ctx context.Context, in *ssm.DescribeParametersInput, _ ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error) {
	items, next := page(w.parameters, func(p ssmtypes.ParameterMetadata) bool {
		return slices.Contains(in.ParameterFilters[0].Values, *p.Name)
	}, in.NextToken)
	return &ssm.DescribeParametersOutput{Parameters: items, NextToken: next}, w.answer(ctx, "DescribeParameters")
}

func (w *world) DescribeKey(ctx context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	err := w.answer(ctx, "DescribeKey")
	if err == nil {
		err = w.fail["DescribeKey "+*in.KeyId]
	}
	if err != nil {
		return nil, err
	}
	key, known := w.keys[*in.KeyId]
	if !known {
		return nil, &kmstypes.NotFoundException{Message: aws.String("Key '" + *in.KeyId + "' does not exist")}
	}
	return &kms.DescribeKeyOutput{KeyMetadata: &key}, nil
}

func (w *world) HeadBucket(ctx context.Context, in *s3.HeadBucketInput, _ ...func(*s3.Options)) (*s3.HeadBucketOutput, error) {
	if err := w.answer(ctx, "HeadBucket"); err != nil {
		return nil, err
	}
	if strings.HasPrefix(*in.Bucket, "semagent-") && aws.ToString(in.ExpectedBucketOwner) != account {
		panic("the asset bucket's owner must be checked")
	}
	if !slices.Contains(slices.Collect(maps.Keys(w.buckets)), *in.Bucket) {
		return nil, head(http.StatusNotFound, "")
	}
	return &s3.HeadBucketOutput{}, w.buckets[*in.Bucket]
}

func (w *world) DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	items, next := page(w.fleets, func(g astypes.AutoScalingGroup) bool {
		if len(in.AutoScalingGroupNames) > 0 {
			return slices.Contains(in.AutoScalingGroupNames, *g.AutoScalingGroupName)
		}
		return slices.ContainsFunc(g.Tags, func(tag astypes.TagDescription) bool {
			return "tag:"+*tag.Key == *in.Filters[0].Name && *tag.Value == in.Filters[0].Values[0]
		})
	}, in.NextToken)
	return &autoscaling.DescribeAutoScalingGroupsOutput{AutoScalingGroups: items, NextToken: next}, w.answer(ctx, "DescribeAutoScalingGroups")
}
