package secret

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/semagent/semagent/internal/awserr"
)

// KMS is what making a key takes of *kms.Client.
type KMS interface {
	KeyReader
	KeyWriter
}

// KeyReader finds keys.
type KeyReader interface {
	DescribeKey(context.Context, *kms.DescribeKeyInput, ...func(*kms.Options)) (*kms.DescribeKeyOutput, error)
	GetKeyRotationStatus(context.Context, *kms.GetKeyRotationStatusInput, ...func(*kms.Options)) (*kms.GetKeyRotationStatusOutput, error)
	ListAliases(context.Context, *kms.ListAliasesInput, ...func(*kms.Options)) (*kms.ListAliasesOutput, error)
	ListKeys(context.Context, *kms.ListKeysInput, ...func(*kms.Options)) (*kms.ListKeysOutput, error)
	ListResourceTags(context.Context, *kms.ListResourceTagsInput, ...func(*kms.Options)) (*kms.ListResourceTagsOutput, error)
}

// KeyWriter makes keys.
type KeyWriter interface {
	CreateKey(context.Context, *kms.CreateKeyInput, ...func(*kms.Options)) (*kms.CreateKeyOutput, error)
	CreateAlias(context.Context, *kms.CreateAliasInput, ...func(*kms.Options)) (*kms.CreateAliasOutput, error)
	EnableKeyRotation(context.Context, *kms.EnableKeyRotationInput, ...func(*kms.Options)) (*kms.EnableKeyRotationOutput, error)
	ScheduleKeyDeletion(context.Context, *kms.ScheduleKeyDeletionInput, ...func(*kms.Options)) (*kms.ScheduleKeyDeletionOutput, error)
}

// KeyInput is the key wanted.
type KeyInput struct {
	Alias       string // NAME or alias/NAME
	Description string // of a new key; empty: one that says what it is for
	Tags        map[string]string
}

// Key is the key that an alias stands for.
type Key struct {
	ID, ARN, Alias  string
	Created         bool // by this call
	RotationEnabled bool
	Warnings        []string
}

// UnusableKeyError says that the alias stands for a key that can't encrypt a token.
type UnusableKeyError struct{ Alias, ID, Reason string }

// Error names the alias, the key and the reason.
func (e *UnusableKeyError) Error() string {
	return fmt.Sprintf("key %s of %s %s", e.ID, e.Alias, e.Reason)
}

// CreateKey gives the customer-managed key that the alias stands for, with yearly rotation on, and makes one if the
// alias does not exist. KMS has no idempotency token, so a new key carries its alias in a tag: one whose reply was
// lost, or that never got its alias, is found again by that tag, by this call or by the next, and not made twice.
// Errors: *InvalidAliasError, *UnusableKeyError, *LeftoverKeyError, or what KMS said.
func CreateKey(ctx context.Context, api KMS, in KeyInput) (Key, error) {
	alias, err := Alias(in.Alias)
	if err != nil {
		return Key{}, err
	}
	in.Alias = alias
	meta, err := describeKey(ctx, api, alias)
	switch {
	case err == nil:
		return adopt(ctx, api, alias, meta)
	case !awserr.IsNotFound(err):
		return Key{}, fmt.Errorf("look up %s: %w", alias, err)
	}
	return makeKey(ctx, api, in)
}

// adopt takes the key that has the alias already.
func adopt(ctx context.Context, api KMS, alias string, meta *types.KeyMetadata) (Key, error) {
	key := keyOf(alias, meta)
	if reason := unusable(meta); reason != "" {
		return Key{}, &UnusableKeyError{Alias: alias, ID: key.ID, Reason: reason}
	}
	if meta.Origin != "" && meta.Origin != types.OriginTypeAwsKms {
		key.Warnings = append(key.Warnings, fmt.Sprintf("key %s can't rotate by itself: its origin is %s", key.ID, meta.Origin))
		return key, nil
	}
	if err := rotate(ctx, api, &key); err != nil {
		if !awserr.IsAccessDenied(err) {
			return Key{}, err
		}
		key.Warnings = append(key.Warnings, fmt.Sprintf("whether key %s rotates is not known: %s", key.ID, awserr.Message(err)))
	}
	return key, nil
}

// rotate turns rotation on where it is off.
func rotate(ctx context.Context, api KMS, key *Key) error {
	status, err := api.GetKeyRotationStatus(ctx, &kms.GetKeyRotationStatusInput{KeyId: &key.ID})
	if err != nil {
		return fmt.Errorf("look up the rotation of key %s: %w", key.ID, err)
	}
	if !status.KeyRotationEnabled {
		if _, err := api.EnableKeyRotation(ctx, &kms.EnableKeyRotationInput{KeyId: &key.ID}); err != nil {
			return fmt.Errorf("turn on the rotation of key %s: %w", key.ID, err)
		}
	}
	key.RotationEnabled = true
	return nil
}

func describeKey(ctx context.Context, api KeyReader, id string) (*types.KeyMetadata, error) {
	out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return nil, err
	}
	if out.KeyMetadata == nil {
		return nil, fmt.Errorf("describe KMS key %q: empty answer", id)
	}
	return out.KeyMetadata, nil
}

func unusable(meta *types.KeyMetadata) string {
	switch {
	case meta.KeySpec != "" && meta.KeySpec != types.KeySpecSymmetricDefault:
		return fmt.Sprintf("is %s: a parameter needs a symmetric encryption key", meta.KeySpec)
	case meta.KeyState == types.KeyStatePendingDeletion && meta.DeletionDate != nil:
		return "is pending deletion on " + meta.DeletionDate.UTC().Format("2006-01-02")
	case meta.KeyState != "" && meta.KeyState != types.KeyStateEnabled:
		return "is not enabled: its state is " + string(meta.KeyState)
	}
	return ""
}

func keyOf(alias string, meta *types.KeyMetadata) Key {
	return Key{ID: aws.ToString(meta.KeyId), ARN: aws.ToString(meta.Arn), Alias: alias}
}
