package cli_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/cli"
	"github.com/semagent/semagent/packer"
)

// lane is an address at which one local AWS after the other is served, so that commands that run side by side in this
// process each have their own: the SDK takes its address from the profile.
type lane struct {
	profile string
	url     string
	current atomic.Pointer[awsfake.Server]
	out     string // folder for what commands write

	deployed bool // the AWS holds the whole fleet
	size     int  // of the fleet, at the last update
}

func newLanes(t *testing.T, n int) []*lane {
	t.Helper()
	var config strings.Builder
	var lanes []*lane
	for i := range n {
		l := &lane{profile: fmt.Sprintf("lane%d", i), out: t.TempDir()}
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { l.current.Load().ServeHTTP(w, r) }))
		t.Cleanup(server.Close)
		l.url = server.URL
		fmt.Fprintf(&config, "[profile %s]\nregion = us-east-1\nendpoint_url = %s\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n", l.profile, l.url)
		lanes = append(lanes, l)
	}
	path := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(path, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_CONFIG_FILE", path)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", path+".none")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	return lanes
}

// renew gives the lane an AWS that holds the bootstrap bucket and the token, and closes the one before.
func (l *lane) renew(t *testing.T) {
	t.Helper()
	image, err := packer.ImageName("ubuntu-focal", "x86_64")
	if err != nil {
		t.Fatal(err)
	}
	server := awsfake.New(awsfake.Options{
		Speed: 2000, Images: map[string]string{image: "ami-0123456789abcdef0"}, BootTime: time.Second, NoSchedules: true,
	})
	if old := l.current.Swap(server); old != nil {
		old.Close()
	}
	_, err = ssm.NewFromConfig(l.sdk()).PutParameter(context.Background(), &ssm.PutParameterInput{
		Name: aws.String("/ci/token"), Value: aws.String(registrationToken), Type: ssmtypes.ParameterTypeSecureString,
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s3.NewFromConfig(l.sdk(), func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(context.Background(), &s3.CreateBucketInput{
		Bucket: aws.String("semagent-bootstrap-123456789012-us-east-1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	l.deployed = false
}

// small makes the fleet's stack with next to nothing in it, as if semagent had.
func (l *lane) small(t *testing.T) {
	t.Helper()
	_, err := cloudformation.NewFromConfig(l.sdk()).CreateStack(context.Background(), &cloudformation.CreateStackInput{
		StackName: aws.String("ci"), TemplateBody: aws.String(somebodysTemplate),
		Tags: []types.Tag{{Key: aws.String("semagent:managed"), Value: aws.String("true")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	l.operations(t, "ci")
}

func (l *lane) sdk() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &l.url, Credentials: credentials.NewStaticCredentialsProvider("AKIDOTHER", "secret", "")}
}

// run is one command in this process; it returns its exit code and what it wrote to stderr.
func (l *lane) run(t *testing.T, args ...string) (int, string) {
	t.Helper()
	stderr, err := os.Create(filepath.Join(l.out, "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer stderr.Close()
	stdout, err := os.Create(filepath.Join(l.out, "stdout"))
	if err != nil {
		t.Fatal(err)
	}
	defer stdout.Close()
	stdin, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer stdin.Close()
	code := cli.Main(context.Background(), cli.Process{
		Args: append(args, "--profile", l.profile), Version: "v0.0.0-test", Stdin: stdin, Stdout: stdout, Stderr: stderr,
		Environ: []string{
			"SEMAGENT_POLL_INTERVAL=5ms", "SEMAPHORE_ORGANIZATION=acme", "SEMAPHORE_AGENT_STACK_NAME=ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=/ci/token",
		},
	})
	text, err := os.ReadFile(stderr.Name())
	if err != nil {
		t.Fatal(err)
	}
	return code, string(text)
}

func (l *lane) mustRun(t *testing.T, args ...string) {
	t.Helper()
	if code, text := l.run(t, args...); code != 0 {
		t.Fatalf("%v: exit code %d\n%s", args, code, text)
	}
}

// operations are the beginnings and ends of the operations on the stacks of a name, deleted ones included: what was
// done twice shows twice. It waits for operations that go on.
func (l *lane) operations(t *testing.T, name string) []string {
	t.Helper()
	ctx, client := context.Background(), cloudformation.NewFromConfig(l.sdk())
	var own []string
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stacks, err := client.ListStacks(ctx, &cloudformation.ListStacksInput{})
		if err != nil {
			t.Fatal(err)
		}
		busy := false
		own = nil
		for _, stack := range stacks.StackSummaries {
			if *stack.StackName != name {
				continue
			}
			busy = busy || (strings.HasSuffix(string(stack.StackStatus), "_IN_PROGRESS") && stack.StackStatus != types.StackStatusReviewInProgress)
			own = append(own, ownEvents(t, client, *stack.StackId)...)
		}
		if !busy {
			slices.Reverse(own)
			return own
		}
		if time.Now().After(deadline) {
			t.Fatalf("stack %s never comes to rest: %v", name, own)
		}
	}
}

func ownEvents(t *testing.T, client *cloudformation.Client, stackID string) []string {
	t.Helper()
	var own []string
	pages := cloudformation.NewDescribeStackEventsPaginator(client, &cloudformation.DescribeStackEventsInput{StackName: &stackID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.StackEvents {
			if aws.ToString(event.PhysicalResourceId) == stackID {
				own = append(own, string(event.ResourceStatus))
			}
		}
	}
	return own
}

// left is what a command left behind: stacks in review and change sets that nobody executed.
func (l *lane) left(t *testing.T) []string {
	t.Helper()
	ctx, client := context.Background(), cloudformation.NewFromConfig(l.sdk())
	stacks, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{})
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, stack := range stacks.Stacks {
		if stack.StackStatus == types.StackStatusReviewInProgress {
			found = append(found, "stack in review")
		}
		sets, err := client.ListChangeSets(ctx, &cloudformation.ListChangeSetsInput{StackName: stack.StackId})
		if err != nil {
			t.Fatal(err)
		}
		for _, set := range sets.Summaries {
			if set.ExecutionStatus == types.ExecutionStatusAvailable || set.Status == types.ChangeSetStatusFailed {
				found = append(found, "change set "+string(set.Status))
			}
		}
	}
	return found
}
