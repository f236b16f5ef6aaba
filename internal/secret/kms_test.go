package secret_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/secret"
)

// kmsKey is one key of the fake KMS.
type kmsKey struct {
	ID, Description string
	State           types.KeyState
	Spec            types.KeySpec
	Origin          types.OriginType
	Rotates         bool
	Tags            map[string]string
}

// fakeKMS keeps keys and aliases as KMS does, as far as the contract that CreateKey relies on.
type fakeKMS struct {
	secret.KMS
	keys    []*kmsKey
	aliases map[string]string         // to key ids
	fail    map[string]error          // by operation: answered instead of doing it
	after   map[string]error          // by operation: done, then answered with this, once
	before  map[string]func(*fakeKMS) // by operation: what somebody else does first, once
}

func newKMS(keys ...*kmsKey) *fakeKMS {
	return &fakeKMS{
		keys: keys, aliases: map[string]string{"alias/aws/ssm": "managed"},
		fail: map[string]error{}, after: map[string]error{}, before: map[string]func(*fakeKMS){},
	}
}

func (f *fakeKMS) enter(operation string) error {
	if step := f.before[operation]; step != nil {
		delete(f.before, operation)
		step(f)
	}
	return f.fail[operation]
}

func (f *fakeKMS) leave(operation string) error {
	err := f.after[operation]
	delete(f.after, operation)
	return err
}

func (f *fakeKMS) find(id string) (*kmsKey, error) {
	if target, isAlias := f.aliases[id]; isAlias {
		id = target
	}
	for _, key := range f.keys {
		if key.ID == id {
			return key, nil
		}
	}
	return nil, &types.NotFoundException{Message: aws.String(id + " is not found")}
}

func (f *fakeKMS) metadata(key *kmsKey) *types.KeyMetadata {
	meta := &types.KeyMetadata{
		KeyId: &key.ID, Arn: aws.String("arn:aws:kms:eu-west-1:123456789012:key/" + key.ID), KeyState: key.State, KeySpec: key.Spec,
		Origin: key.Origin, KeyManager: types.KeyManagerTypeCustomer,
	}
	if key.State == types.KeyStatePendingDeletion {
		meta.DeletionDate = aws.Time(time.Date(2026, 5, 6, 0, 0, 0, 0, time.UTC))
	}
	return meta
}

func (f *fakeKMS) DescribeKey(_ context.Context, in *kms.DescribeKeyInput, _ ...func(*kms.Options)) (*kms.DescribeKeyOutput, error) {
	if err := f.enter("DescribeKey"); err != nil {
		return nil, err
	}
	key, err := f.find(*in.KeyId)
	if err != nil {
		return nil, err
	}
	return &kms.DescribeKeyOutput{KeyMetadata: f.metadata(key)}, nil
}

func (f *fakeKMS) GetKeyRotationStatus(_ context.Context, in *kms.GetKeyRotationStatusInput, _ ...func(*kms.Options)) (*kms.GetKeyRotationStatusOutput, error) {
	if err := f.enter("GetKeyRotationStatus"); err != nil {
		return nil, err
	}
	key, err := f.find(*in.KeyId)
	if err != nil {
		return nil, err
	}
	return &kms.GetKeyRotationStatusOutput{KeyRotationEnabled: key.Rotates}, nil
}

func (f *fakeKMS) EnableKeyRotation(_ context.Context, in *kms.EnableKeyRotationInput, _ ...func(*kms.Options)) (*kms.EnableKeyRotationOutput, error) {
	if err := f.enter("EnableKeyRotation"); err != nil {
		return nil, err
	}
	key, err := f.find(*in.KeyId)
	if err != nil {
		return nil, err
	}
	key.Rotates = true
	return &kms.EnableKeyRotationOutput{}, nil
}

// ListAliases and ListKeys give one entry a page.
func (f *fakeKMS) ListAliases(_ context.Context, in *kms.ListAliasesInput, _ ...func(*kms.Options)) (*kms.ListAliasesOutput, error) {
	if err := f.enter("ListAliases"); err != nil {
		return nil, err
	}
	var names []string
	for alias := range f.aliases {
		names = append(names, alias)
	}
	slices.Sort(names)
	i := slices.Index(names, aws.ToString(in.Marker)) + 1
	entry := types.AliasListEntry{AliasName: &names[i], TargetKeyId: aws.String(f.aliases[names[i]])}
	return &kms.ListAliasesOutput{Aliases: []types.AliasListEntry{entry}, Truncated: i+1 < len(names), NextMarker: more(names, i)}, nil
}

func (f *fakeKMS) ListKeys(_ context.Context, in *kms.ListKeysInput, _ ...func(*kms.Options)) (*kms.ListKeysOutput, error) {
	if err := f.enter("ListKeys"); err != nil {
		return nil, err
	}
	var ids []string
	for _, key := range f.keys {
		ids = append(ids, key.ID)
	}
	if len(ids) == 0 {
		return &kms.ListKeysOutput{}, nil
	}
	i := slices.Index(ids, aws.ToString(in.Marker)) + 1
	return &kms.ListKeysOutput{Keys: []types.KeyListEntry{{KeyId: &ids[i]}}, Truncated: i+1 < len(ids), NextMarker: more(ids, i)}, nil
}

func more(items []string, i int) *string {
	if i+1 < len(items) {
		return &items[i]
	}
	return nil
}

func (f *fakeKMS) ListResourceTags(_ context.Context, in *kms.ListResourceTagsInput, _ ...func(*kms.Options)) (*kms.ListResourceTagsOutput, error) {
	if err := f.enter("ListResourceTags"); err != nil {
		return nil, err
	}
	if err := f.fail["ListResourceTags "+*in.KeyId]; err != nil {
		return nil, err
	}
	key, err := f.find(*in.KeyId)
	if err != nil {
		return nil, err
	}
	out := &kms.ListResourceTagsOutput{}
	for name, value := range key.Tags {
		out.Tags = append(out.Tags, types.Tag{TagKey: &name, TagValue: &value})
	}
	return out, nil
}

func (f *fakeKMS) CreateKey(_ context.Context, in *kms.CreateKeyInput, _ ...func(*kms.Options)) (*kms.CreateKeyOutput, error) {
	if err := f.enter("CreateKey"); err != nil {
		return nil, err
	}
	key := &kmsKey{
		ID: fmt.Sprintf("made-%d", len(f.keys)), Description: *in.Description, State: types.KeyStateEnabled, Tags: map[string]string{},
		Spec: types.KeySpecSymmetricDefault, Origin: types.OriginTypeAwsKms,
	}
	for _, tag := range in.Tags {
		key.Tags[*tag.TagKey] = *tag.TagValue
	}
	f.keys = append(f.keys, key)
	if err := f.leave("CreateKey"); err != nil {
		return nil, err
	}
	return &kms.CreateKeyOutput{KeyMetadata: f.metadata(key)}, nil
}

func (f *fakeKMS) CreateAlias(_ context.Context, in *kms.CreateAliasInput, _ ...func(*kms.Options)) (*kms.CreateAliasOutput, error) {
	if err := f.enter("CreateAlias"); err != nil {
		return nil, err
	}
	if _, exists := f.aliases[*in.AliasName]; exists {
		return nil, &types.AlreadyExistsException{}
	}
	f.aliases[*in.AliasName] = *in.TargetKeyId
	return &kms.CreateAliasOutput{}, f.leave("CreateAlias")
}

func (f *fakeKMS) ScheduleKeyDeletion(_ context.Context, in *kms.ScheduleKeyDeletionInput, _ ...func(*kms.Options)) (*kms.ScheduleKeyDeletionOutput, error) {
	if err := f.enter("ScheduleKeyDeletion"); err != nil {
		return nil, err
	}
	key, err := f.find(*in.KeyId)
	if err != nil {
		return nil, err
	}
	key.State = types.KeyStatePendingDeletion
	return &kms.ScheduleKeyDeletionOutput{}, nil
}

// sound is a key as semagent makes them.
func sound(id string, change ...func(*kmsKey)) *kmsKey {
	key := &kmsKey{
		ID: id, Description: "Encrypts the registration token of Semaphore agents (alias/agents)", State: types.KeyStateEnabled,
		Spec: types.KeySpecSymmetricDefault, Origin: types.OriginTypeAwsKms, Rotates: true,
		Tags: map[string]string{"semagent:alias": "alias/agents", "semagent:managed": "true", "semagent:version": "1"},
	}
	for _, f := range change {
		f(key)
	}
	return key
}

// key is what CreateKey gives for the key of that id.
func key(id string, created bool, warnings ...string) secret.Key {
	return secret.Key{
		ID: id, ARN: "arn:aws:kms:eu-west-1:123456789012:key/" + id, Alias: "alias/agents", Created: created,
		RotationEnabled: true, Warnings: warnings,
	}
}

var (
	errDenied = apiError("AccessDeniedException", "no permission")
	errLost   = apiError("KMSInternalException", "internal")
)

func TestCreateKey(t *testing.T) {
	named := func(id string) func(*fakeKMS) {
		return func(f *fakeKMS) { f.aliases["alias/agents"] = id }
	}
	unrotated := func(k *kmsKey) { k.Rotates = false }
	untagged := func(k *kmsKey) { k.Tags = nil }
	pending := func(k *kmsKey) { k.State = types.KeyStatePendingDeletion }
	for test, c := range map[string]struct {
		keys  []*kmsKey
		setup func(*fakeKMS)
		want  secret.Key
		left  []*kmsKey // all keys afterwards
	}{
		"new": {want: key("made-0", true), left: []*kmsKey{sound("made-0")}},
		"new, beside keys of others": {
			keys: []*kmsKey{sound("a", untagged), sound("b", func(k *kmsKey) { k.Tags = map[string]string{"semagent:alias": "alias/other"} })},
			want: key("made-2", true),
			left: []*kmsKey{sound("a", untagged), sound("b", func(k *kmsKey) { k.Tags = map[string]string{"semagent:alias": "alias/other"} }), sound("made-2")},
		},
		"there": {keys: []*kmsKey{sound("a")}, setup: named("a"), want: key("a", false), left: []*kmsKey{sound("a")}},
		"there, without rotation": {
			keys: []*kmsKey{sound("a", unrotated, untagged)}, setup: named("a"), want: key("a", false), left: []*kmsKey{sound("a", untagged)},
		},
		"there, rotation may not be looked up": {
			keys: []*kmsKey{sound("a")}, setup: func(f *fakeKMS) { named("a")(f); f.fail["GetKeyRotationStatus"] = errDenied },
			want: func() secret.Key {
				k := key("a", false, "whether key a rotates is not known: no permission")
				k.RotationEnabled = false
				return k
			}(),
			left: []*kmsKey{sound("a")},
		},
		"there, with imported material": {
			keys: []*kmsKey{sound("a", unrotated, func(k *kmsKey) { k.Origin = types.OriginTypeExternal })}, setup: named("a"),
			want: func() secret.Key {
				k := key("a", false, "key a can't rotate by itself: its origin is EXTERNAL")
				k.RotationEnabled = false
				return k
			}(),
			left: []*kmsKey{sound("a", unrotated, func(k *kmsKey) { k.Origin = types.OriginTypeExternal })},
		},
		"an earlier attempt never got its alias": {
			keys: []*kmsKey{sound("x", untagged), sound("a", unrotated)}, want: key("a", false), left: []*kmsKey{sound("x", untagged), sound("a")},
		},
		"an earlier attempt is being deleted": {
			keys: []*kmsKey{sound("a", pending)}, want: key("made-1", true), left: []*kmsKey{sound("a", pending), sound("made-1")},
		},
		"a key that goes by another alias by now is not taken": {
			keys: []*kmsKey{sound("x")}, setup: func(f *fakeKMS) { f.aliases["alias/renamed"] = "x" },
			want: key("made-1", true), left: []*kmsKey{sound("x"), sound("made-1")},
		},
		"a key whose tags may not be read is not ours": {
			keys: []*kmsKey{sound("x")}, setup: func(f *fakeKMS) { f.fail["ListResourceTags x"] = errDenied },
			want: key("made-1", true), left: []*kmsKey{sound("x"), sound("made-1")},
		},
		"keys may not be listed": {
			setup: func(f *fakeKMS) { f.fail["ListKeys"] = errDenied },
			want:  key("made-0", true, "keys without an alias were not searched for one that an earlier attempt left for alias/agents: no permission"),
			left:  []*kmsKey{sound("made-0")},
		},
		"reply to CreateKey lost": {
			setup: func(f *fakeKMS) { f.after["CreateKey"] = errLost },
			want:  key("made-0", true), left: []*kmsKey{sound("made-0")},
		},
		"reply to CreateAlias lost, retry meets its own alias": {
			setup: func(f *fakeKMS) { f.before["CreateAlias"] = named("made-0") },
			want:  key("made-0", true), left: []*kmsKey{sound("made-0")},
		},
		"somebody else took the alias": {
			setup: func(f *fakeKMS) {
				f.before["CreateAlias"] = func(f *fakeKMS) {
					f.keys = append(f.keys, sound("theirs", unrotated))
					named("theirs")(f)
				}
			},
			want: key("theirs", false, "another key took alias/agents at the same time; key made-0, made for it and never used, is deleted in 7 days"),
			left: []*kmsKey{sound("made-0", pending), sound("theirs")},
		},
	} {
		t.Run(test, func(t *testing.T) {
			f := newKMS(c.keys...)
			if c.setup != nil {
				c.setup(f)
			}
			got, err := secret.CreateKey(t.Context(), f, secret.KeyInput{Alias: "agents", Tags: map[string]string{"semagent:version": "1"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("key (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.left, f.keys); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
			if f.aliases["alias/agents"] != c.want.ID {
				t.Errorf("alias stands for %q", f.aliases["alias/agents"])
			}
		})
	}
}

func TestCreateKeyErrors(t *testing.T) {
	named := func(change func(*kmsKey)) func(*fakeKMS) {
		return func(f *fakeKMS) { f.keys, f.aliases["alias/agents"] = []*kmsKey{sound("a", change)}, "a" }
	}
	failing := func(operation string, err error) func(*fakeKMS) {
		return func(f *fakeKMS) { f.fail[operation] = err }
	}
	for test, c := range map[string]struct {
		setup func(*fakeKMS)
		want  string
	}{
		"disabled":         {named(func(k *kmsKey) { k.State = types.KeyStateDisabled }), "key a of alias/agents is not enabled: its state is Disabled"},
		"pending deletion": {named(func(k *kmsKey) { k.State = types.KeyStatePendingDeletion }), "key a of alias/agents is pending deletion on 2026-05-06"},
		"asymmetric":       {named(func(k *kmsKey) { k.Spec = types.KeySpecRsa2048 }), "key a of alias/agents is RSA_2048: a parameter needs a symmetric encryption key"},
		"look-up":          {failing("DescribeKey", errDenied), "look up alias/agents: api error AccessDeniedException: no permission"},
		"aliases":          {failing("ListAliases", errLost), "list keys: api error KMSInternalException: internal"},
		"create denied":    {failing("CreateKey", errDenied), "create a key for alias/agents: api error AccessDeniedException: no permission"},
		"create lost":      {failing("CreateKey", errLost), "create a key for alias/agents: api error KMSInternalException: internal"},
		"rotation denied":  {failing("EnableKeyRotation", errDenied), "key made-0 is made, but not yet alias/agents: turn on the rotation of key made-0: api error AccessDeniedException: no permission"},
		"alias denied":     {failing("CreateAlias", errDenied), "key made-0 is made, but not yet alias/agents: create the alias: api error AccessDeniedException: no permission"},
		"alias taken, and the spare key can't be deleted": {
			func(f *fakeKMS) {
				f.fail["ScheduleKeyDeletion"] = errDenied
				f.before["CreateAlias"] = func(f *fakeKMS) {
					f.keys, f.aliases["alias/agents"] = append(f.keys, sound("theirs")), "theirs"
				}
			},
			"key made-0 is left over, because another one took alias/agents: schedule its deletion: api error AccessDeniedException: no permission",
		},
		"rotation of the key that is there": {
			func(f *fakeKMS) {
				named(func(k *kmsKey) { k.Rotates = false })(f)
				f.fail["EnableKeyRotation"] = errLost
			},
			"turn on the rotation of key a: api error KMSInternalException: internal",
		},
		"tags": {
			func(f *fakeKMS) { f.keys, f.fail["ListResourceTags"] = []*kmsKey{sound("x")}, errLost },
			"list the tags of key x: api error KMSInternalException: internal",
		},
		"an earlier attempt's key, on a closer look": {
			func(f *fakeKMS) {
				f.keys = []*kmsKey{sound("x")}
				f.before["ListResourceTags"] = func(f *fakeKMS) { f.fail["DescribeKey"] = errLost }
			},
			"look up key x: api error KMSInternalException: internal",
		},
		"alias taken by a key that is of no use": {
			func(f *fakeKMS) {
				f.before["CreateAlias"] = named(func(k *kmsKey) { k.State = types.KeyStateDisabled })
				f.before["ScheduleKeyDeletion"] = func(f *fakeKMS) { f.keys = append(f.keys, sound("made-0")) }
			},
			"key a of alias/agents is not enabled: its state is Disabled",
		},
		"alias taken, by whom is not known": {
			func(f *fakeKMS) {
				f.before["CreateAlias"] = func(f *fakeKMS) { f.aliases["alias/agents"] = "theirs"; f.fail["DescribeKey"] = errDenied }
			},
			"key made-0 is made, but not yet alias/agents: look up the alias: api error AccessDeniedException: no permission",
		},
	} {
		t.Run(test, func(t *testing.T) {
			f := newKMS()
			c.setup(f)
			got, err := secret.CreateKey(t.Context(), f, secret.KeyInput{Alias: "alias/agents"})
			if err == nil || err.Error() != c.want {
				t.Errorf("error %v, want %s", err, c.want)
			}
			if diff := cmp.Diff(secret.Key{}, got); diff != "" {
				t.Errorf("key beside an error:\n%s", diff)
			}
		})
	}
}

// TestCreateKeyAgain is the second run after each way in which the first can end half done: never a second key.
func TestCreateKeyAgain(t *testing.T) {
	for _, operation := range []string{"EnableKeyRotation", "CreateAlias"} {
		f := newKMS()
		f.fail[operation] = errDenied
		_, err := secret.CreateKey(t.Context(), f, secret.KeyInput{Alias: "agents"})
		leftover, ok := errors.AsType[*secret.LeftoverKeyError](err)
		if !ok || leftover.ID != "made-0" || leftover.Taken || !awserr.IsAccessDenied(err) {
			t.Fatalf("%s: first run gives %v", operation, err)
		}
		delete(f.fail, operation)
		got, err := secret.CreateKey(t.Context(), f, secret.KeyInput{Alias: "agents"})
		if err != nil || got.ID != "made-0" || !got.RotationEnabled || len(f.keys) != 1 {
			t.Errorf("%s: second run gives %+v, %v with %d keys", operation, got, err, len(f.keys))
		}
	}
}

func TestCreateKeySearchIsBounded(t *testing.T) {
	var keys []*kmsKey
	for i := range 205 {
		keys = append(keys, sound(fmt.Sprintf("other-%d", i), func(k *kmsKey) { k.Tags = nil }))
	}
	got, err := secret.CreateKey(t.Context(), newKMS(keys...), secret.KeyInput{Alias: "agents"})
	want := "5 keys without an alias were not searched for one that an earlier attempt left for alias/agents: there are too many"
	if err != nil || !slices.Equal(got.Warnings, []string{want}) {
		t.Errorf("CreateKey gives %v, %v", got.Warnings, err)
	}
}

func TestAlias(t *testing.T) {
	for name, want := range map[string]string{
		"agents": "alias/agents", "alias/agents": "alias/agents", "team-a/agents_2": "alias/team-a/agents_2", strings.Repeat("a", 250): "alias/" + strings.Repeat("a", 250),
		"": "", "alias/": "", "aws/ssm": "", "alias/aws/ssm": "", "a b": "", "a:b": "", "a\n": "", "é": "", strings.Repeat("a", 251): "",
	} {
		got, err := secret.Alias(name)
		_, invalid := errors.AsType[*secret.InvalidAliasError](err)
		if got != want || invalid != (want == "") {
			t.Errorf("Alias(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	_, err := secret.CreateKey(t.Context(), newKMS(), secret.KeyInput{Alias: "aws/ssm"})
	if want := `key alias "aws/ssm" begins with "aws/", which AWS keeps for its own keys`; err == nil || err.Error() != want {
		t.Errorf("CreateKey gives %v, want %s", err, want)
	}
}
