package awsfake

import (
	"net/http"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// changeable is a key that its owner may change in its present state.
func (k *kmsService) changeable(name string) (*kmsKey, error) {
	key, err := k.find(name)
	switch {
	case err != nil:
		return nil, err
	case key.manager == "AWS":
		return nil, &wire.Error{Code: "AccessDeniedException", Status: http.StatusBadRequest, Message: "User: " + k.user() +
			" is not authorized to perform this operation on an AWS managed key"}
	case key.state == "PendingDeletion":
		return nil, wire.Errorf("KMSInvalidStateException", "%s is pending deletion.", key.arn)
	}
	return key, nil
}

func (k *kmsService) setState(name, state string) (any, error) {
	key, err := k.changeable(name)
	if err != nil {
		return nil, err
	}
	key.state = state
	return nil, nil
}

func (k *kmsService) disableKey(in keyInput) (any, error) { return k.setState(in.KeyId, "Disabled") }

func (k *kmsService) enableKey(in keyInput) (any, error) { return k.setState(in.KeyId, "Enabled") }

type scheduleInput struct {
	KeyId               string
	PendingWindowInDays int
}

func (k *kmsService) scheduleKeyDeletion(in scheduleInput) (any, error) {
	if in.PendingWindowInDays == 0 {
		in.PendingWindowInDays = 30
	}
	if in.PendingWindowInDays < 7 || in.PendingWindowInDays > 30 {
		return nil, wire.Errorf("ValidationException", "1 validation error detected: Value '%d' at 'pendingWindowInDays' failed to satisfy constraint: "+
			"Member must have value between 7 and 30", in.PendingWindowInDays)
	}
	key, err := k.changeable(in.KeyId)
	if err != nil {
		return nil, err
	}
	key.state, key.deletion = "PendingDeletion", k.now().Add(time.Duration(in.PendingWindowInDays)*24*time.Hour)
	return map[string]any{
		"KeyId": key.arn, "DeletionDate": wire.Epoch(key.deletion), "KeyState": key.state, "PendingWindowInDays": in.PendingWindowInDays,
	}, nil
}

func (k *kmsService) cancelKeyDeletion(in keyInput) (any, error) {
	key, err := k.find(in.KeyId)
	if err != nil {
		return nil, err
	}
	if key.state != "PendingDeletion" {
		return nil, wire.Errorf("KMSInvalidStateException", "%s is not pending deletion.", key.arn)
	}
	key.state, key.deletion = "Disabled", time.Time{}
	return map[string]any{"KeyId": key.arn}, nil
}

func (k *kmsService) enableKeyRotation(in keyInput) (any, error) {
	key, err := k.changeable(in.KeyId)
	if err != nil {
		return nil, err
	}
	if key.state == "Disabled" {
		return nil, wire.Errorf("DisabledException", "%s is disabled.", key.arn)
	}
	key.rotation = true
	return nil, nil
}

func (k *kmsService) getKeyRotationStatus(in keyInput) (any, error) {
	key, err := k.find(in.KeyId)
	if err != nil {
		return nil, err
	}
	out := map[string]any{"KeyRotationEnabled": key.rotation, "KeyId": key.arn}
	if key.rotation {
		out["RotationPeriodInDays"] = 365
		out["NextRotationDate"] = wire.Epoch(key.created.AddDate(1, 0, 0))
	}
	return out, nil
}

func (k *kmsService) getKeyPolicy(in keyInput) (any, error) {
	key, err := k.find(in.KeyId)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Policy": key.policy, "PolicyName": "default"}, nil
}

type tagKeyInput struct {
	KeyId string
	Tags  []kmsTag
}

func (k *kmsService) tagResource(in tagKeyInput) (any, error) {
	key, err := k.changeable(in.KeyId)
	if err != nil {
		return nil, err
	}
	setKMSTags(key, in.Tags)
	return nil, nil
}

func (k *kmsService) listResourceTags(in keyInput) (any, error) {
	key, err := k.find(in.KeyId)
	if err != nil {
		return nil, err
	}
	tags := []kmsTag{}
	for _, name := range sortedKeys(key.tags) {
		tags = append(tags, kmsTag{name, key.tags[name]})
	}
	return map[string]any{"Tags": tags, "Truncated": false}, nil
}
