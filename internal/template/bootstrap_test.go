package template

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustBootstrap(tb testing.TB) Document {
	tb.Helper()
	doc, err := Bootstrap()
	if err != nil {
		tb.Fatal(err)
	}
	return doc
}

func TestBucketIsPrivateVersionedEncryptedAndKept(t *testing.T) {
	doc := mustBootstrap(t)
	want := object{
		"BucketName":                     object{"Fn::Sub": "semagent-bootstrap-${AWS::AccountId}-${AWS::Region}"},
		"VersioningConfiguration":        object{"Status": "Enabled"},
		"OwnershipControls":              object{"Rules": []any{object{"ObjectOwnership": "BucketOwnerEnforced"}}},
		"PublicAccessBlockConfiguration": object{"BlockPublicAcls": true, "BlockPublicPolicy": true, "IgnorePublicAcls": true, "RestrictPublicBuckets": true},
		"BucketEncryption": object{"ServerSideEncryptionConfiguration": []any{
			object{"ServerSideEncryptionByDefault": object{"SSEAlgorithm": "AES256"}},
		}},
		// Nothing here may expire a current version: a rollback fetches an older zip by its digest.
		"LifecycleConfiguration": object{"Rules": []any{object{
			"Id": "ExpireNoncurrentVersions", "Status": "Enabled",
			"NoncurrentVersionExpiration":    object{"NoncurrentDays": 30.0},
			"AbortIncompleteMultipartUpload": object{"DaysAfterInitiation": 7.0},
		}}},
	}
	if diff := cmp.Diff(any(want), property(t, doc, "AssetBucket")); diff != "" {
		t.Errorf("bucket (-want +got):\n%s", diff)
	}
	bucket := resources(t, doc)["AssetBucket"]
	if got := at(t, bucket, "DeletionPolicy"); got != "RetainExceptOnCreate" {
		t.Errorf("deletion policy is %v", got)
	}
}

func TestBucketRefusesPlainHTTP(t *testing.T) {
	statements := property(t, mustBootstrap(t), "AssetBucketPolicy", "PolicyDocument", "Statement").([]any)
	conditions := []any{}
	for _, s := range statements {
		if at(t, s, "Effect") != "Deny" || at(t, s, "Principal") != "*" || at(t, s, "Action", 0) != "s3:*" {
			t.Errorf("statement does not deny everything to everybody: %v", s)
		}
		if diff := cmp.Diff([]any{
			object{"Fn::GetAtt": []any{"AssetBucket", "Arn"}},
			object{"Fn::Sub": "${AssetBucket.Arn}/*"},
		}, at(t, s, "Resource")); diff != "" {
			t.Errorf("resources (-want +got):\n%s", diff)
		}
		conditions = append(conditions, at(t, s, "Condition"))
	}
	want := []any{
		object{"Bool": object{"aws:SecureTransport": "false"}},
		object{"NumericLessThan": object{"s3:TlsVersion": "1.2"}},
	}
	if diff := cmp.Diff(want, conditions); diff != "" {
		t.Errorf("conditions (-want +got):\n%s", diff)
	}
}

// The function's code and the bucket are in different stacks that know each other by this name only.
func TestFunctionsTakeTheirCodeFromTheBucket(t *testing.T) {
	bucket := property(t, mustBootstrap(t), "AssetBucket", "BucketName")
	doc := mustBuild(t, inputs(nil))
	for _, function := range []string{"ScalerFunction", "MaintenanceFunction"} {
		want := object{"S3Bucket": bucket, "S3Key": "scaler/" + inputs(nil).ScalerDigest + ".zip"}
		if diff := cmp.Diff(any(want), property(t, doc, function, "Code")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", function, diff)
		}
	}
}
