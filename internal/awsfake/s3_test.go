package awsfake_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/semagent/semagent/internal/awsfake"
)

// versioned makes a bucket with versioning and returns a client.
func versioned(t *testing.T, cfg aws.Config, name string) *s3.Client {
	t.Helper()
	client := s3.NewFromConfig(cfg)
	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name})
	ok(t, err)
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: &name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled},
	})
	ok(t, err)
	return client
}

func TestObjects(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx, bucket := versioned(t, cfg, "assets"), t.Context(), aws.String("assets")
	key := aws.String("scaler/a b+c.zip")
	in := func() *s3.PutObjectInput {
		return &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader("zip"), IfNoneMatch: aws.String("*"), ExpectedBucketOwner: aws.String("123456789012"), ChecksumAlgorithm: types.ChecksumAlgorithmSha256}
	}
	made, err := client.PutObject(ctx, in())
	ok(t, err)
	if aws.ToString(made.VersionId) == "" || aws.ToString(made.ChecksumSHA256) == "" || made.ServerSideEncryption != types.ServerSideEncryptionAes256 {
		t.Errorf("got %+v", made)
	}
	_, err = client.PutObject(ctx, in())
	wantCode(t, err, "PreconditionFailed", "pre-conditions")
	head, err := client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: key, ChecksumMode: types.ChecksumModeEnabled})
	ok(t, err)
	if *head.ContentLength != 3 || aws.ToString(head.ChecksumSHA256) != aws.ToString(made.ChecksumSHA256) {
		t.Errorf("got %+v", head)
	}
	got, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key, Range: aws.String("bytes=1-")})
	ok(t, err)
	if body, _ := io.ReadAll(got.Body); string(body) != "ip" {
		t.Errorf("got %q", body)
	}
	_, err = client.HeadObject(ctx, &s3.HeadObjectInput{Bucket: bucket, Key: aws.String("absent")})
	wantCode(t, err, "NotFound", "")
	_, err = client.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: aws.String("absent")})
	wantCode(t, err, "NoSuchKey", "does not exist")
	_, err = client.GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("absent"), Key: key})
	wantCode(t, err, "NoSuchBucket", "does not exist")
}

func TestForeignBuckets(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	client, ctx := versioned(t, cfg, "mine"), t.Context()
	s.AddForeignBucket("theirs")
	_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("mine"), Key: aws.String("k"), ExpectedBucketOwner: aws.String("999999999999")})
	wantCode(t, err, "AccessDenied", "Access Denied")
	_, err = client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String("theirs")})
	wantCode(t, err, "Forbidden", "")
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("theirs")})
	wantCode(t, err, "BucketAlreadyExists", "not available")
	_, err = client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("mine")})
	wantCode(t, err, "BucketAlreadyOwnedByYou", "already own it")
}

func TestVersionsHoldABucket(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx, bucket := versioned(t, cfg, "b"), t.Context(), aws.String("b")
	for i := range 3 {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: strings.NewReader(fmt.Sprint(i))})
		ok(t, err)
	}
	_, err := client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: bucket, Key: aws.String("k")})
	ok(t, err)
	seen, err := client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: bucket})
	ok(t, err)
	if len(seen.Contents) != 0 {
		t.Errorf("a deleted key is listed: %+v", seen.Contents)
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	wantCode(t, err, "BucketNotEmpty", "not empty")
	all, err := client.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{Bucket: bucket})
	ok(t, err)
	var doomed []types.ObjectIdentifier
	for _, v := range all.Versions {
		doomed = append(doomed, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
	}
	for _, m := range all.DeleteMarkers {
		doomed = append(doomed, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
	}
	if len(all.Versions) != 3 || len(all.DeleteMarkers) != 1 || !*all.DeleteMarkers[0].IsLatest {
		t.Fatalf("got %d versions, %d markers", len(all.Versions), len(all.DeleteMarkers))
	}
	out, err := client.DeleteObjects(ctx, &s3.DeleteObjectsInput{Bucket: bucket, Delete: &types.Delete{Objects: doomed}})
	ok(t, err)
	if len(out.Deleted) != 4 {
		t.Errorf("got %+v", out.Deleted)
	}
	_, err = client.DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: bucket})
	ok(t, err)
}

func TestListObjectsPagesAndGroups(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx, bucket := versioned(t, cfg, "b"), t.Context(), aws.String("b")
	for _, key := range []string{"a/1", "a/2", "b", "c/1", "d"} {
		_, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: bucket, Key: &key})
		ok(t, err)
	}
	var got []string
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: bucket, Delimiter: aws.String("/"), MaxKeys: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(ctx)
		ok(t, err)
		for _, p := range out.CommonPrefixes {
			got = append(got, *p.Prefix)
		}
		for _, o := range out.Contents {
			got = append(got, *o.Key)
		}
	}
	if want := "[a/ b c/ d]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// A body that cannot be rewound is sent over TLS in the aws-chunked encoding, with its checksum in a trailer.
func TestStreamedUpload(t *testing.T) {
	s := awsfake.New(awsfake.Options{})
	t.Cleanup(s.Close)
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	_, cfg := start(t, awsfake.Options{})
	cfg.BaseEndpoint, cfg.HTTPClient = aws.String(server.URL), server.Client()
	client, bucket, want := versioned(t, cfg, "b"), aws.String("b"), bytes.Repeat([]byte("streamed "), 20000)
	_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String("k"), Body: io.MultiReader(bytes.NewReader(want)), ContentLength: aws.Int64(int64(len(want)))})
	ok(t, err)
	out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: aws.String("k")})
	ok(t, err)
	if got, err := io.ReadAll(out.Body); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(want))
	}
}

func TestBucketOfATemplate(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	ctx, bucket := t.Context(), aws.String("assets-1")
	resources := object{
		"Bucket": object{"Type": "AWS::S3::Bucket", "Properties": object{
			"BucketName": "assets-1", "VersioningConfiguration": object{"Status": "Enabled"},
			"BucketEncryption":               object{"ServerSideEncryptionConfiguration": []any{object{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true}}},
			"LifecycleConfiguration":         object{"Rules": []any{object{"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": object{"NoncurrentDays": 30}}}},
			"PublicAccessBlockConfiguration": object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		}},
		"Policy": object{"Type": "AWS::S3::BucketPolicy", "Properties": object{"Bucket": object{"Ref": "Bucket"}, "PolicyDocument": object{"Version": "2012-10-17", "Statement": []any{}}}},
	}
	if status, _, reason := deploy(t, cfg, "st", resources, false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	client := s3.NewFromConfig(cfg)
	encryption, err := client.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: bucket})
	ok(t, err)
	lifecycle, err := client.GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	ok(t, err)
	policy, err := client.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: bucket})
	ok(t, err)
	access, err := client.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: bucket})
	ok(t, err)
	rule := encryption.ServerSideEncryptionConfiguration.Rules[0]
	if rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm != types.ServerSideEncryptionAwsKms || !*rule.BucketKeyEnabled {
		t.Errorf("got encryption %+v", rule)
	}
	if *lifecycle.Rules[0].NoncurrentVersionExpiration.NoncurrentDays != 30 || !strings.Contains(*policy.Policy, "2012-10-17") || !*access.PublicAccessBlockConfiguration.RestrictPublicBuckets {
		t.Errorf("got %+v, %s, %+v", lifecycle.Rules[0], *policy.Policy, access)
	}
	status, _, reason := deploy(t, cfg, "other", resources, false)
	if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, "'assets-1' already exists") {
		t.Errorf("a second bucket of the name: %s: %s", status, reason)
	}
}
