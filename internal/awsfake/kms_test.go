package awsfake_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/semagent/semagent/internal/awsfake"
)

func TestKeysAreFoundByEveryName(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := kms.NewFromConfig(cfg), t.Context()
	made, err := client.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String("ci"), Tags: []types.Tag{{TagKey: aws.String("team"), TagValue: aws.String("ci")}},
	})
	ok(t, err)
	id := *made.KeyMetadata.KeyId
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/ci"), TargetKeyId: &id})
	ok(t, err)
	for _, name := range []string{id, *made.KeyMetadata.Arn, "alias/ci", "arn:aws:kms:us-east-1:123456789012:alias/ci"} {
		out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		ok(t, err)
		if *out.KeyMetadata.KeyId != id || out.KeyMetadata.KeyState != types.KeyStateEnabled || out.KeyMetadata.CreationDate == nil {
			t.Errorf("%s: got %+v", name, out.KeyMetadata)
		}
	}
	for _, name := range []string{"alias/absent", "arn:aws:kms:eu-west-1:123456789012:key/" + id, "1234abcd-12ab-34cd-56ef-1234567890ab"} {
		_, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
		wantCode(t, err, "NotFoundException", "")
	}
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/ci"), TargetKeyId: &id})
	wantCode(t, err, "AlreadyExistsException", "arn:aws:kms:us-east-1:123456789012:alias/ci already exists")
	tags, err := client.ListResourceTags(ctx, &kms.ListResourceTagsInput{KeyId: &id})
	ok(t, err)
	if len(tags.Tags) != 1 || *tags.Tags[0].TagValue != "ci" {
		t.Errorf("got tags %+v", tags.Tags)
	}
}

func TestKeyStates(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := kms.NewFromConfig(cfg), t.Context()
	made, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
	ok(t, err)
	id := made.KeyMetadata.KeyId
	_, err = client.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id})
	ok(t, err)
	rotation, err := client.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: id})
	ok(t, err)
	if !rotation.KeyRotationEnabled {
		t.Error("rotation is off")
	}
	_, err = client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: id})
	ok(t, err)
	_, err = client.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: id})
	wantCode(t, err, "DisabledException", "is disabled")
	_, err = client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id, PendingWindowInDays: aws.Int32(3)})
	wantCode(t, err, "ValidationException", "between 7 and 30")
	_, err = client.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{KeyId: id})
	ok(t, err)
	_, err = client.DisableKey(ctx, &kms.DisableKeyInput{KeyId: id})
	wantCode(t, err, "KMSInvalidStateException", "pending deletion")
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: id})
	ok(t, err)
	if out.KeyMetadata.KeyState != types.KeyStatePendingDeletion || out.KeyMetadata.DeletionDate == nil || out.KeyMetadata.Enabled {
		t.Errorf("got %+v", out.KeyMetadata)
	}
}

func TestManagedKeyAppearsOnUse(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := kms.NewFromConfig(cfg), t.Context()
	before, err := client.ListAliases(ctx, nil)
	ok(t, err)
	out, err := client.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: aws.String("alias/aws/ssm")})
	ok(t, err)
	after, err := client.ListAliases(ctx, nil)
	ok(t, err)
	if len(before.Aliases) != 0 || len(after.Aliases) != 1 || out.KeyMetadata.KeyManager != types.KeyManagerTypeAws {
		t.Errorf("got %d and %d aliases, manager %s", len(before.Aliases), len(after.Aliases), out.KeyMetadata.KeyManager)
	}
	_, err = client.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: aws.String("alias/aws/mine"), TargetKeyId: out.KeyMetadata.KeyId})
	wantCode(t, err, "NotAuthorizedException", "")
}
