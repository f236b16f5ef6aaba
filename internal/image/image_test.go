package image

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

func newClient(t *testing.T) (*awsfake.Server, *ec2.Client) {
	t.Helper()
	local := awsfake.New(awsfake.Options{Speed: 100})
	url, err := local.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(local.Close)
	return local, ec2.New(ec2.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	})
}

func TestListAndRemove(t *testing.T) {
	local, api := newClient(t)
	local.AddImage("semagent-ubuntu-focal-x86_64-1", "ami-0000000000000001a")
	local.AddImage("semagent-ubuntu-focal-arm64-2", "ami-0000000000000002a")
	local.AddImage("other", "")
	images, err := List(t.Context(), api, "semagent-*")
	if err != nil || len(images) != 2 {
		t.Fatalf("got %+v, %v", images, err)
	}
	if images[0].Arch != "arm64" || images[0].State != "available" || images[0].Created.IsZero() || len(images[0].Snapshots) != 1 {
		t.Errorf("the newest is %+v", images[0])
	}
	if _, ok := Available(images[:0]); ok {
		t.Error("none is available, and one is given")
	}
	for range 2 { // the second time nothing is there any more
		if err := Remove(t.Context(), api, images[1]); err != nil {
			t.Fatal(err)
		}
	}
	if left, err := List(t.Context(), api, "semagent-*"); err != nil || len(left) != 1 || left[0].ID != images[0].ID {
		t.Errorf("left are %+v, %v", left, err)
	}
}

func TestRemoveFails(t *testing.T) {
	local, api := newClient(t)
	local.AddImage("semagent-a", "ami-0000000000000001a")
	images, err := List(t.Context(), api, "semagent-a")
	if err != nil {
		t.Fatal(err)
	}
	local.Faults().Add(fault.Set{Calls: []fault.Call{{Service: "ec2", Operation: "DeleteSnapshot", Kind: fault.Denied, Count: 1}}})
	if err := Remove(t.Context(), api, images[0]); err == nil || !strings.Contains(err.Error(), "delete snapshot snap-0000000000000001a of image ami-") {
		t.Errorf("got %v", err)
	}
	if err := Remove(t.Context(), api, images[0]); err != nil {
		t.Errorf("the second time: %v", err)
	}
	local.Faults().Add(fault.Set{Calls: []fault.Call{{Service: "ec2", Operation: "*", Kind: fault.Denied}}})
	if err := Remove(t.Context(), api, images[0]); err == nil || !strings.Contains(err.Error(), "deregister image") {
		t.Errorf("got %v", err)
	}
	if _, err := List(t.Context(), api, "x"); err == nil {
		t.Error("a denied list is no error")
	}
	if _, err := Instances(t.Context(), api, images); err == nil {
		t.Error("a denied count is no error")
	}
}
