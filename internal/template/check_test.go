package template

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestBuildRefuses(t *testing.T) {
	b64 := func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }
	tests := map[string]struct {
		change func(*Inputs)
		want   string // in the error
	}{
		"no stack name":      {func(in *Inputs) { in.Config.StackName = "" }, "SEMAPHORE_AGENT_STACK_NAME: it is empty"},
		"no endpoint":        {func(in *Inputs) { in.Config.Endpoint = "" }, "SEMAPHORE_ENDPOINT"},
		"no token parameter": {func(in *Inputs) { in.Config.TokenParameter = "" }, "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME"},
		"no instance type":   {func(in *Inputs) { in.Config.InstanceType = "" }, "SEMAPHORE_AGENT_INSTANCE_TYPE"},
		"an empty subnet":    {func(in *Inputs) { in.Config.Subnets = []string{"subnet-1", ""} }, "SEMAPHORE_AGENT_SUBNETS"},
		"no scaler":          {func(in *Inputs) { in.ScalerDigest = "" }, "digest of the scaler"},
		"short digest":       {func(in *Inputs) { in.ScalerDigest = "abcd" }, "digest of the scaler"},
		"upper-case digest":  {func(in *Inputs) { in.ScalerDigest = strings.Repeat("AB", 32) }, "digest of the scaler"},
		"too few wanted":     {func(in *Inputs) { in.Config.MinSize, in.Config.MaxSize = 2, 4 }, "1 is not within minimum size 2"},
		"too many wanted":    {func(in *Inputs) { in.DesiredCapacity = 2 }, "maximum size 1"},

		"wildcard in a policy": {func(in *Inputs) { in.Config.TokenParameter = "*" }, "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME"},
		"any character":        {func(in *Inputs) { in.Config.CacheBucket = "cach?" }, "SEMAPHORE_AGENT_CACHE_BUCKET_NAME"},
		"policy variable":      {func(in *Inputs) { in.Config.TokenParameter = "${aws:username}" }, "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME"},
		"wildcard key":         {func(in *Inputs) { in.TokenKMSKeyARN = "*" }, "token KMS key ARN"},
		"wildcard key setting": {func(in *Inputs) { in.Config.TokenKMSKey = "arn:aws:kms:*:*:key/*" }, "SEMAPHORE_AGENT_TOKEN_KMS_KEY"},
		"shell in user data":   {func(in *Inputs) { in.Config.StackName = "a;reboot" }, "SEMAPHORE_AGENT_STACK_NAME"},
		"quoted endpoint":      {func(in *Inputs) { in.Config.Endpoint = `a"b` }, "SEMAPHORE_ENDPOINT"},

		"reference":      {func(in *Inputs) { in.Config.KeyName = b64(`{"Ref":"AWS::StackId"}`) }, "SEMAPHORE_AGENT_KEY_NAME"},
		"stack name":     {func(in *Inputs) { in.Config.StackName = b64(`{"Ref":"ab"}`) }, "SEMAPHORE_AGENT_STACK_NAME"},
		"image":          {func(in *Inputs) { in.ImageID = b64(`{"Fn::Sub":"x"}`) }, "image id"},
		"image setting":  {func(in *Inputs) { in.Config.ImageID = b64(`{"Fn::Sub":"x"}`) }, "SEMAPHORE_AGENT_AMI"},
		"subnet":         {func(in *Inputs) { in.Config.Subnets = []string{b64(`{"Fn::Split":[",","a,b"]}`)} }, "SEMAPHORE_AGENT_SUBNETS"},
		"security group": {func(in *Inputs) { in.Config.SecurityGroupID = b64(`{"Fn::ImportValue":"x"}`) }, "SEMAPHORE_AGENT_SECURITY_GROUP_ID"},
		"VPC":            {func(in *Inputs) { in.Config.VPCID = b64(`{"Fn::Transform":{}}`) }, "SEMAPHORE_AGENT_VPC_ID"},
		"instance type":  {func(in *Inputs) { in.Config.InstanceType = b64(`{"Fn::GetAZs":""}`) }, "SEMAPHORE_AGENT_INSTANCE_TYPE"},

		"line break":        {func(in *Inputs) { in.Config.KeyName = "a\nb" }, "cannot be printed"},
		"broken UTF-8":      {func(in *Inputs) { in.Config.KeyName = "a\xff" }, "cannot be printed"},
		"host before a key": {func(in *Inputs) { in.KnownHosts = []string{"github.com ssh-rsa AAAA"} }, "without a host"},
		"empty known host":  {func(in *Inputs) { in.KnownHosts = []string{""} }, "without a host"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := Build(inputs(tt.change))
			if err == nil {
				t.Fatalf("built a template:\n%s", doc.JSON)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error is %q, want it to say %q", err, tt.want)
			}
			if doc.JSON != nil {
				t.Error("a refused template came back all the same")
			}
		})
	}
}

func TestBuildReportsEveryProblem(t *testing.T) {
	_, err := Build(inputs(func(in *Inputs) {
		in.Config.StackName, in.Config.KeyName, in.DesiredCapacity = "a b", "c\td", 9
	}))
	if err == nil {
		t.Fatal("built a template")
	}
	for _, want := range []string{"SEMAPHORE_AGENT_STACK_NAME", "SEMAPHORE_AGENT_KEY_NAME", "desired capacity"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error does not say %q:\n%v", want, err)
		}
	}
}
