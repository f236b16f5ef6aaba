//go:build e2e

package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

// TestDeployDefaults reads back what the required settings alone make. moto's CloudFormation ignores architecture and
// logging of a function, AWS::Lambda::EventInvokeConfig, and a health check grace period of 0.
func TestDeployDefaults(t *testing.T) {
	w := newWorld(t)
	w.run("deploy", "--yes").exits(0).err("Uploaded the scaler to s3://"+assetBucket+"/scaler/").
		out("AgentGroup", "Stack ci-fleet is deployed in us-east-1.")
	if status := w.stacks()["ci-fleet"]; status != "CREATE_COMPLETE" {
		t.Errorf("the stack is in status %s", status)
	}
	t.Run("group", func(t *testing.T) { w.on(t).checkDefaultGroup() })
	t.Run("instances", func(t *testing.T) { w.on(t).checkDefaultLaunch() })
	t.Run("boot", func(t *testing.T) { w.on(t).checkDefaultBoot() })
	t.Run("functions", func(t *testing.T) { w.on(t).checkFunctions() })
	t.Run("permissions", func(t *testing.T) { w.on(t).checkGrants() })
	t.Run("scaler", func(t *testing.T) { w.on(t).checkScalerZip() })
}

// on is the same world in a subtest.
func (w *world) on(t *testing.T) *world {
	t.Helper()
	return &world{shell: w.fork(t), cloud: w.cloud, imageID: w.imageID}
}

func (w *world) checkDefaultGroup() {
	w.t.Helper()
	g := w.group()
	if !strings.HasPrefix(aws.ToString(g.AutoScalingGroupName), "ci-fleet-AgentGroup-") {
		w.t.Errorf("the group is called %s", aws.ToString(g.AutoScalingGroupName))
	}
	sizes := []int32{aws.ToInt32(g.MinSize), aws.ToInt32(g.DesiredCapacity), aws.ToInt32(g.MaxSize)}
	if want := []int32{0, 1, 1}; !slices.Equal(sizes, want) {
		w.t.Errorf("minimum, desired, maximum are %v, want %v", sizes, want)
	}
	if len(g.Instances) != 1 || g.Instances[0].LifecycleState != "InService" {
		w.t.Errorf("instances are %+v", g.Instances)
	}
	if len(g.AvailabilityZones) < 2 || aws.ToString(g.HealthCheckType) != "EC2" {
		w.t.Errorf("zones are %v, health check %s", g.AvailabilityZones, aws.ToString(g.HealthCheckType))
	}
	if share := aws.ToInt32(g.MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity); share != 100 {
		w.t.Errorf("on demand are %d %%", share)
	}
	tags := map[string]string{}
	for _, tag := range g.Tags {
		if aws.ToBool(tag.PropagateAtLaunch) {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	if want := map[string]string{"Name": "ci-fleet", "application": "semaphore-agent"}; !cmp.Equal(tags, want) {
		w.t.Errorf("tags for instances are %v, want %v", tags, want)
	}
}

func (w *world) checkDefaultLaunch() {
	w.t.Helper()
	data, userData := w.launch(w.group())
	if aws.ToString(data.ImageId) != w.imageID || data.InstanceType != "t2.micro" || data.KeyName != nil {
		w.t.Errorf("launched are %s from %s with key %s, and the AMI is %s",
			data.InstanceType, aws.ToString(data.ImageId), aws.ToString(data.KeyName), w.imageID)
	}
	if data.MetadataOptions.HttpTokens != "required" || data.InstanceInitiatedShutdownBehavior != "terminate" {
		w.t.Errorf("IMDSv2 is %s, shutdown behaviour %s", data.MetadataOptions.HttpTokens, data.InstanceInitiatedShutdownBehavior)
	}
	if want := "#!/bin/bash\n/opt/semaphore/agent/start.sh ci-fleet-config"; strings.TrimSpace(userData) != want {
		w.t.Errorf("user data is %q, want %q", userData, want)
	}
	if len(data.SecurityGroupIds) != 1 {
		w.t.Fatalf("security groups are %v", data.SecurityGroupIds)
	}
	sg := w.securityGroup(data.SecurityGroupIds[0])
	if len(sg.IpPermissions) != 0 {
		w.t.Errorf("without a key, these ports are open: %+v", sg.IpPermissions)
	}
	if len(sg.IpPermissionsEgress) != 1 || aws.ToString(sg.IpPermissionsEgress[0].IpProtocol) != "-1" {
		w.t.Errorf("outbound is %+v", sg.IpPermissionsEgress)
	}
	if aws.ToString(sg.VpcId) != w.defaultVPC() {
		w.t.Errorf("the security group is in %s", aws.ToString(sg.VpcId))
	}
	running := must(w.ec2.DescribeInstances(w.t.Context(), &ec2.DescribeInstancesInput{}))(w.t).Reservations[0].Instances[0]
	if aws.ToString(running.ImageId) != w.imageID || aws.ToString(running.SecurityGroups[0].GroupId) != aws.ToString(sg.GroupId) {
		w.t.Errorf("the instance runs %s in %+v", aws.ToString(running.ImageId), running.SecurityGroups)
	}
}

func (w *world) checkDefaultBoot() {
	w.t.Helper()
	want := map[string]any{
		"endpoint": "acme.semaphoreci.com", "agentTokenParameterName": "ci-token", "sshKeysParameterName": "ci-fleet-ssh-public-keys",
		"disconnectAfterJob": "true", "disconnectAfterIdleTimeout": "300", "envVars": []any{}, "usePreSignedURL": false,
	}
	if diff := cmp.Diff(want, w.bootConfig()); diff != "" {
		w.t.Errorf("ci-fleet-config (-want +got):\n%s", diff)
	}
	if keys := w.parameter("ci-fleet-ssh-public-keys"); !contains(keys, "ssh-ed25519 AAAA") {
		w.t.Errorf("ci-fleet-ssh-public-keys is %s", keys)
	}
	if template := w.template("ci-fleet"); contains(template, secret) {
		w.t.Error("the token is in the template")
	}
}

func (w *world) checkFunctions() {
	w.t.Helper()
	g := aws.ToString(w.group().AutoScalingGroupName)
	functions, rules := w.functions(), w.rules()
	environments := map[string]map[string]string{
		"scale": {
			"SEMAGENT_TASK": "scale", "SEMAGENT_GROUP_NAME": g, "SEMAPHORE_ENDPOINT": "acme.semaphoreci.com",
			"SEMAPHORE_AGENT_STACK_NAME": "ci-fleet", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME": "ci-token",
			"SEMAPHORE_AGENT_OVERPROVISION_STRATEGY": "none", "SEMAPHORE_AGENT_OVERPROVISION_FACTOR": "0",
		},
		"maintain": {
			"SEMAGENT_TASK": "maintain", "SEMAGENT_GROUP_NAME": g, "SEMAPHORE_AGENT_STACK_NAME": "ci-fleet",
			"SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME": "ci-fleet-ssh-public-keys",
		},
	}
	if len(functions) != 2 || len(rules) != 2 {
		w.t.Fatalf("there are %d functions and %d rules, want 2 of each", len(functions), len(rules))
	}
	for task, schedule := range map[string]string{"scale": "rate(1 minute)", "maintain": "rate(1 hour)"} {
		f, r := functions[task], rules[schedule]
		if diff := cmp.Diff(environments[task], f.Environment.Variables); diff != "" {
			w.t.Errorf("environment of %s (-want +got):\n%s", task, diff)
		}
		if f.Runtime != "provided.al2023" || f.Handler != "bootstrap" || f.MemorySize != 128 || f.Timeout > 60 {
			w.t.Errorf("function %s is %+v", task, f)
		}
		if r.State != "ENABLED" || len(r.Targets) != 1 || r.Targets[0].Arn != f.FunctionArn || !w.mayInvoke(f, r) {
			w.t.Errorf("%s does not start %s: %+v", schedule, f.FunctionArn, r)
		}
	}
	if retry := rules["rate(1 minute)"].Targets[0].RetryPolicy; retry.MaximumRetryAttempts != 0 || retry.MaximumEventAgeInSeconds != 60 {
		w.t.Errorf("a tick that was missed is repeated: %+v", retry)
	}
	want := map[string]int32{"/aws/lambda/ci-fleet-scaler": 30, "/aws/lambda/ci-fleet-maintenance": 30}
	if got := w.retention(); !cmp.Equal(got, want) {
		w.t.Errorf("log groups keep %v days, want %v", got, want)
	}
}

// checkGrants asserts that each permission names the resource that was made, and "*" only stands where AWS knows
// no resources.
func (w *world) checkGrants() {
	w.t.Helper()
	group := "arn:aws:autoscaling:" + region + ":" + account + ":autoScalingGroup:*:autoScalingGroupName/" + aws.ToString(w.group().AutoScalingGroupName)
	parameter := "arn:aws:ssm:" + region + ":" + account + ":parameter/"
	functions := w.functions()
	scaler := w.grants(roleName(functions["scale"].Role))
	if diff := cmp.Diff([]string{group}, scaler["autoscaling:SetDesiredCapacity"]); diff != "" {
		w.t.Errorf("the scaler sets the capacity of (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{parameter + "ci-token"}, scaler["ssm:GetParameter"]); diff != "" {
		w.t.Errorf("the scaler reads (-want +got):\n%s", diff)
	}
	maintenance := w.grants(roleName(functions["maintain"].Role))
	if diff := cmp.Diff([]string{parameter + "ci-fleet-ssh-public-keys"}, maintenance["ssm:PutParameter"]); diff != "" {
		w.t.Errorf("maintenance writes (-want +got):\n%s", diff)
	}
	data, _ := w.launch(w.group())
	agent := w.grants(w.profileRole(aws.ToString(data.IamInstanceProfile.Arn)))
	want := []string{parameter + "ci-fleet-config", parameter + "ci-fleet-ssh-public-keys", parameter + "ci-token"}
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(agent["ssm:GetParameter"]))); diff != "" {
		w.t.Errorf("agents read (-want +got):\n%s", diff)
	}
	for who, grants := range map[string]map[string][]string{"scaler": scaler, "maintenance": maintenance, "agent": agent} {
		for action, resources := range grants {
			if strings.HasPrefix(action, "kms:") || strings.HasPrefix(action, "s3:") {
				w.t.Errorf("%s may %s without a key or bucket being set", who, action)
			}
			if slices.Contains(resources, "*") && !strings.HasPrefix(action, "autoscaling:Describe") {
				w.t.Errorf("%s may %s on everything", who, action)
			}
		}
	}
}

func roleName(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }

// checkScalerZip asserts that the object is what its name and the functions say, and starts as Lambda needs it.
func (w *world) checkScalerZip() {
	w.t.Helper()
	var build struct{ Scaler string }
	w.run("version", "--output", "json").exits(0).decode(&build)
	key := "scaler/" + build.Scaler + ".zip"
	if objects := w.objects(); !slices.Equal(objects, []string{key}) {
		w.t.Fatalf("the bucket holds %v, want %s", objects, key)
	}
	object := must(w.s3.GetObject(w.t.Context(), &s3.GetObjectInput{Bucket: aws.String(assetBucket), Key: &key}))(w.t)
	defer object.Body.Close()
	body := must(io.ReadAll(object.Body))(w.t)
	sum := sha256.Sum256(body)
	if digest := hex.EncodeToString(sum[:]); digest != build.Scaler {
		w.t.Errorf("the digest of %s is %s", key, digest)
	}
	for task, f := range w.functions() {
		if f.CodeSha256 != base64.StdEncoding.EncodeToString(sum[:]) {
			w.t.Errorf("the code of %s has the digest %s", task, f.CodeSha256)
		}
	}
	archive := must(zip.NewReader(bytes.NewReader(body), int64(len(body))))(w.t)
	if len(archive.File) != 1 || archive.File[0].Name != "bootstrap" || archive.File[0].Mode()&0o111 != 0o111 {
		w.t.Fatalf("the zip holds %+v", archive.File)
	}
	program := must(archive.File[0].Open())(w.t)
	defer program.Close()
	head := make([]byte, 20)
	if _, err := io.ReadFull(program, head); err != nil {
		w.t.Fatal(err)
	}
	const elf, arm64 = "\x7fELF\x02", 183
	if !bytes.HasPrefix(head, []byte(elf)) || head[18] != arm64 {
		w.t.Errorf("bootstrap is no 64-bit ELF program for arm64: % x", head)
	}
}
