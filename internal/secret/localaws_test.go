package secret_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/fault"
	"github.com/semagent/semagent/internal/secret"
)

func localAWS(t *testing.T) (*awsfake.Server, aws.Config) {
	t.Helper()
	server := awsfake.New(awsfake.Options{Region: "eu-west-1"})
	t.Cleanup(server.Close)
	url, err := server.Start()
	if err != nil {
		t.Fatal(err)
	}
	return server, aws.Config{
		Region: "eu-west-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

func loseReply(server *awsfake.Server, service, operation string) {
	server.Faults().Add(fault.Set{Calls: []fault.Call{{Service: service, Operation: operation, Kind: fault.LostReply, Count: 1}}})
}

func TestLocalAWSToken(t *testing.T) {
	server, cfg := localAWS(t)
	client := ssm.NewFromConfig(cfg)
	key, err := secret.CreateKey(t.Context(), kms.NewFromConfig(cfg), secret.KeyInput{Alias: "agents"})
	if err != nil {
		t.Fatal(err)
	}
	in := secret.PutInput{Name: name, Token: token(t, plain), KeyID: key.Alias}

	loseReply(server, "ssm", "PutParameter")
	got, err := secret.PutToken(t.Context(), client, in)
	if err != nil || !got.Created || got.Version != 1 {
		t.Fatalf("PutToken with a lost reply gives %+v, %v", got, err)
	}
	in.Token = token(t, "another")
	if _, err := secret.PutToken(t.Context(), client, in); !errors.Is(err, secret.ErrExists) {
		t.Errorf("second PutToken gives %v", err)
	}
	in.Overwrite, in.KeyID = true, ""
	got, err = secret.PutToken(t.Context(), client, in)
	if err != nil || got.Created || got.Version != 2 || len(got.Warnings) != 0 {
		t.Errorf("overwriting gives %+v, %v", got, err)
	}
	parameter, err := secret.CheckToken(t.Context(), client, name)
	if err != nil || parameter.Type != "SecureString" || parameter.KeyID != key.Alias || parameter.Version != 2 || parameter.LastModified.IsZero() {
		t.Errorf("CheckToken gives %+v, %v", parameter, err)
	}
	revealed, err := secret.Reveal(t.Context(), client, name)
	if err != nil || revealed.Expose() != "another" {
		t.Errorf("Reveal gives %q, %v", revealed.Expose(), err)
	}
}

func TestLocalAWSKey(t *testing.T) {
	server, cfg := localAWS(t)
	client := kms.NewFromConfig(cfg)
	loseReply(server, "kms", "CreateKey")
	loseReply(server, "kms", "CreateAlias")
	first, err := secret.CreateKey(t.Context(), client, secret.KeyInput{Alias: "alias/agents"})
	if err != nil || !first.Created || !first.RotationEnabled {
		t.Fatalf("CreateKey with lost replies gives %+v, %v", first, err)
	}
	second, err := secret.CreateKey(t.Context(), client, secret.KeyInput{Alias: "agents"})
	if err != nil || second.Created || second.ID != first.ID {
		t.Errorf("second CreateKey gives %+v, %v", second, err)
	}
	calls := 0
	for _, call := range server.Calls() {
		if call.Operation == "CreateKey" {
			calls++
		}
	}
	if calls != 1 {
		t.Errorf("CreateKey called %d times", calls)
	}
}
