package awserr_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"
)

// bareEnvironment hides this machine's own AWS settings from the SDK's credential chain.
func bareEnvironment(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_CA_BUNDLE", "AWS_ENDPOINT_URL", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
		"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN",
	} {
		t.Setenv(name, "")
	}
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("AWS_CONFIG_FILE", missing)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", missing)
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
}

func TestSDKWithoutCredentials(t *testing.T) {
	bareEnvironment(t)
	cfg, err := config.LoadDefaultConfig(t.Context(), config.WithRegion("eu-west-1"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	if diff := cmp.Diff([]string{"no credentials"}, classes(err)); diff != "" {
		t.Errorf("classes of %v (-want +got):\n%s", err, diff)
	}
}

func TestSDKWithUnknownProfile(t *testing.T) {
	bareEnvironment(t)
	_, err := config.LoadDefaultConfig(t.Context(), config.WithSharedConfigProfile("nobody"))
	if diff := cmp.Diff([]string{"no credentials"}, classes(err)); diff != "" {
		t.Errorf("classes of %v (-want +got):\n%s", err, diff)
	}
}

func TestSDKWithoutRegion(t *testing.T) {
	cfg := aws.Config{Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")}
	_, stsErr := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	_, s3Err := s3.NewFromConfig(cfg).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("bucket")})
	cfg.Region = "eu west 1"
	_, malformed := sts.NewFromConfig(cfg).GetCallerIdentity(t.Context(), nil)
	for name, err := range map[string]error{"sts": stsErr, "s3": s3Err, "malformed": malformed} {
		if diff := cmp.Diff([]string{"no region"}, classes(err)); diff != "" {
			t.Errorf("%s: classes of %v (-want +got):\n%s", name, err, diff)
		}
	}
}

func TestSDKOverTheWire(t *testing.T) {
	xml := func(status int, code string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<ErrorResponse><Error><Code>"+code+"</Code><Message>m</Message></Error></ErrorResponse>")
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    []string
	}{
		"expired":   {xml(403, "ExpiredToken"), []string{"expired"}},
		"rejected":  {xml(403, "InvalidClientTokenId"), []string{"rejected"}},
		"throttled": {xml(400, "Throttling"), []string{"throttled"}},
		"down":      {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }, []string{"transient"}},
		"closed":    {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []string{"transient"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(test.handler)
			defer server.Close()
			client := sts.New(sts.Options{
				Region: "eu-west-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
				Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", ""),
			})
			_, err := client.GetCallerIdentity(t.Context(), nil)
			if diff := cmp.Diff(test.want, classes(err)); diff != "" {
				t.Errorf("classes of %v (-want +got):\n%s", err, diff)
			}
		})
	}
}
