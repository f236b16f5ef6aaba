package secret

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/semagent/semagent/internal/awserr"
)

// tagAlias marks a key with the alias that it is made for.
const tagAlias = "semagent:alias"

// deletionDays is the shortest wait that KMS allows before it deletes a key.
const deletionDays = 7

// LeftoverKeyError says that a key was made and is not what the alias stands for. The next CreateKey for the alias
// picks it up, unless Taken.
type LeftoverKeyError struct {
	Alias, ID string
	Taken     bool // another key has the alias now, so nothing will use this one: it wants deleting
	Err       error
}

// Error names the key that is left.
func (e *LeftoverKeyError) Error() string {
	if e.Taken {
		return fmt.Sprintf("key %s is left over, because another one took %s: schedule its deletion: %v", e.ID, e.Alias, e.Err)
	}
	return fmt.Sprintf("key %s is made, but not yet %s: %v", e.ID, e.Alias, e.Err)
}

// Unwrap gives what KMS said.
func (e *LeftoverKeyError) Unwrap() error { return e.Err }

// makeKey makes a key and gives it the alias, which comes last: what has the name is complete.
func makeKey(ctx context.Context, api KMS, in KeyInput) (Key, error) {
	meta, warnings, created, err := obtain(ctx, api, in)
	if err != nil {
		return Key{}, err
	}
	key := keyOf(in.Alias, meta)
	key.Created, key.Warnings = created, warnings
	if err := rotate(ctx, api, &key); err != nil {
		return Key{}, &LeftoverKeyError{Alias: in.Alias, ID: key.ID, Err: err}
	}
	_, err = api.CreateAlias(ctx, &kms.CreateAliasInput{AliasName: &in.Alias, TargetKeyId: &key.ID})
	switch {
	case err == nil:
		return key, nil
	case awserr.Code(err) == "AlreadyExistsException":
		return settle(ctx, api, key)
	}
	return Key{}, &LeftoverKeyError{Alias: in.Alias, ID: key.ID, Err: fmt.Errorf("create the alias: %w", err)}
}

// obtain finds a key that an earlier call left without its alias, or makes one.
func obtain(ctx context.Context, api KMS, in KeyInput) (meta *types.KeyMetadata, warnings []string, created bool, err error) {
	meta, warnings, err = findOrphan(ctx, api, in.Alias)
	if err != nil || meta != nil {
		return meta, warnings, false, err
	}
	out, err := api.CreateKey(ctx, &kms.CreateKeyInput{
		Description: aws.String(cmp.Or(in.Description, "Encrypts the registration token of Semaphore agents ("+in.Alias+")")),
		Tags:        keyTags(in),
	}, retryOnlyThrottled)
	if err == nil {
		return out.KeyMetadata, warnings, true, nil
	}
	if awserr.IsTransient(err) {
		if meta, _, again := findOrphan(ctx, api, in.Alias); again == nil && meta != nil {
			return meta, warnings, true, nil
		}
	}
	return nil, warnings, false, fmt.Errorf("create a key for %s: %w", in.Alias, err)
}

// settle looks at who has the alias that could not be created: this key, when only the reply was lost, or somebody
// else's, made at the same time. Then this key is not needed and is scheduled for deletion.
func settle(ctx context.Context, api KMS, ours Key) (Key, error) {
	meta, err := describeKey(ctx, api, ours.Alias)
	if err != nil {
		return Key{}, &LeftoverKeyError{Alias: ours.Alias, ID: ours.ID, Err: fmt.Errorf("look up the alias: %w", err)}
	}
	if aws.ToString(meta.KeyId) == ours.ID {
		return ours, nil
	}
	_, err = api.ScheduleKeyDeletion(ctx, &kms.ScheduleKeyDeletionInput{
		KeyId: &ours.ID, PendingWindowInDays: aws.Int32(deletionDays),
	})
	if err != nil {
		return Key{}, &LeftoverKeyError{Alias: ours.Alias, ID: ours.ID, Taken: true, Err: err}
	}
	key, err := adopt(ctx, api, ours.Alias, meta)
	if err != nil {
		return Key{}, err
	}
	key.Warnings = append(key.Warnings, fmt.Sprintf(
		"another key took %s at the same time; key %s, made for it and never used, is deleted in %d days",
		ours.Alias, ours.ID, deletionDays))
	return key, nil
}

func keyTags(in KeyInput) []types.Tag {
	list := []types.Tag{
		{TagKey: aws.String(tagAlias), TagValue: &in.Alias},
		{TagKey: aws.String(tagManaged), TagValue: aws.String("true")},
	}
	for key, value := range in.Tags {
		if key != tagAlias && key != tagManaged {
			list = append(list, types.Tag{TagKey: &key, TagValue: &value})
		}
	}
	slices.SortFunc(list, func(a, b types.Tag) int { return strings.Compare(*a.TagKey, *b.TagKey) })
	return list
}

// retryOnlyThrottled keeps the SDK from repeating a CreateKey whose reply was lost, which would make a second key.
// A throttled one was not carried out and may be repeated.
func retryOnlyThrottled(o *kms.Options) {
	if o.Retryer != nil {
		o.Retryer = throttledOnly{o.Retryer}
	}
}

type throttledOnly struct{ aws.Retryer }

// IsErrorRetryable narrows the SDK's own judgement.
func (r throttledOnly) IsErrorRetryable(err error) bool {
	return awserr.IsThrottled(err) && r.Retryer.IsErrorRetryable(err)
}
