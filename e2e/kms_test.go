//go:build e2e

package e2e

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

func TestKMSCreate(t *testing.T) {
	w := newBareWorld(t)
	ctx := t.Context()
	var first, second struct {
		Alias, ID, ARN    string
		Rotation, Created bool
	}
	w.run("kms", "create", "--alias", "ci-key", "--output", "json").exits(0).decode(&first)
	if !first.Created || !first.Rotation || first.Alias != "alias/ci-key" {
		t.Errorf("answer is %+v", first)
	}
	key := must(w.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/ci-key")}))(t).KeyMetadata
	if aws.ToString(key.KeyId) != first.ID || aws.ToString(key.Arn) != first.ARN || !key.Enabled {
		t.Errorf("the alias leads to %s, enabled %t, and the answer was %+v", aws.ToString(key.Arn), key.Enabled, first)
	}
	if aws.ToString(key.Description) == "" || key.KeySpec != "SYMMETRIC_DEFAULT" || key.KeyManager != "CUSTOMER" {
		t.Errorf("the key is %+v", key)
	}
	if rotation := must(w.kms.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: key.KeyId}))(t); !rotation.KeyRotationEnabled {
		t.Error("rotation is off")
	}
	tags := must(w.kms.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: key.KeyId}))(t).Tags
	if !hasTag(tags, "semagent:managed", "true") {
		t.Errorf("the key's tags are %v", tags)
	}

	before := stage.moto.everything(t)
	w.run("kms", "create", "--alias", "alias/ci-key", "--output", "json").exits(0).decode(&second)
	if second.Created || second.ARN != first.ARN {
		t.Errorf("the second run answered %+v, the first %+v", second, first)
	}
	w.run("kms", "create", "--alias", "ci-key").exits(0).out("alias/ci-key", first.ARN).err("Nothing to do")
	stage.moto.unchanged(t, before)
	if keys := must(w.kms.ListKeys(ctx, &kms.ListKeysInput{}))(t).Keys; len(keys) != 1 {
		t.Errorf("there are %d keys, want 1", len(keys))
	}
}

func TestKMSCreateRefusesReservedAlias(t *testing.T) {
	w := newBareWorld(t)
	before := stage.moto.everything(t)
	w.run("kms", "create", "--alias", "alias/aws/ssm").onlyErr().err("semagent: error: ", "alias/aws/")
	stage.moto.unchanged(t, before)
}

func hasTag(tags []types.Tag, key, value string) bool {
	for _, tag := range tags {
		if aws.ToString(tag.TagKey) == key && aws.ToString(tag.TagValue) == value {
			return true
		}
	}
	return false
}
