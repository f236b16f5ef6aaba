package secret

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/semagent/semagent/internal/awserr"
)

// maxOrphans bounds how many keys without an alias are examined, one or two calls each.
const maxOrphans = 200

// findOrphan looks for an enabled key that was made for the alias and never got it. Only keys without any alias can
// be that, so of an account's keys few are examined. meta is nil when there is none; warnings say what was not examined.
func findOrphan(ctx context.Context, api KeyReader, alias string) (meta *types.KeyMetadata, warnings []string, err error) {
	candidates, err := unnamedKeys(ctx, api)
	if awserr.IsAccessDenied(err) {
		return nil, []string{unexamined("keys without an alias", alias, awserr.Message(err))}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("list keys: %w", err)
	}
	if extra := len(candidates) - maxOrphans; extra > 0 {
		candidates = candidates[:maxOrphans]
		warnings = append(warnings, unexamined(fmt.Sprintf("%d keys without an alias", extra), alias, "there are too many"))
	}
	for _, id := range candidates {
		meta, err := orphan(ctx, api, id, alias)
		if err != nil || meta != nil {
			return meta, warnings, err
		}
	}
	return nil, warnings, nil
}

func unexamined(what, alias, why string) string {
	return fmt.Sprintf("%s were not searched for one that an earlier attempt left for %s: %s", what, alias, why)
}

// orphan gives the key's metadata if it is one left for the alias. A key that these credentials may not look at is
// not theirs.
func orphan(ctx context.Context, api KeyReader, id, alias string) (*types.KeyMetadata, error) {
	marked, err := hasTag(ctx, api, id, tagAlias, alias)
	if awserr.IsAccessDenied(err) || err == nil && !marked {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list the tags of key %s: %w", id, err)
	}
	meta, err := describeKey(ctx, api, id)
	if err != nil {
		return nil, fmt.Errorf("look up key %s: %w", id, err)
	}
	if unusable(meta) != "" {
		return nil, nil
	}
	return meta, nil
}

func unnamedKeys(ctx context.Context, api KeyReader) ([]string, error) {
	named := map[string]bool{}
	aliases := kms.NewListAliasesPaginator(api, &kms.ListAliasesInput{})
	for aliases.HasMorePages() {
		page, err := aliases.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Aliases {
			named[aws.ToString(entry.TargetKeyId)] = true
		}
	}
	var ids []string
	keys := kms.NewListKeysPaginator(api, &kms.ListKeysInput{Limit: aws.Int32(1000)})
	for keys.HasMorePages() {
		page, err := keys.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, entry := range page.Keys {
			if id := aws.ToString(entry.KeyId); !named[id] {
				ids = append(ids, id)
			}
		}
	}
	return ids, nil
}

func hasTag(ctx context.Context, api KeyReader, id, key, value string) (bool, error) {
	pages := kms.NewListResourceTagsPaginator(api, &kms.ListResourceTagsInput{KeyId: &id})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return false, err
		}
		for _, tag := range page.Tags {
			if aws.ToString(tag.TagKey) == key && aws.ToString(tag.TagValue) == value {
				return true, nil
			}
		}
	}
	return false, nil
}
