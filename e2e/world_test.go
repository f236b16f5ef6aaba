//go:build e2e

package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const assetBucket = "semagent-bootstrap-" + account + "-" + region

// world is an account that is ready for a fleet: one step of the five-minute path after the other was taken.
type world struct {
	*shell
	*cloud
	imageID string
}

// newWorld opens a shell in an account with a way out of the default VPC, the AMI of this build, the bootstrap stack
// and the token.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := newBareWorld(t)
	w.imageID = w.registerImage(w.imageName())
	w.bootstrap()
	w.pipe(secret+"\n", "token", "put").exits(0)
	return w
}

// newBareWorld lacks AMI, bootstrap stack and token.
func newBareWorld(t *testing.T) *world {
	t.Helper()
	w := &world{shell: newShell(t), cloud: newCloud()}
	w.openVPC(w.defaultVPC())
	return w
}

// bootstrap runs `semagent bootstrap`. moto's ListChangeSets gives the change sets of all stacks, whichever was asked
// for; AWS gives those of the one. Unless the executed one goes, no other stack would ever look free of change sets.
func (w *world) bootstrap() {
	w.t.Helper()
	w.run("bootstrap", "--yes").exits(0)
	w.forgetChangeSets("semagent-bootstrap")
}

func (w *world) forgetChangeSets(stackName string) {
	w.t.Helper()
	for _, id := range w.changeSets() {
		must(w.cfn.DeleteChangeSet(w.t.Context(), &cloudformation.DeleteChangeSetInput{ChangeSetName: &id, StackName: &stackName}))(w.t)
	}
}

// imageName is what the binary says its AMI is called.
func (w *world) imageName() string {
	w.t.Helper()
	var build struct{ Image string }
	w.run("version", "--output", "json").exits(0).onlyOut().decode(&build)
	if build.Image == "" {
		w.t.Fatal("semagent version names no image")
	}
	return build.Image
}

func (w *world) registerImage(name string) string {
	w.t.Helper()
	out := must(w.ec2.RegisterImage(w.t.Context(), &ec2.RegisterImageInput{
		Name: &name, Architecture: types.ArchitectureValuesX8664, RootDeviceName: aws.String("/dev/sda1"), VirtualizationType: aws.String("hvm"),
	}))(w.t)
	return aws.ToString(out.ImageId)
}

func (w *world) defaultVPC() string {
	w.t.Helper()
	out := must(w.ec2.DescribeVpcs(w.t.Context(), &ec2.DescribeVpcsInput{Filters: filters("is-default", "true")}))(w.t)
	return aws.ToString(out.Vpcs[0].VpcId)
}

// newVPC makes a VPC with one subnet, which has no way out yet.
func (w *world) newVPC(network string) (vpc, subnet string) {
	w.t.Helper()
	made := must(w.ec2.CreateVpc(w.t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String(network + ".0.0/16")}))(w.t)
	vpc = aws.ToString(made.Vpc.VpcId)
	return vpc, w.newSubnet(vpc, network+".1.0/24", region+"a")
}

func (w *world) newSubnet(vpc, block, zone string) string {
	w.t.Helper()
	out := must(w.ec2.CreateSubnet(w.t.Context(), &ec2.CreateSubnetInput{VpcId: &vpc, CidrBlock: &block, AvailabilityZone: &zone}))(w.t)
	return aws.ToString(out.Subnet.SubnetId)
}

// mainRouteTable is the one that a VPC's subnets use unless they are given another.
func (w *world) mainRouteTable(vpc string) string {
	w.t.Helper()
	out := must(w.ec2.DescribeRouteTables(w.t.Context(), &ec2.DescribeRouteTablesInput{Filters: filters("vpc-id", vpc)}))(w.t)
	return aws.ToString(out.RouteTables[0].RouteTableId)
}

// openVPC gives a VPC an internet gateway and the route to it. moto's default VPC has none, unlike AWS's.
func (w *world) openVPC(vpc string) {
	w.t.Helper()
	ctx := w.t.Context()
	gateway := must(w.ec2.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{}))(w.t).InternetGateway.InternetGatewayId
	must(w.ec2.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{InternetGatewayId: gateway, VpcId: &vpc}))(w.t)
	must(w.ec2.CreateRoute(ctx, &ec2.CreateRouteInput{
		RouteTableId: aws.String(w.mainRouteTable(vpc)), DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: gateway,
	}))(w.t)
}

func filters(name, value string) []types.Filter {
	return []types.Filter{{Name: &name, Values: []string{value}}}
}

// changeSets lists the ARNs of all change sets there are, of whichever stack.
func (w *world) changeSets() []string {
	w.t.Helper()
	out := must(w.cfn.ListChangeSets(w.t.Context(), &cloudformation.ListChangeSetsInput{StackName: aws.String("any")}))(w.t)
	var ids []string
	for _, set := range out.Summaries {
		ids = append(ids, aws.ToString(set.ChangeSetId))
	}
	return ids
}

// stacks are the statuses of the stacks that are not deleted, by name. DescribeStacks and ListStacks have to agree.
func (w *world) stacks() map[string]string {
	w.t.Helper()
	described := map[string]string{}
	for _, stack := range must(w.cfn.DescribeStacks(w.t.Context(), &cloudformation.DescribeStacksInput{}))(w.t).Stacks {
		described[aws.ToString(stack.StackName)] = string(stack.StackStatus)
	}
	listed := 0
	for _, stack := range must(w.cfn.ListStacks(w.t.Context(), &cloudformation.ListStacksInput{}))(w.t).StackSummaries {
		if stack.StackStatus == "DELETE_COMPLETE" {
			continue
		}
		listed++
		if name := aws.ToString(stack.StackName); described[name] != string(stack.StackStatus) {
			w.t.Errorf("stack %s is listed as %s and described as %q", name, stack.StackStatus, described[name])
		}
	}
	if listed != len(described) {
		w.t.Errorf("%d stacks are listed and %d described", listed, len(described))
	}
	return described
}

// template is what CloudFormation holds for a stack.
func (w *world) template(stackName string) string {
	w.t.Helper()
	return aws.ToString(must(w.cfn.GetTemplate(w.t.Context(), &cloudformation.GetTemplateInput{StackName: &stackName}))(w.t).TemplateBody)
}
