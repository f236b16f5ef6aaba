package node

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// callTime bounds one AWS call.
const callTime = 3 * time.Second

// instance is the machine once it knows who it is: its region decides whom to ask.
type instance struct {
	identity
	metadata    *metadata
	credentials aws.CredentialsProvider
	ssm         *ssm.Client
	autoscaling *autoscaling.Client
}

// identify asks the metadata service who this is, and for credentials at the same time, because every later call
// needs them.
func (m *Machine) identify(ctx context.Context) (*instance, error) {
	i := &instance{metadata: newMetadata(m.Metadata)}
	credentials := aws.NewCredentialsCache(i.metadata)
	i.credentials = credentials
	err := parallel(ctx,
		func(ctx context.Context) error {
			return m.persist(ctx, func(ctx context.Context) (err error) {
				i.identity, err = i.metadata.identity(ctx)
				return err
			})
		},
		func(ctx context.Context) error {
			return m.persist(ctx, func(ctx context.Context) error {
				_, err := credentials.Retrieve(ctx)
				return err
			})
		})
	if err != nil {
		return i, err
	}
	config := m.awsConfig(i)
	i.ssm, i.autoscaling = ssm.NewFromConfig(config), autoscaling.NewFromConfig(config)
	return i, nil
}

// awsConfig is built by hand: the SDK's config package would read the environment and ~/.aws, where a job may have left
// a profile, an endpoint or credentials of its own. Retries are persist's.
func (m *Machine) awsConfig(i *instance) aws.Config {
	config := aws.Config{
		Region:      i.Region,
		Credentials: i.credentials,
		HTTPClient: awshttp.NewBuildableClient().WithTimeout(callTime).WithTransportOptions(func(t *http.Transport) {
			t.Proxy = nil // as ProxyFromEnvironment would be another job's setting
		}),
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
	}
	if m.Endpoint != "" {
		config.BaseEndpoint = aws.String(m.Endpoint)
	}
	return config
}

// parameter is the value of an SSM parameter, decrypted.
func (i *instance) parameter(ctx context.Context, name string) (string, error) {
	out, err := i.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String(name), WithDecryption: aws.Bool(true)})
	if err != nil {
		return "", fmt.Errorf("read parameter %q: %w", name, err)
	}
	if out.Parameter == nil || aws.ToString(out.Parameter.Value) == "" {
		return "", fmt.Errorf("read parameter %q: it has no value", name)
	}
	return *out.Parameter.Value, nil
}
