package lookup

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/semagent/semagent/internal/awserr"
)

// defaultKey is the key that AWS manages for SSM. Its policy lets everyone in the account decrypt through SSM, so
// no role needs a permission on it.
const defaultKey = "alias/aws/ssm"

// configuredKey finds the ARN of the key that the settings name. known is false where it could not be found, which
// has been reported.
func (r *resolver) configuredKey(ctx context.Context, report *report) (known bool, err error) {
	id := r.cfg.TokenKMSKey
	if isDefaultKey(id) {
		return true, nil
	}
	what := fmt.Sprintf("KMS key %q", id)
	key, err := describeKey(ctx, r.KMS, id)
	if err == nil {
		if fault := unusable(key); fault != "" {
			report.problem(keyProblem(what, id, fault))
			return false, nil
		}
		r.facts.KeyARN = customerARN(key)
		return true, nil
	}
	switch arn := r.ownKeyARN(id); {
	case noSuchKey(err):
		report.problem(keyProblem(what, id, r.whereIsKey(id)))
		return false, nil
	case awserr.IsAccessDenied(err) && arn != "":
		r.facts.KeyARN = arn
		return true, report.unchecked(err, what, "kms:DescribeKey")
	}
	return false, report.indispensable(err, what, "kms:DescribeKey")
}

func keyProblem(what, id, found string) Problem {
	return Problem{What: what, Found: found, Fix: FixSetting, Subject: id, Settings: []string{setTokenKey}}
}

// describeKey asks KMS for a key by id, ARN or alias.
func describeKey(ctx context.Context, api KMSAPI, id string) (*types.KeyMetadata, error) {
	out, err := api.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &id})
	if err != nil {
		return nil, err
	}
	if out.KeyMetadata == nil {
		return nil, fmt.Errorf("describe KMS key %q: empty answer", id)
	}
	return out.KeyMetadata, nil
}

// noSuchKey covers the ARN of another region too, which KMS calls an invalid ARN.
func noSuchKey(err error) bool {
	return awserr.IsNotFound(err) || awserr.Code(err) == "InvalidArnException"
}

// whereIsKey says why KMS does not know a key, as far as its ARN tells.
func (r *resolver) whereIsKey(id string) string {
	fields := strings.Split(id, ":")
	if len(fields) < 6 {
		return "does not exist"
	}
	switch region, account := fields[3], fields[4]; {
	case region != r.req.Region:
		return fmt.Sprintf("is a key of %s: SSM uses keys of its own region only", region)
	case account != r.facts.Account:
		return fmt.Sprintf("does not exist, or account %s does not share it with %s", account, r.facts.Account)
	}
	return "does not exist"
}

// ownKeyARN is the ARN that a key's id or ARN stands for, where nothing has to be looked up to know it: the key
// is this account's and no alias.
func (r *resolver) ownKeyARN(id string) string {
	prefix := fmt.Sprintf("arn:%s:kms:%s:%s:key/", r.facts.Partition, r.req.Region, r.facts.Account)
	switch {
	case strings.HasPrefix(id, prefix):
		return id
	case strings.ContainsAny(id, ":/"):
		return ""
	}
	return prefix + id
}

// unusable says why SSM can't encrypt with a key now, or nothing.
func unusable(key *types.KeyMetadata) string {
	switch {
	case key.KeyUsage != "" && key.KeyUsage != types.KeyUsageTypeEncryptDecrypt,
		key.KeySpec != "" && key.KeySpec != types.KeySpecSymmetricDefault:
		return fmt.Sprintf("is for %s (%s): a parameter needs a symmetric encryption key", key.KeyUsage, key.KeySpec)
	case key.KeyState == types.KeyStatePendingDeletion && key.DeletionDate != nil:
		return "is pending deletion on " + key.DeletionDate.UTC().Format("2006-01-02")
	case key.KeyState != "" && key.KeyState != types.KeyStateEnabled:
		return "is not enabled: its state is " + string(key.KeyState)
	}
	return ""
}

// customerARN is a customer-managed key's ARN, and empty for a key that AWS manages.
func customerARN(key *types.KeyMetadata) string {
	if key.KeyManager == types.KeyManagerTypeAws {
		return ""
	}
	return aws.ToString(key.Arn)
}

func isDefaultKey(id string) bool {
	return id == "" || id == defaultKey || strings.HasSuffix(id, ":"+defaultKey)
}
