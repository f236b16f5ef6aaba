package template

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/awslabs/goformation/v7/intrinsics"
)

// field is one string of Inputs, under the name that its user knows it by.
type field struct {
	name     string
	value    string
	required bool

	// spliced: the value becomes part of an ARN or of the user data, where some characters have a meaning.
	spliced bool
}

func (in Inputs) fields() []field {
	c := in.Config
	fields := []field{
		{"SEMAPHORE_ENDPOINT", c.Endpoint, true, true},
		{"SEMAPHORE_AGENT_STACK_NAME", c.StackName, true, true},
		{"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME", c.TokenParameter, true, true},
		{"SEMAPHORE_AGENT_INSTANCE_TYPE", c.InstanceType, true, false},
		{"SEMAPHORE_AGENT_CACHE_BUCKET_NAME", c.CacheBucket, false, true},
		{"SEMAPHORE_AGENT_TOKEN_KMS_KEY", c.TokenKMSKey, false, true},
		{"SEMAPHORE_AGENT_SECURITY_GROUP_ID", c.SecurityGroupID, false, false},
		{"SEMAPHORE_AGENT_KEY_NAME", c.KeyName, false, false},
		{"SEMAPHORE_AGENT_VPC_ID", c.VPCID, false, false},
		{"SEMAPHORE_AGENT_OVERPROVISION_STRATEGY", c.OverprovisionStrategy, false, false},
		{"SEMAPHORE_AGENT_ALARM_TOPIC_ARN", c.AlarmTopicARN, false, false},
		{"SEMAPHORE_AGENT_AMI", c.ImageID, false, false},
		{"image id", in.ImageID, false, false},
		{"token KMS key ARN", in.TokenKMSKeyARN, false, true},
	}
	for _, subnet := range c.Subnets {
		fields = append(fields, field{"SEMAPHORE_AGENT_SUBNETS", subnet, true, false})
	}
	fields = append(fields, in.furtherFields()...)
	for _, host := range in.KnownHosts {
		fields = append(fields, field{"known host", host, false, false})
	}
	return fields
}

// check refuses what would make a template that says something else than Inputs. Whether a value is right for AWS is
// the business of config and lookup.
func (in Inputs) check() error {
	errs := []error{checkDigest(in.ScalerDigest), in.checkCapacity()}
	for _, f := range in.fields() {
		if err := f.check(); err != nil {
			errs = append(errs, fmt.Errorf("check %s: %w", f.name, err))
		}
	}
	for _, host := range in.KnownHosts {
		if len(strings.Fields(host)) != 2 {
			errs = append(errs, fmt.Errorf("check known host %q: want a key type and a key, without a host", host))
		}
	}
	return errors.Join(errs...)
}

func (in Inputs) checkCapacity() error {
	if in.DesiredCapacity < in.Config.MinSize || in.DesiredCapacity > in.Config.MaxSize {
		return fmt.Errorf("check desired capacity: %d is not within minimum size %d and maximum size %d",
			in.DesiredCapacity, in.Config.MinSize, in.Config.MaxSize)
	}
	return nil
}

func checkDigest(digest string) error {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != 32 || strings.ToLower(digest) != digest {
		return fmt.Errorf("check digest of the scaler %q: want 64 hexadecimal digits", digest)
	}
	return nil
}

func (f field) check() error {
	switch {
	case f.value == "" && f.required:
		return errors.New("it is empty")
	case !utf8.ValidString(f.value) || strings.ContainsFunc(f.value, unprintable):
		return fmt.Errorf("%q holds characters that cannot be printed", f.value)
	case f.spliced && strings.ContainsFunc(f.value, special):
		return fmt.Errorf("%q holds characters other than letters, digits and . _ : / -, which mean something in an ARN", f.value)
	case isIntrinsic(f.value):
		return fmt.Errorf("%q is the base64 form of an intrinsic function", f.value)
	default:
		return nil
	}
}

// unprintable also takes spaces other than U+0020, which YAML does not keep everywhere.
func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// special are a policy's wildcards and variables, the pieces of Fn::Sub, the shell's characters, and the rest with them.
func special(r rune) bool {
	isLetter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	return !isLetter && (r < '0' || r > '9') && !strings.ContainsRune("._:/-", r)
}

// isIntrinsic asks goformation itself whether it would take the string for one of its intrinsic functions.
func isIntrinsic(s string) bool {
	object, err := json.Marshal(s)
	if err != nil {
		return true
	}
	out, err := intrinsics.ProcessJSON(object, nil)
	return err != nil || len(out) == 0 || out[0] != '"'
}
