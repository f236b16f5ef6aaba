//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
)

func TestBootstrapMakesTheBucket(t *testing.T) {
	w := newBareWorld(t)
	w.run("bootstrap", "--yes", "aws://"+account+"/"+region).exits(0).out("AWS::S3::Bucket", assetBucket)

	if got, want := w.stacks(), map[string]string{"semagent-bootstrap": "CREATE_COMPLETE"}; !cmp.Equal(got, want) {
		t.Errorf("stacks are %v, want %v", got, want)
	}
	encryption := must(w.s3.GetBucketEncryption(t.Context(), &s3.GetBucketEncryptionInput{Bucket: aws.String(assetBucket)}))(t)
	rules := encryption.ServerSideEncryptionConfiguration.Rules
	if len(rules) != 1 || rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "AES256" {
		t.Errorf("encryption is %+v", rules)
	}
	stack := must(w.cfn.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("semagent-bootstrap")}))(t).Stacks[0]
	tags := map[string]string{}
	for _, tag := range stack.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if tags["semagent:managed"] != "true" || tags["semagent:version"] == "" {
		t.Errorf("tags are %v", tags)
	}
}

// TestBootstrapTemplateIsPrivate reads what CloudFormation was given. Of a bucket's properties moto's CloudFormation
// carries out nothing but name, encryption and tags, and it ignores AWS::S3::BucketPolicy; that the properties
// mean something to AWS is cfn-lint's part.
func TestBootstrapTemplateIsPrivate(t *testing.T) {
	w := newBareWorld(t)
	w.bootstrap()
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties map[string]any
		}
	}
	if err := json.Unmarshal([]byte(w.template("semagent-bootstrap")), &template); err != nil {
		t.Fatal(err)
	}
	bucket := template.Resources["AssetBucket"].Properties
	want := map[string]any{
		"VersioningConfiguration": map[string]any{"Status": "Enabled"},
		"PublicAccessBlockConfiguration": map[string]any{
			"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true,
		},
		"OwnershipControls": map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}},
	}
	for name, value := range want {
		if diff := cmp.Diff(value, bucket[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if rules, _ := json.Marshal(bucket["LifecycleConfiguration"]); !json.Valid(rules) || !contains(string(rules), `"NoncurrentDays":30`, `"Enabled"`) {
		t.Errorf("lifecycle is %s", rules)
	}
	policy, _ := json.Marshal(template.Resources["AssetBucketPolicy"].Properties)
	if !contains(string(policy), `"Deny"`, `"aws:SecureTransport":"false"`, `"s3:*"`) {
		t.Errorf("bucket policy is %s", policy)
	}
}

func TestBootstrapTwiceIsNothingToDo(t *testing.T) {
	w := newBareWorld(t)
	w.bootstrap()
	before := w.template("semagent-bootstrap")
	w.run("bootstrap", "--yes").exits(0).onlyOut().out("Nothing to do", account, region)
	w.run("bootstrap", "--yes", "--output", "json").exits(0).onlyOut().out(`"unchanged"`)
	if sets := w.changeSets(); len(sets) != 0 {
		t.Errorf("change sets are left: %v", sets)
	}
	if after := w.template("semagent-bootstrap"); after != before {
		t.Errorf("template changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

func TestBootstrapElsewhereIsRefused(t *testing.T) {
	tests := map[string]struct{ target, message, hint string }{
		"account":   {"aws://210987654321/" + region, "account " + account, "semagent bootstrap aws://" + account + "/" + region},
		"region":    {"aws://" + account + "/eu-central-1", "us-east-1", "semagent bootstrap --region eu-central-1"},
		"malformed": {account + "/" + region, "does not name an account and region", "semagent bootstrap aws://"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newBareWorld(t)
			before := stage.moto.everything(t)
			w.run("bootstrap", "--yes", tt.target).refused(2, tt.message, tt.hint)
			stage.moto.unchanged(t, before)
		})
	}
}

// TestBootstrapWithoutApproval: moto's change sets carry no property, so that the bucket's policy might widen
// anything, and semagent asks.
func TestBootstrapWithoutApproval(t *testing.T) {
	w := newBareWorld(t)
	w.run("bootstrap").exits(3).err("semagent: error: ", "approval", "--yes")
	w.nothingLeft()
	if buckets := must(w.s3.ListBuckets(t.Context(), &s3.ListBucketsInput{}))(t).Buckets; len(buckets) != 0 {
		t.Errorf("a bucket was made: %v", aws.ToString(buckets[0].Name))
	}
}

// nothingLeft asserts that there is no change set, and no stack beside the bootstrap stack.
func (w *world) nothingLeft() {
	w.t.Helper()
	if sets := w.changeSets(); len(sets) != 0 {
		w.t.Errorf("change sets are left: %v", sets)
	}
	stacks := w.stacks()
	delete(stacks, "semagent-bootstrap")
	if len(stacks) != 0 {
		w.t.Errorf("stacks are left: %v", stacks)
	}
}
