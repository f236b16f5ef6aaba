package secret

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/awserr"
)

const (
	tagManaged       = "semagent:managed"
	tokenDescription = "Registration token of Semaphore agents, written by semagent"
)

// PutInput is what to write where.
type PutInput struct {
	Name      string
	Token     Token
	KeyID     string            // KMS key id, ARN or alias; empty: the parameter's own, alias/aws/ssm for a new one
	Overwrite bool              // whether a parameter that is there gets a new version
	Tags      map[string]string // beside semagent:managed
}

// Result is what PutToken wrote.
type Result struct {
	Name     string
	Created  bool   // false: a new version of a parameter that was there
	Version  int64  // 0 when it could not be learned
	KeyID    string // as it was named to SSM; empty for alias/aws/ssm
	Warnings []string
}

// PutToken writes the token as a SecureString. Where the reply to a first write is lost, it reads the value back and
// reports success only if it is this token. Errors: ErrExists without Overwrite, ErrInClear, or what SSM said,
// never with the token in it.
func PutToken(ctx context.Context, api SSM, in PutInput) (Result, error) {
	if in.Token.IsZero() {
		return Result{}, &InvalidTokenError{Reason: "is empty"}
	}
	meta, err := describe(ctx, api, in.Name)
	switch {
	case errors.Is(err, ErrNotFound), awserr.IsAccessDenied(err) && !in.Overwrite:
		return create(ctx, api, in)
	case err != nil:
		return Result{}, err
	case !in.Overwrite:
		return Result{}, fmt.Errorf("parameter %q %w", in.Name, ErrExists)
	}
	return overwrite(ctx, api, in, meta)
}

// create writes a parameter that was seen to be missing. One that is suddenly there may be this very write, whose
// reply was lost and which the SDK then repeated. Where nobody may look, holds can't either, and it counts as
// somebody else's.
func create(ctx context.Context, api SSM, in PutInput) (Result, error) {
	put := putInput(in)
	put.Tags = tags(in.Tags)
	out, err := api.PutParameter(ctx, put)
	if err == nil {
		return Result{Name: in.Name, Created: true, Version: out.Version, KeyID: in.KeyID}, nil
	}
	exists := awserr.Code(err) == "ParameterAlreadyExists"
	if (exists || awserr.IsTransient(err)) && holds(ctx, api, in) {
		return Result{Name: in.Name, Created: true, Version: 1, KeyID: in.KeyID}, nil
	}
	if !exists {
		return Result{}, fmt.Errorf("write parameter %q: %w", in.Name, scrub(err, in.Token))
	}
	if !in.Overwrite {
		return Result{}, fmt.Errorf("parameter %q %w", in.Name, ErrExists)
	}
	meta, err := describe(ctx, api, in.Name)
	if errors.Is(err, ErrNotFound) {
		return Result{}, fmt.Errorf("parameter %q %w: somebody else wrote it just now", in.Name, ErrExists)
	}
	if err != nil {
		return Result{}, err
	}
	return overwrite(ctx, api, in, meta)
}

// holds reports whether the parameter is what this write would have made: first version, encrypted under the key
// asked for, this token. What can't be read counts as not.
func holds(ctx context.Context, api SSM, in PutInput) bool {
	written, err := read(ctx, api, in.Name)
	if err != nil || written.Version != 1 || written.Type != types.ParameterTypeSecureString ||
		!in.Token.equal(aws.ToString(written.Value)) {
		return false
	}
	// GetParameter names no key, and DescribeParameters may lag behind it.
	meta, err := describe(ctx, api, in.Name)
	if errors.Is(err, ErrNotFound) {
		return true
	}
	return err == nil && keyOrDefault(aws.ToString(meta.KeyId)) == keyOrDefault(in.KeyID)
}

// overwrite adds a version. SSM takes no tags then, so they are set afterwards, and it forgets what the new version
// does not repeat, so key, tier, pattern and description are given again.
func overwrite(ctx context.Context, api SSM, in PutInput, old types.ParameterMetadata) (Result, error) {
	if old.Type != types.ParameterTypeSecureString {
		return Result{}, fmt.Errorf("parameter %q is a %s: %w", in.Name, old.Type, ErrInClear)
	}
	in.KeyID = cmp.Or(in.KeyID, ownKey(aws.ToString(old.KeyId)))
	put := putInput(in)
	put.Overwrite = aws.Bool(true)
	put.Description = aws.String(cmp.Or(aws.ToString(old.Description), tokenDescription))
	put.AllowedPattern = old.AllowedPattern
	if old.Tier == types.ParameterTierAdvanced {
		put.Tier = old.Tier
	}
	out, err := api.PutParameter(ctx, put)
	if err != nil {
		return Result{}, fmt.Errorf("overwrite parameter %q: %w", in.Name, scrub(err, in.Token))
	}
	result := Result{Name: in.Name, Version: out.Version, KeyID: in.KeyID}
	_, err = api.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: &in.Name, Tags: tags(in.Tags),
	})
	if err != nil {
		result.Warnings = append(result.Warnings, fmt.Sprintf(
			"the token is written, but parameter %q could not be tagged: %s", in.Name, awserr.Message(err)))
	}
	return result, nil
}

func putInput(in PutInput) *ssm.PutParameterInput {
	put := &ssm.PutParameterInput{
		Name: &in.Name, Type: types.ParameterTypeSecureString, Value: aws.String(in.Token.Expose()),
		Description: aws.String(tokenDescription),
	}
	if in.KeyID != "" {
		put.KeyId = &in.KeyID
	}
	return put
}

func tags(more map[string]string) []types.Tag {
	list := []types.Tag{{Key: aws.String(tagManaged), Value: aws.String("true")}}
	for key, value := range more {
		if key != tagManaged {
			list = append(list, types.Tag{Key: &key, Value: &value})
		}
	}
	slices.SortFunc(list, func(a, b types.Tag) int { return strings.Compare(*a.Key, *b.Key) })
	return list
}

const defaultKey = "alias/aws/ssm"

func keyOrDefault(id string) string { return cmp.Or(id, defaultKey) }

// ownKey is empty for SSM's default key, which is never named to PutParameter.
func ownKey(id string) string {
	if id == defaultKey {
		return ""
	}
	return id
}

// scrub keeps err's code and drops the rest of its chain if its text repeats the token, as an API that rejects a
// value may do.
func scrub(err error, token Token) error {
	if !strings.Contains(err.Error(), token.Expose()) {
		return err
	}
	return &smithy.GenericAPIError{
		Code:    awserr.Code(err),
		Message: strings.ReplaceAll(awserr.Message(err), token.Expose(), redacted),
	}
}
