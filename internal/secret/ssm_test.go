package secret_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/secret"
)

// stored is one parameter of the fake SSM.
type stored struct {
	Value, Type, Key, Description, Pattern, Tier string
	Version                                      int64
	Tags                                         map[string]string
}

// fakeSSM keeps parameters as SSM does, as far as the contract that PutToken relies on.
type fakeSSM struct {
	secret.SSM
	parameters map[string]stored
	fail       map[string]error          // by operation: answered instead of doing it
	after      map[string]error          // by operation: done, then answered with this: the reply is lost
	before     map[string]func(*fakeSSM) // by operation: what somebody else does first, once
	hidden     bool                      // DescribeParameters lags behind
}

func newSSM() *fakeSSM {
	return &fakeSSM{
		parameters: map[string]stored{}, fail: map[string]error{}, after: map[string]error{}, before: map[string]func(*fakeSSM){},
	}
}

func (f *fakeSSM) enter(operation string) error {
	if step := f.before[operation]; step != nil {
		delete(f.before, operation)
		step(f)
	}
	return f.fail[operation]
}

func apiError(code, message string) error {
	return &smithy.GenericAPIError{Code: code, Message: message}
}

func (f *fakeSSM) DescribeParameters(_ context.Context, in *ssm.DescribeParametersInput, _ ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error) {
	if err := f.enter("DescribeParameters"); err != nil {
		return nil, err
	}
	if in.NextToken == nil {
		return &ssm.DescribeParametersOutput{NextToken: aws.String("more")}, nil
	}
	name := in.ParameterFilters[0].Values[0]
	p, exists := f.parameters[name]
	if !exists || f.hidden {
		return &ssm.DescribeParametersOutput{}, nil
	}
	return &ssm.DescribeParametersOutput{Parameters: []types.ParameterMetadata{{
		Name: &name, Type: types.ParameterType(p.Type), KeyId: &p.Key, Version: p.Version, Description: &p.Description,
		AllowedPattern: &p.Pattern, Tier: types.ParameterTier(p.Tier), LastModifiedUser: aws.String("arn:aws:iam::123456789012:user/x"),
	}}}, nil
}

func (f *fakeSSM) GetParameter(_ context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	if err := f.enter("GetParameter"); err != nil {
		return nil, err
	}
	p, exists := f.parameters[*in.Name]
	if !exists {
		return nil, &types.ParameterNotFound{}
	}
	if !aws.ToBool(in.WithDecryption) {
		p.Value = "ciphertext"
	}
	return &ssm.GetParameterOutput{Parameter: &types.Parameter{Value: &p.Value, Type: types.ParameterType(p.Type), Version: p.Version}}, nil
}

func (f *fakeSSM) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if err := f.enter("PutParameter"); err != nil {
		return nil, err
	}
	old, exists := f.parameters[*in.Name]
	switch {
	case exists && !aws.ToBool(in.Overwrite):
		return nil, &types.ParameterAlreadyExists{}
	case aws.ToBool(in.Overwrite) && len(in.Tags) > 0:
		return nil, apiError("ValidationException", "tags and overwrite can't be used together")
	}
	p := stored{
		Value: *in.Value, Type: string(in.Type), Key: "alias/aws/ssm", Description: aws.ToString(in.Description),
		Pattern: aws.ToString(in.AllowedPattern), Tier: string(in.Tier), Version: old.Version + 1, Tags: old.Tags,
	}
	if in.KeyId != nil {
		p.Key = *in.KeyId
	}
	if !exists {
		p.Tags = tagMap(in.Tags)
	}
	f.parameters[*in.Name] = p
	return &ssm.PutParameterOutput{Version: p.Version}, f.after["PutParameter"]
}

func (f *fakeSSM) AddTagsToResource(_ context.Context, in *ssm.AddTagsToResourceInput, _ ...func(*ssm.Options)) (*ssm.AddTagsToResourceOutput, error) {
	if err := f.enter("AddTagsToResource"); err != nil {
		return nil, err
	}
	p := f.parameters[*in.ResourceId]
	p.Tags = maps.Clone(p.Tags)
	if p.Tags == nil {
		p.Tags = map[string]string{}
	}
	maps.Copy(p.Tags, tagMap(in.Tags))
	f.parameters[*in.ResourceId] = p
	return &ssm.AddTagsToResourceOutput{}, nil
}

func tagMap(tags []types.Tag) map[string]string {
	m := map[string]string{}
	for _, tag := range tags {
		m[*tag.Key] = *tag.Value
	}
	return m
}

const (
	name        = "/agents/token"
	description = "Registration token of Semaphore agents, written by semagent"
)

func managed() map[string]string {
	return map[string]string{"semagent:managed": "true", "semagent:version": "1"}
}

// fresh is the parameter that a first write makes.
func fresh(key string) stored {
	return stored{Value: plain, Type: "SecureString", Key: key, Description: description, Version: 1, Tags: managed()}
}

func existing() stored {
	return stored{
		Value: "old", Type: "SecureString", Key: "alias/own", Description: "mine", Pattern: "^.+$", Tier: "Advanced", Version: 3,
		Tags: map[string]string{"team": "a"},
	}
}

func TestPutToken(t *testing.T) {
	lost := &smithy.OperationError{ServiceID: "SSM", OperationName: "PutParameter", Err: fmt.Errorf("https response error: %w", context.DeadlineExceeded)}
	denied := apiError("AccessDeniedException", "not authorized to perform: ssm:DescribeParameters")
	somebody := func(p stored) func(*fakeSSM) {
		return func(f *fakeSSM) { f.parameters[name] = p }
	}
	overwritten := existing()
	overwritten.Value, overwritten.Version = plain, 4
	overwritten.Tags = managed()
	overwritten.Tags["team"] = "a"
	otherKey := overwritten
	otherKey.Key = "alias/new"
	ours := fresh("alias/aws/ssm")

	for test, c := range map[string]struct {
		setup  func(*fakeSSM)
		change func(*secret.PutInput)
		want   secret.Result
		err    error
		left   stored
	}{
		"new": {want: secret.Result{Name: name, Created: true, Version: 1}, left: fresh("alias/aws/ssm")},
		"new, with a key": {
			change: func(in *secret.PutInput) { in.KeyID = "alias/own" },
			want:   secret.Result{Name: name, Created: true, Version: 1, KeyID: "alias/own"}, left: fresh("alias/own"),
		},
		"new, although overwriting is allowed": {
			change: func(in *secret.PutInput) { in.Overwrite = true },
			want:   secret.Result{Name: name, Created: true, Version: 1}, left: fresh("alias/aws/ssm"),
		},
		"exists": {
			setup: func(f *fakeSSM) { f.parameters[name] = existing() },
			err:   secret.ErrExists, left: existing(),
		},
		"overwrite keeps key, tier, pattern and description": {
			setup:  func(f *fakeSSM) { f.parameters[name] = existing() },
			change: func(in *secret.PutInput) { in.Overwrite = true },
			want:   secret.Result{Name: name, Version: 4, KeyID: "alias/own"}, left: overwritten,
		},
		"overwrite with another key": {
			setup:  func(f *fakeSSM) { f.parameters[name] = existing() },
			change: func(in *secret.PutInput) { in.Overwrite, in.KeyID = true, "alias/new" },
			want:   secret.Result{Name: name, Version: 4, KeyID: "alias/new"}, left: otherKey,
		},
		"overwrite under the default key, by name": {
			setup:  func(f *fakeSSM) { f.parameters[name] = existing() },
			change: func(in *secret.PutInput) { in.Overwrite, in.KeyID = true, "alias/aws/ssm" },
			want:   secret.Result{Name: name, Version: 4, KeyID: "alias/aws/ssm"},
			left:   func() stored { p := overwritten; p.Key = "alias/aws/ssm"; return p }(),
		},
		"overwrite in clear": {
			setup:  func(f *fakeSSM) { f.parameters[name] = stored{Value: "old", Type: "String", Version: 1} },
			change: func(in *secret.PutInput) { in.Overwrite = true },
			err:    secret.ErrInClear, left: stored{Value: "old", Type: "String", Version: 1},
		},
		"overwrite, but who encrypts it is not known": {
			setup:  func(f *fakeSSM) { f.parameters[name] = existing(); f.fail["DescribeParameters"] = denied },
			change: func(in *secret.PutInput) { in.Overwrite = true },
			err:    denied, left: existing(),
		},
		"new, unseen": {
			setup: func(f *fakeSSM) { f.fail["DescribeParameters"] = denied },
			want:  secret.Result{Name: name, Created: true, Version: 1}, left: fresh("alias/aws/ssm"),
		},
		"exists, unseen, and happens to hold the token": {
			setup: func(f *fakeSSM) { f.parameters[name] = ours; f.fail["DescribeParameters"] = denied },
			err:   secret.ErrExists, left: ours,
		},
		"reply lost, then the SDK's retry meets its own parameter": {
			setup: func(f *fakeSSM) { f.before["PutParameter"] = somebody(ours) },
			want:  secret.Result{Name: name, Created: true, Version: 1}, left: ours,
		},
		"every reply lost": {
			setup: func(f *fakeSSM) { f.after["PutParameter"] = lost },
			want:  secret.Result{Name: name, Created: true, Version: 1}, left: fresh("alias/aws/ssm"),
		},
		"reply lost, nothing written": {
			setup: func(f *fakeSSM) { f.fail["PutParameter"] = lost },
			err:   context.DeadlineExceeded,
		},
		"somebody else's token meanwhile": {
			setup: func(f *fakeSSM) { p := ours; p.Value = "theirs"; f.before["PutParameter"] = somebody(p) },
			err:   secret.ErrExists, left: func() stored { p := ours; p.Value = "theirs"; return p }(),
		},
		"the same token under another key meanwhile": {
			setup: func(f *fakeSSM) { f.before["PutParameter"] = somebody(fresh("alias/theirs")) },
			err:   secret.ErrExists, left: fresh("alias/theirs"),
		},
		"the same token in clear meanwhile": {
			setup: func(f *fakeSSM) { p := ours; p.Type = "String"; f.before["PutParameter"] = somebody(p) },
			err:   secret.ErrExists, left: func() stored { p := ours; p.Type = "String"; return p }(),
		},
		"a later version meanwhile": {
			setup: func(f *fakeSSM) { p := ours; p.Version = 2; f.before["PutParameter"] = somebody(p) },
			err:   secret.ErrExists, left: func() stored { p := ours; p.Version = 2; return p }(),
		},
		"cannot be read back": {
			setup: func(f *fakeSSM) { f.before["PutParameter"] = somebody(ours); f.fail["GetParameter"] = denied },
			err:   secret.ErrExists, left: ours,
		},
		"somebody else's token meanwhile, overwriting": {
			setup:  func(f *fakeSSM) { f.before["PutParameter"] = somebody(existing()) },
			change: func(in *secret.PutInput) { in.Overwrite = true },
			want:   secret.Result{Name: name, Version: 4, KeyID: "alias/own"}, left: overwritten,
		},
		"overwrite what is under the default key": {
			setup:  func(f *fakeSSM) { f.parameters[name] = ours },
			change: func(in *secret.PutInput) { in.Overwrite = true },
			want:   secret.Result{Name: name, Version: 2}, left: func() stored { p := ours; p.Version = 2; return p }(),
		},
		"overwriting what is gone again": {
			setup: func(f *fakeSSM) {
				f.fail["PutParameter"] = &types.ParameterAlreadyExists{}
			},
			change: func(in *secret.PutInput) { in.Overwrite = true },
			err:    secret.ErrExists,
		},
		"overwrite, and what is there may not be looked at any more": {
			setup: func(f *fakeSSM) {
				f.before["PutParameter"] = func(f *fakeSSM) { f.parameters[name] = ours; f.fail["DescribeParameters"] = denied }
			},
			change: func(in *secret.PutInput) { in.Overwrite = true },
			err:    denied, left: ours,
		},
		"not listed yet, but ours": {
			setup: func(f *fakeSSM) {
				f.before["PutParameter"] = somebody(ours)
				f.hidden = true
			},
			want: secret.Result{Name: name, Created: true, Version: 1}, left: ours,
		},
		"tags refused": {
			setup: func(f *fakeSSM) {
				f.parameters[name] = existing()
				f.fail["AddTagsToResource"] = apiError("AccessDeniedException", "no")
			},
			change: func(in *secret.PutInput) { in.Overwrite = true },
			want: secret.Result{
				Name: name, Version: 4, KeyID: "alias/own",
				Warnings: []string{`the token is written, but parameter "/agents/token" could not be tagged: no`},
			},
			left: func() stored { p := overwritten; p.Tags = map[string]string{"team": "a"}; return p }(),
		},
	} {
		t.Run(test, func(t *testing.T) {
			f := newSSM()
			if c.setup != nil {
				c.setup(f)
			}
			in := secret.PutInput{Name: name, Token: token(t, plain), Tags: map[string]string{"semagent:version": "1"}}
			if c.change != nil {
				c.change(&in)
			}
			got, err := secret.PutToken(t.Context(), f, in)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.left, f.parameters[name]); diff != "" {
				t.Errorf("parameter (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPutTokenErrorsHideTheToken(t *testing.T) {
	echo := &smithy.OperationError{ServiceID: "SSM", OperationName: "PutParameter", Err: apiError("ValidationException", "Value '"+plain+"' at 'value' is bad")}
	for _, overwrite := range []bool{false, true} {
		f := newSSM()
		f.fail["PutParameter"] = echo
		if overwrite {
			f.parameters[name] = existing()
		}
		_, err := secret.PutToken(t.Context(), f, secret.PutInput{Name: name, Token: token(t, plain), Overwrite: overwrite})
		for e := err; e != nil; e = errors.Unwrap(e) {
			if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, plain) {
				t.Errorf("the error shows the token: %s", text)
			}
		}
		if awserr.Code(err) != "ValidationException" || !strings.Contains(err.Error(), "Value '[registration token]' at") {
			t.Errorf("error %v", err)
		}
	}
}

func TestPutTokenWithoutToken(t *testing.T) {
	_, err := secret.PutToken(t.Context(), newSSM(), secret.PutInput{Name: name})
	if _, ok := errors.AsType[*secret.InvalidTokenError](err); !ok {
		t.Errorf("error %v", err)
	}
}

func TestCheckToken(t *testing.T) {
	f := newSSM()
	f.parameters[name] = existing()
	f.fail["GetParameter"] = errors.New("the value must not be read")
	got, err := secret.CheckToken(t.Context(), f, name)
	if err != nil {
		t.Fatal(err)
	}
	want := secret.Parameter{Name: name, Type: "SecureString", KeyID: "alias/own", Version: 3, ModifiedBy: "arn:aws:iam::123456789012:user/x"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("parameter (-want +got):\n%s", diff)
	}
	if _, err := secret.CheckToken(t.Context(), f, "other"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("missing: error %v", err)
	}
}

func TestReveal(t *testing.T) {
	f := newSSM()
	f.parameters["good"] = fresh("alias/aws/ssm")
	f.parameters["bad"] = stored{Value: plain + "\n", Type: "SecureString", Version: 1}
	got, err := secret.Reveal(t.Context(), f, "good")
	if err != nil || got.Expose() != plain {
		t.Errorf("Reveal gives %q, %v", got.Expose(), err)
	}
	if _, err := secret.Reveal(t.Context(), f, "missing"); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("missing: error %v", err)
	}
	_, err = secret.Reveal(t.Context(), f, "bad")
	if _, ok := errors.AsType[*secret.InvalidTokenError](err); !ok || strings.Contains(err.Error(), plain) {
		t.Errorf("bad: error %v", err)
	}
	f.fail["GetParameter"] = apiError("AccessDeniedException", "no")
	if _, err := secret.Reveal(t.Context(), f, "good"); !awserr.IsAccessDenied(err) {
		t.Errorf("denied: error %v", err)
	}
}
