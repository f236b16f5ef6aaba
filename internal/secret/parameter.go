package secret

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/semagent/semagent/internal/awserr"
)

// What callers match.
var (
	ErrExists   = errors.New("already exists")
	ErrNotFound = errors.New("does not exist")
	// ErrInClear says that the parameter is no SecureString. SSM does not change a parameter's type and keeps the
	// values it had, so it has to be deleted and written anew.
	ErrInClear = errors.New("its value lies there in clear")
)

// SSM is what writing and reading the token's parameter takes of *ssm.Client.
type SSM interface {
	PutParameter(context.Context, *ssm.PutParameterInput, ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
	DescribeParameters(context.Context, *ssm.DescribeParametersInput, ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error)
	AddTagsToResource(context.Context, *ssm.AddTagsToResourceInput, ...func(*ssm.Options)) (*ssm.AddTagsToResourceOutput, error)
}

// Parameter is what SSM says of a parameter beside its value.
type Parameter struct {
	Name         string
	Type         string // "SecureString" when it is encrypted
	KeyID        string // KMS key as it was named when the value was written: alias, id or ARN
	Version      int64
	LastModified time.Time
	ModifiedBy   string // ARN
}

// CheckToken gives the parameter's metadata and never asks for its value. A parameter that is not there gives
// ErrNotFound.
func CheckToken(ctx context.Context, api SSM, name string) (Parameter, error) {
	meta, err := describe(ctx, api, name)
	if err != nil {
		return Parameter{}, err
	}
	return parameterOf(meta), nil
}

// Reveal reads the token, to be shown to Semaphore and to nobody else. Errors: ErrNotFound, *InvalidTokenError for a
// value that can't be one, or what SSM said.
func Reveal(ctx context.Context, api SSM, name string) (Token, error) {
	parameter, err := read(ctx, api, name)
	if awserr.IsNotFound(err) {
		return Token{}, fmt.Errorf("parameter %q %w", name, ErrNotFound)
	}
	if err != nil {
		return Token{}, fmt.Errorf("read parameter %q: %w", name, err)
	}
	return parse([]byte(aws.ToString(parameter.Value)))
}

func read(ctx context.Context, api SSM, name string) (*types.Parameter, error) {
	out, err := api.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, err
	}
	if out.Parameter == nil {
		return nil, errors.New("empty answer")
	}
	return out.Parameter, nil
}

// describe asks for metadata only; GetParameter would bring the value along, encrypted or not.
func describe(ctx context.Context, api SSM, name string) (types.ParameterMetadata, error) {
	pages := ssm.NewDescribeParametersPaginator(api, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{
			Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name},
		}},
	})
	// A page may be empty and still not be the last one (DescribeParameters).
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return types.ParameterMetadata{}, fmt.Errorf("describe parameter %q: %w", name, err)
		}
		if len(page.Parameters) > 0 {
			return page.Parameters[0], nil
		}
	}
	return types.ParameterMetadata{}, fmt.Errorf("parameter %q %w", name, ErrNotFound)
}

func parameterOf(meta types.ParameterMetadata) Parameter {
	return Parameter{
		Name: aws.ToString(meta.Name), Type: string(meta.Type), KeyID: aws.ToString(meta.KeyId), Version: meta.Version,
		LastModified: aws.ToTime(meta.LastModifiedDate), ModifiedBy: aws.ToString(meta.LastModifiedUser),
	}
}
