package awsfake

import (
	"regexp"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type aliasInput struct {
	AliasName, TargetKeyId string
}

func (k *kmsService) createAlias(in aliasInput) (any, error) {
	if !regexp.MustCompile(`^alias/[a-zA-Z0-9/_-]+$`).MatchString(in.AliasName) {
		return nil, wire.Errorf("ValidationException", "Alias must start with the prefix \"alias/\". Please see "+
			"https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html")
	}
	if strings.HasPrefix(in.AliasName, "alias/aws/") {
		return nil, wire.Errorf("NotAuthorizedException", "")
	}
	key, err := k.changeable(in.TargetKeyId)
	if err != nil {
		return nil, err
	}
	if k.aliases[in.AliasName] != nil {
		return nil, wire.Errorf("AlreadyExistsException", "An alias with the name %s already exists", k.arn("kms", in.AliasName))
	}
	k.aliases[in.AliasName] = &kmsAlias{name: in.AliasName, target: key.id, created: k.now(), updated: k.now()}
	return nil, nil
}

func (k *kmsService) deleteAlias(in aliasInput) (any, error) {
	if k.aliases[in.AliasName] == nil {
		return nil, wire.Errorf("NotFoundException", "Alias %s is not found.", k.arn("kms", in.AliasName))
	}
	delete(k.aliases, in.AliasName)
	return nil, nil
}

type listAliasesInput struct {
	KeyId, Marker string
	Limit         int
}

type aliasEntry struct {
	AliasName, AliasArn string
	TargetKeyId         string `json:",omitempty"`
	CreationDate        wire.Epoch
	LastUpdatedDate     wire.Epoch
}

func (k *kmsService) listAliases(in listAliasesInput) (any, error) {
	entries := []aliasEntry{}
	var target string
	if in.KeyId != "" {
		key, err := k.find(in.KeyId)
		if err != nil {
			return nil, err
		}
		target = key.id
	}
	for _, name := range sortedKeys(k.aliases) {
		a := k.aliases[name]
		if target == "" || a.target == target {
			entries = append(entries, aliasEntry{a.name, k.arn("kms", a.name), a.target, wire.Epoch(a.created), wire.Epoch(a.updated)})
		}
	}
	shown, next, err := page(entries, in.Marker, limitOf(in.Limit, 50, 100), "InvalidMarkerException")
	if err != nil {
		return nil, err
	}
	out := map[string]any{"Aliases": shown, "Truncated": next != ""}
	if next != "" {
		out["NextMarker"] = next
	}
	return out, nil
}
