//go:build e2e

package e2e

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

// ownNetwork is a VPC of the user's, with two subnets that have a way out.
type ownNetwork struct{ vpc, first, second string }

func (w *world) newNetwork() ownNetwork {
	w.t.Helper()
	vpc, first := w.newVPC("10.7")
	w.openVPC(vpc)
	return ownNetwork{vpc: vpc, first: first, second: w.newSubnet(vpc, "10.7.2.0/24", region+"b")}
}

// TestDeployEverySetting sets what TestDeployDefaults leaves alone.
func TestDeployEverySetting(t *testing.T) {
	w := newWorld(t)
	n := w.newNetwork()
	w.imageID = w.registerImage("an-image-of-our-own")
	w.pipe(secret, "token", "put", "--overwrite", "--create-kms-key").exits(0)
	must(w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("ci-cache")}))(t)
	must(w.ec2.CreateKeyPair(t.Context(), &ec2.CreateKeyPairInput{KeyName: aws.String("ops")}))(t)
	for name, value := range map[string]string{
		"INSTANCE_TYPE": "t3.large", "ASG_MIN_SIZE": "1", "ASG_MAX_SIZE": "5", "ASG_DESIRED": "3", "USE_DYNAMIC_SCALING": "false",
		"KEY_NAME": "ops", "DISCONNECT_AFTER_JOB": "false", "DISCONNECT_AFTER_IDLE_TIMEOUT": "0", "CACHE_BUCKET_NAME": "ci-cache",
		"TOKEN_KMS_KEY": "alias/semagent-token", "VPC_ID": n.vpc, "SUBNETS": n.first + "," + n.second, "AMI": w.imageID,
	} {
		w.export("SEMAPHORE_AGENT_"+name, value)
	}
	w.run("deploy", "--yes").exits(0)

	t.Run("group", func(t *testing.T) { w.on(t).checkSetGroup(n) })
	t.Run("instances", func(t *testing.T) { w.on(t).checkSetLaunch(n) })
	t.Run("boot", func(t *testing.T) { w.on(t).checkSetBoot() })
	t.Run("permissions", func(t *testing.T) { w.on(t).checkSetGrants() })
	if functions, rules := w.functions(), w.rules(); len(functions) != 1 || functions["maintain"].FunctionName == "" || len(rules) != 1 {
		t.Errorf("without dynamic scaling there are the functions %v and the rules %v", functions, rules)
	}
}

func (w *world) checkSetGroup(n ownNetwork) {
	w.t.Helper()
	g := w.group()
	sizes := []int{int(aws.ToInt32(g.MinSize)), int(aws.ToInt32(g.DesiredCapacity)), int(aws.ToInt32(g.MaxSize)), len(g.Instances)}
	if want := []int{1, 3, 5, 3}; !slices.Equal(sizes, want) {
		w.t.Errorf("minimum, desired, maximum and instances are %v, want %v", sizes, want)
	}
	if subnets, want := aws.ToString(g.VPCZoneIdentifier), n.first+","+n.second; subnets != want {
		w.t.Errorf("the group is in %s, want %s", subnets, want)
	}
}

func (w *world) checkSetLaunch(n ownNetwork) {
	w.t.Helper()
	data, _ := w.launch(w.group())
	if aws.ToString(data.ImageId) != w.imageID || data.InstanceType != "t3.large" || aws.ToString(data.KeyName) != "ops" {
		w.t.Errorf("launched are %s from %s with key %s", data.InstanceType, aws.ToString(data.ImageId), aws.ToString(data.KeyName))
	}
	sg := w.securityGroup(data.SecurityGroupIds[0])
	if aws.ToString(sg.VpcId) != n.vpc {
		w.t.Errorf("the security group is in %s, want %s", aws.ToString(sg.VpcId), n.vpc)
	}
	if open := sg.IpPermissions; len(open) != 1 || aws.ToInt32(open[0].FromPort) != 22 || aws.ToInt32(open[0].ToPort) != 22 {
		w.t.Errorf("with a key, these ports are open: %+v", open)
	}
}

func (w *world) checkSetBoot() {
	w.t.Helper()
	boot := w.bootConfig()
	if boot["disconnectAfterJob"] != "false" || boot["disconnectAfterIdleTimeout"] != "0" {
		w.t.Errorf("ci-fleet-config is %v", boot)
	}
	if variables, _ := boot["envVars"].([]any); !slices.Contains(variables, any("SEMAPHORE_CACHE_S3_BUCKET=ci-cache")) {
		w.t.Errorf("envVars are %v", variables)
	}
}

func (w *world) checkSetGrants() {
	w.t.Helper()
	data, _ := w.launch(w.group())
	grants := w.grants(w.profileRole(aws.ToString(data.IamInstanceProfile.Arn)))
	key := must(w.kms.DescribeKey(w.t.Context(), &kms.DescribeKeyInput{KeyId: aws.String("alias/semagent-token")}))(w.t).KeyMetadata
	if diff := cmp.Diff([]string{aws.ToString(key.Arn)}, grants["kms:Decrypt"]); diff != "" {
		w.t.Errorf("agents decrypt with (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"arn:aws:s3:::ci-cache/*"}, grants["s3:PutObject"]); diff != "" {
		w.t.Errorf("agents write to (-want +got):\n%s", diff)
	}
}

func TestDeployInAGivenSecurityGroup(t *testing.T) {
	w := newWorld(t)
	given := aws.ToString(must(w.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{
		GroupName: aws.String("ours"), Description: aws.String("ours"), VpcId: aws.String(w.defaultVPC()),
	}))(t).GroupId)
	count := len(must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{}))(t).SecurityGroups)
	w.export("SEMAPHORE_AGENT_SECURITY_GROUP_ID", given)
	w.run("deploy", "--yes").exits(0)
	if data, _ := w.launch(w.group()); !slices.Equal(data.SecurityGroupIds, []string{given}) {
		t.Errorf("instances are in %v, want %s", data.SecurityGroupIds, given)
	}
	if now := len(must(w.ec2.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{}))(t).SecurityGroups); now != count {
		t.Errorf("there were %d security groups and are %d", count, now)
	}
}
