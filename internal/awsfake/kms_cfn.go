package awsfake

import (
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
)

func (k *kmsService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{
		"AWS::KMS::Key":   resource{k.core, "Kms", k.createKeyResource, k.updateKeyResource, k.deleteKeyResource},
		"AWS::KMS::Alias": resource{k.core, "Kms", k.createAliasResource, k.updateAliasResource, k.deleteAliasResource},
	}
}

func (k *kmsService) createKeyResource(r cfn.Request, p props) (cfn.Result, error) {
	key := k.newKey(p.str("Description"))
	key.multiRegion = p.flag("MultiRegion", false)
	return k.applyKey(key, r, p)
}

func (k *kmsService) updateKeyResource(r cfn.Request, p props) (cfn.Result, error) {
	key, err := k.find(r.PhysicalID)
	if err != nil {
		return cfn.Result{}, err
	}
	return k.applyKey(key, r, p)
}

func (k *kmsService) applyKey(key *kmsKey, r cfn.Request, p props) (cfn.Result, error) {
	key.description, key.rotation = p.str("Description"), p.flag("EnableKeyRotation", false)
	key.state = map[bool]string{true: "Enabled", false: "Disabled"}[p.flag("Enabled", true)]
	if p.has("KeyPolicy") {
		key.policy = p.str("KeyPolicy")
	}
	key.tags = allTags(r, p.tags("Tags"))
	return cfn.Result{PhysicalID: key.id, Attributes: map[string]any{"Arn": key.arn, "KeyId": key.id}}, nil
}

func (k *kmsService) deleteKeyResource(r cfn.Request) error {
	key, err := k.find(r.PhysicalID)
	if err != nil {
		return nil //nolint:nilerr // what is gone is deleted
	}
	key.state, key.deletion = "PendingDeletion", k.now().Add(30*24*time.Hour)
	return nil
}

func (k *kmsService) createAliasResource(_ cfn.Request, p props) (cfn.Result, error) {
	name := p.str("AliasName")
	if k.aliases[name] != nil {
		return cfn.Result{}, taken("AWS::KMS::Alias", name)
	}
	if _, err := k.createAlias(aliasInput{name, p.str("TargetKeyId")}); err != nil {
		return cfn.Result{}, err
	}
	return cfn.Result{PhysicalID: name}, nil
}

func (k *kmsService) updateAliasResource(r cfn.Request, p props) (cfn.Result, error) {
	key, err := k.changeable(p.str("TargetKeyId"))
	if err != nil {
		return cfn.Result{}, err
	}
	k.aliases[r.PhysicalID].target, k.aliases[r.PhysicalID].updated = key.id, k.now()
	return cfn.Result{PhysicalID: r.PhysicalID}, nil
}

func (k *kmsService) deleteAliasResource(r cfn.Request) error {
	delete(k.aliases, r.PhysicalID)
	return nil
}
