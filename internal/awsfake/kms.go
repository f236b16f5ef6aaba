package awsfake

import (
	"slices"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// kmsService owns keys and their aliases. It encrypts nothing: who may read a secret is decided by the state of its key.
type kmsService struct {
	*core
	keys    map[string]*kmsKey
	aliases map[string]*kmsAlias // by full name, alias/...
}

type kmsKey struct {
	id, arn, description, policy string
	manager                      string // CUSTOMER or AWS
	state                        string // Enabled, Disabled or PendingDeletion
	spec, usage                  string
	rotation, multiRegion        bool
	created, deletion            time.Time
	tags                         map[string]string
}

type kmsAlias struct {
	name, target     string
	created, updated time.Time
}

func newKMS(c *core) *kmsService {
	return &kmsService{core: c, keys: map[string]*kmsKey{}, aliases: map[string]*kmsAlias{}}
}

func (k *kmsService) service() *service {
	return &service{name: "kms", protocol: protocol{kind: jsonRPC, version: "1.1"}, operations: map[string]operation{
		"CreateKey":            typed(k.createKey),
		"DescribeKey":          typed(k.describeKey),
		"DisableKey":           typed(k.disableKey),
		"EnableKey":            typed(k.enableKey),
		"ScheduleKeyDeletion":  typed(k.scheduleKeyDeletion),
		"CancelKeyDeletion":    typed(k.cancelKeyDeletion),
		"EnableKeyRotation":    typed(k.enableKeyRotation),
		"GetKeyRotationStatus": typed(k.getKeyRotationStatus),
		"GetKeyPolicy":         typed(k.getKeyPolicy),
		"ListKeys":             typed(k.listKeys),
		"TagResource":          typed(k.tagResource),
		"ListResourceTags":     typed(k.listResourceTags),
		"CreateAlias":          typed(k.createAlias),
		"DeleteAlias":          typed(k.deleteAlias),
		"ListAliases":          typed(k.listAliases),
	}}
}

type keyInput struct{ KeyId string }

type kmsTag struct{ TagKey, TagValue string }

// find resolves what callers may name a key by: its ID, its ARN, an alias or an alias's ARN.
func (k *kmsService) find(name string) (*kmsKey, error) {
	id := name
	if prefix := "arn:" + k.partition + ":kms:"; strings.HasPrefix(name, prefix) {
		parts := strings.SplitN(name, ":", 6)
		if len(parts) < 6 || parts[3] != k.region || parts[4] != k.account {
			return nil, wire.Errorf("NotFoundException", "Invalid arn %s", k.region)
		}
		id = parts[5]
	}
	if strings.HasPrefix(id, "alias/") {
		return k.byAlias(id)
	}
	key := k.keys[strings.TrimPrefix(id, "key/")]
	if key == nil {
		return nil, wire.Errorf("NotFoundException", "Key '%s' does not exist", k.arn("kms", "key/"+strings.TrimPrefix(id, "key/")))
	}
	return key, nil
}

func (k *kmsService) byAlias(alias string) (*kmsKey, error) {
	if alias == "alias/aws/ssm" {
		return k.awsManaged(alias), nil
	}
	if a := k.aliases[alias]; a != nil {
		if key := k.keys[a.target]; key != nil {
			return key, nil
		}
	}
	return nil, wire.Errorf("NotFoundException", "Alias %s is not found.", k.arn("kms", alias))
}

// awsManaged is a service's own key, which comes into being when it is first asked for.
func (k *kmsService) awsManaged(alias string) *kmsKey {
	if a := k.aliases[alias]; a != nil {
		return k.keys[a.target]
	}
	key := k.newKey("Default key that protects my SSM parameters when no other key is defined")
	key.manager, key.rotation = "AWS", true
	k.aliases[alias] = &kmsAlias{name: alias, target: key.id, created: k.now(), updated: k.now()}
	return key
}

func (k *kmsService) newKey(description string) *kmsKey {
	id := wire.RequestID()
	key := &kmsKey{
		id: id, arn: k.arn("kms", "key/"+id), description: description, manager: "CUSTOMER", state: "Enabled",
		spec: "SYMMETRIC_DEFAULT", usage: "ENCRYPT_DECRYPT", created: k.now(), tags: map[string]string{},
		policy: `{"Version":"2012-10-17","Id":"key-default-1","Statement":[{"Sid":"Enable IAM User Permissions","Effect":"Allow","Principal":{"AWS":"arn:` +
			k.partition + `:iam::` + k.account + `:root"},"Action":"kms:*","Resource":"*"}]}`,
	}
	k.keys[id] = key
	return key
}

type keyMetadata struct {
	AWSAccountId, KeyId, Arn, Description, KeyState, KeyManager, Origin, KeySpec, CustomerMasterKeySpec, KeyUsage string

	CreationDate wire.Epoch
	DeletionDate *wire.Epoch `json:",omitempty"`

	Enabled, MultiRegion bool
	EncryptionAlgorithms []string
}

func (k *kmsService) metadata(key *kmsKey) keyMetadata {
	m := keyMetadata{
		AWSAccountId: k.account, KeyId: key.id, Arn: key.arn, Description: key.description, KeyState: key.state, KeyManager: key.manager,
		Origin: "AWS_KMS", KeySpec: key.spec, CustomerMasterKeySpec: key.spec, KeyUsage: key.usage, CreationDate: wire.Epoch(key.created),
		Enabled: key.state == "Enabled", MultiRegion: key.multiRegion, EncryptionAlgorithms: []string{key.spec},
	}
	if !key.deletion.IsZero() {
		t := wire.Epoch(key.deletion)
		m.DeletionDate = &t
	}
	return m
}

type createKeyInput struct {
	Description, Policy, KeySpec, KeyUsage string
	MultiRegion                            bool
	Tags                                   []kmsTag
}

func (k *kmsService) createKey(in createKeyInput) (any, error) {
	if in.KeySpec != "" && in.KeySpec != "SYMMETRIC_DEFAULT" {
		return nil, wire.Errorf("UnsupportedOperationException", "the local AWS makes symmetric keys only, not %s", in.KeySpec)
	}
	for _, t := range in.Tags {
		if strings.HasPrefix(strings.ToLower(t.TagKey), "aws:") {
			return nil, wire.Errorf("TagException", "aws: prefixed tag key names are not allowed for external use.")
		}
	}
	key := k.newKey(in.Description)
	key.multiRegion = in.MultiRegion
	if in.Policy != "" {
		key.policy = in.Policy
	}
	setKMSTags(key, in.Tags)
	return map[string]any{"KeyMetadata": k.metadata(key)}, nil
}

func (k *kmsService) describeKey(in keyInput) (any, error) {
	key, err := k.find(in.KeyId)
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyMetadata": k.metadata(key)}, nil
}

func (k *kmsService) listKeys(struct{}) (any, error) {
	type entry struct{ KeyId, KeyArn string }
	keys := []entry{}
	for _, key := range k.keys {
		keys = append(keys, entry{key.id, key.arn})
	}
	slices.SortFunc(keys, func(a, b entry) int { return strings.Compare(a.KeyId, b.KeyId) })
	return map[string]any{"Keys": keys, "Truncated": false}, nil
}

func setKMSTags(key *kmsKey, tags []kmsTag) {
	for _, t := range tags {
		key.tags[t.TagKey] = t.TagValue
	}
}
