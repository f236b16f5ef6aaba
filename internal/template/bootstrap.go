package template

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/s3"
)

const (
	assetBucket       = "AssetBucket"
	assetBucketPolicy = "AssetBucketPolicy"

	// bootstrapVersion goes up with each change of the bootstrap stack that a deployment relies on.
	bootstrapVersion = "1"
)

// assetBucketName is the bucket's name in whichever account and region the template is deployed to.
func assetBucketName() string { return sub("semagent-bootstrap-${AWS::AccountId}-${AWS::Region}") }

// Bootstrap makes the template of the stack semagent-bootstrap: the bucket that the scaler's zip is uploaded to. It is
// the same for every account and region.
func Bootstrap() (Document, error) {
	return render(body{
		Description: "What semagent keeps in an account and region for all its fleets",
		Resources: map[string]any{
			assetBucket:       bucket(),
			assetBucketPolicy: bucketPolicy(),
		},
		Outputs: map[string]output{
			OutputBucket:       {"Bucket that assets are uploaded to", ref(assetBucket)},
			"BootstrapVersion": {"Goes up when a deployment needs more than an earlier version gave", bootstrapVersion},
		},
	})
}

// bucket stays when the stack goes, because fleets would not roll back without their zips; RetainExceptOnCreate lets a
// failed first attempt take it away again, or the fixed name would be in the way of the second.
func bucket() json.Marshaler {
	return s3.Bucket{
		BucketName:              new(assetBucketName()),
		VersioningConfiguration: &s3.Bucket_VersioningConfiguration{Status: "Enabled"},
		BucketEncryption: &s3.Bucket_BucketEncryption{
			ServerSideEncryptionConfiguration: []s3.Bucket_ServerSideEncryptionRule{{
				ServerSideEncryptionByDefault: &s3.Bucket_ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"},
			}},
		},
		PublicAccessBlockConfiguration: &s3.Bucket_PublicAccessBlockConfiguration{
			BlockPublicAcls: new(true), BlockPublicPolicy: new(true), IgnorePublicAcls: new(true), RestrictPublicBuckets: new(true),
		},
		OwnershipControls: &s3.Bucket_OwnershipControls{
			Rules: []s3.Bucket_OwnershipControlsRule{{ObjectOwnership: new("BucketOwnerEnforced")}},
		},
		LifecycleConfiguration: &s3.Bucket_LifecycleConfiguration{Rules: []s3.Bucket_Rule{{
			Id:                             new("ExpireNoncurrentVersions"), // never current ones: a rollback fetches its zip again
			Status:                         "Enabled",
			NoncurrentVersionExpiration:    &s3.Bucket_NoncurrentVersionExpiration{NoncurrentDays: 30},
			AbortIncompleteMultipartUpload: &s3.Bucket_AbortIncompleteMultipartUpload{DaysAfterInitiation: 7},
		}}},
		AWSCloudFormationDeletionPolicy:      "RetainExceptOnCreate",
		AWSCloudFormationUpdateReplacePolicy: "Retain",
	}
}

func bucketPolicy() json.Marshaler {
	return s3.BucketPolicy{
		Bucket: ref(assetBucket),
		PolicyDocument: policy(
			denyUnless("RefusePlainHTTP", "Bool", "aws:SecureTransport", "false"),
			denyUnless("RefuseOldTLS", "NumericLessThan", "s3:TlsVersion", "1.2"),
		),
	}
}

func denyUnless(sid, operator, key, value string) statement {
	return statement{
		Sid:       sid,
		Effect:    "Deny",
		Principal: "*",
		Action:    []string{"s3:*"},
		Resource:  []string{getAtt(assetBucket, "Arn"), sub("${" + assetBucket + ".Arn}/*")},
		Condition: map[string]any{operator: map[string]string{key: value}},
	}
}
