package template

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// The placeholders have the form that CloudFormation and its linters ask for, and can never exist.
const (
	placeholderImage = "ami-00000000000000000"
	placeholderKey   = "arn:aws:kms:us-east-1:000000000000:key/00000000-0000-0000-0000-000000000000"
	managedKey       = "alias/aws/ssm"
)

func resolve(in Inputs) (fleet, error) {
	f := fleet{
		Config:     in.Config,
		desired:    in.DesiredCapacity,
		imageID:    in.ImageID,
		keyARN:     in.TokenKMSKeyARN,
		scalerKey:  "scaler/" + in.ScalerDigest + ".zip",
		knownHosts: in.KnownHosts, functionNets: in.FunctionSubnets,
	}
	notes := map[string]string{}
	if f.imageID == "" {
		f.imageID = f.ImageID
	}
	if f.imageID == "" {
		f.imageID = placeholderImage
		notes[agentLaunchTemplate+".ImageId"] = placeholderImage + " stands for the AMI, which a deployment looks up by name"
	}
	if f.keyARN == "" {
		f.keyARN = keyWithoutLookup(f.TokenKMSKey)
	}
	if f.keyARN == placeholderKey {
		notes["kms:Decrypt"] = placeholderKey + " stands for the key of " + f.TokenKMSKey
	}
	if in.Offline && f.VPCID != "" && len(f.functionNets) == 0 {
		f.functionNets = f.Subnets
		notes["VpcConfig"] = strings.Join(f.Subnets, ",") + " stand for those of them that functions can use, which a deployment looks up"
	}
	if len(notes) == 0 {
		return f, nil
	}
	if !in.Offline {
		return fleet{}, fmt.Errorf("resolve %s: only an offline template may hold placeholders", strings.Join(slices.Sorted(maps.Keys(notes)), ", "))
	}
	f.placeholders = map[string]any{"semagent": map[string]any{"Placeholders": notes}}
	return f, nil
}

// keyWithoutLookup is the ARN that the setting alone gives: none for the AWS managed key, whose own policy lets
// Parameter Store's callers decrypt; a key's ARN as it is; a key's id in this account. An alias needs a lookup.
func keyWithoutLookup(setting string) string {
	switch {
	case setting == "" || setting == managedKey:
		return ""
	case strings.Contains(setting, "alias/"):
		return placeholderKey
	case strings.HasPrefix(setting, "arn:"):
		return setting
	default:
		return arn("kms", "key/%s", setting)
	}
}
