//go:build e2e

package e2e

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
)

// stored is the token's parameter as SSM has it.
type stored struct {
	Type    types.ParameterType
	KeyID   string
	Value   string // decrypted
	Version int64
	Tags    map[string]string
}

func (w *world) stored(name string) stored {
	w.t.Helper()
	ctx := w.t.Context()
	value := must(w.ssm.GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)}))(w.t).Parameter
	meta := must(w.ssm.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{
		{Key: aws.String("Name"), Values: []string{name}},
	}}))(w.t).Parameters[0]
	s := stored{
		Type: value.Type, KeyID: aws.ToString(meta.KeyId), Value: aws.ToString(value.Value), Version: value.Version, Tags: map[string]string{},
	}
	tags := must(w.ssm.ListTagsForResource(ctx, &ssm.ListTagsForResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: &name,
	}))(w.t).TagList
	for _, tag := range tags {
		s.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return s
}

func (w *world) noParameter(name string) {
	w.t.Helper()
	_, err := w.ssm.GetParameter(w.t.Context(), &ssm.GetParameterInput{Name: &name})
	if _, missing := errors.AsType[*types.ParameterNotFound](err); !missing {
		w.t.Errorf("parameter %s: %v, want it missing", name, err)
	}
}

func TestTokenPut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte(secret+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const byDefault = "alias/aws/ssm"
	tests := map[string]struct {
		input, parameter, key string
		args                  []string
	}{
		"stdin":                {secret + "\n", "ci-token", byDefault, nil},
		"stdin, no newline":    {secret, "ci-token", byDefault, nil},
		"file":                 {"", "ci-token", byDefault, []string{"--from-file", file}},
		"file, not stdin":      {"another-token\n", "ci-token", byDefault, []string{"--from-file", file}},
		"name with a path":     {secret, "/ci/agents/token", byDefault, nil},
		"customer key":         {secret, "ci-token", "alias/ci-key", []string{"--kms-key", "alias/ci-key"}},
		"customer key, made":   {secret, "ci-token", "alias/semagent-token", []string{"--create-kms-key"}},
		"customer key, as set": {secret, "ci-token", "alias/ci-key", []string{"--set", "SEMAPHORE_AGENT_TOKEN_KMS_KEY=alias/ci-key"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newBareWorld(t)
			w.export("SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME", tt.parameter)
			w.run("kms", "create", "--alias", "ci-key").exits(0)
			args := append([]string{"token", "put"}, tt.args...)
			w.pipe(tt.input, args...).exits(0).out(tt.parameter, region, "version 1", tt.key)
			want := stored{
				Type: types.ParameterTypeSecureString, KeyID: tt.key, Value: secret, Version: 1,
				Tags: map[string]string{"semagent:managed": "true"},
			}
			if diff := cmp.Diff(want, w.stored(tt.parameter)); diff != "" {
				t.Errorf("parameter (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTokenPutNamesTheKeyToDeployWith(t *testing.T) {
	w := newBareWorld(t)
	w.pipe(secret, "token", "put", "--create-kms-key").exits(0).err("export SEMAPHORE_AGENT_TOKEN_KMS_KEY=alias/semagent-token")
	w.pipe(secret, "token", "put", "--create-kms-key", "--overwrite").exits(0).out("version 2")
	if keys := must(w.kms.ListKeys(t.Context(), &kms.ListKeysInput{}))(t).Keys; len(keys) != 1 {
		t.Errorf("there are %d keys, want 1", len(keys))
	}
}

func TestTokenPutOverwritesOnlyWhenTold(t *testing.T) {
	w := newBareWorld(t)
	w.pipe("first-token\n", "token", "put").exits(0)
	before := stage.moto.everything(t)
	w.pipe(secret, "token", "put").refused(1, "already exists", "semagent token put --overwrite")
	stage.moto.unchanged(t, before)

	w.pipe(secret, "token", "put", "--overwrite", "--output", "json").exits(0).onlyOut().out(`"version": 2`, `"created": false`)
	want := stored{
		Type: types.ParameterTypeSecureString, KeyID: "alias/aws/ssm", Value: secret, Version: 2,
		Tags: map[string]string{"semagent:managed": "true"},
	}
	if diff := cmp.Diff(want, w.stored("ci-token")); diff != "" {
		t.Errorf("parameter (-want +got):\n%s", diff)
	}
}

func TestTokenPutRefusesWhatIsNoToken(t *testing.T) {
	tests := map[string]struct {
		input, message string
		args           []string
	}{
		"empty":           {"", "empty", nil},
		"a newline":       {"\n", "empty", nil},
		"two lines":       {secret + "\nanother\n", "more than one line", nil},
		"two empty lines": {secret + "\n\n", "more than one line", nil},
		"spaces":          {secret + " " + secret, "spaces", nil},
		"too long":        {strings.Repeat("x", 5000), "longer than 4096", nil},
		"no file":         {secret, "read the token", []string{"--from-file", "/nonexistent/token"}},
		"as an argument":  {"", "unknown command", []string{"my-token"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newBareWorld(t)
			w.pipe(tt.input, append([]string{"token", "put"}, tt.args...)...).exits(2).onlyErr().err("semagent: error: ", tt.message)
			w.noParameter("ci-token")
		})
	}
}

func TestTokenCheck(t *testing.T) {
	w := newBareWorld(t)
	semaphore := newSemaphore(w, secret)
	w.run("token", "check").refused(1, "ci-token", "semagent token put")

	w.pipe(secret, "token", "put").exits(0)
	w.run("token", "check").exits(0).onlyOut().out("SecureString", "alias/aws/ssm", "3 queued", "4 running", semaphore)

	w.pipe("a-revoked-token", "token", "put", "--overwrite").exits(0)
	w.run("token", "check").refused(1, "registration token refused", "semagent token put --overwrite")
}
