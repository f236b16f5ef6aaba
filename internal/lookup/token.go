package lookup

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/semagent/semagent/internal/awserr"
)

// token checks the token's parameter and that the instances will be allowed to decrypt it.
func (r *resolver) token(ctx context.Context, report *report) error {
	known, err := r.configuredKey(ctx, report)
	if err != nil {
		return err
	}
	name := r.cfg.TokenParameter
	what := fmt.Sprintf("token parameter %q", name)
	parameter, exists, err := describeParameter(ctx, r.SSM, name)
	switch {
	case err != nil:
		return report.unchecked(err, what, "ssm:DescribeParameters")
	case !exists:
		report.problem(Problem{
			What: what, Found: "does not exist", Fix: FixTokenPut, Subject: name,
			Settings: []string{setTokenParam},
		})
		return nil
	case parameter.Type != types.ParameterTypeSecureString:
		report.warnf("%s in %s is a %s, not a SecureString: the registration token is stored in clear",
			what, r.req.Region, parameter.Type)
		return nil
	case !known:
		return nil
	}
	return r.checkTokenKey(ctx, report, what, aws.ToString(parameter.KeyId))
}

// checkTokenKey compares the key that encrypts the parameter with the configured one: the instances' role may
// decrypt with the latter only.
func (r *resolver) checkTokenKey(ctx context.Context, report *report, what, id string) error {
	if id != "" && (id == r.facts.KeyARN || id == r.cfg.TokenKMSKey) {
		return nil
	}
	actual, fault := "", ""
	if !isDefaultKey(id) {
		key, err := describeKey(ctx, r.KMS, id)
		switch {
		case noSuchKey(err):
			fault = "does not exist"
		case awserr.IsAccessDenied(err) && r.facts.KeyARN == "":
			actual = id
		case awserr.IsAccessDenied(err) && r.ownKeyARN(id) != "":
			actual = r.ownKeyARN(id)
		case err != nil:
			return report.unchecked(err, fmt.Sprintf("the KMS key %q of the %s", id, what), "kms:DescribeKey")
		default:
			actual, fault = customerARN(key), unusable(key)
		}
	}
	r.compareKeys(report, what, id, actual, fault)
	return nil
}

func (r *resolver) compareKeys(report *report, what, id, actual, fault string) {
	problem := Problem{
		What: what, Fix: FixRewrite, Subject: r.cfg.TokenParameter, Settings: []string{setTokenKey},
		Value: cmp.Or(r.cfg.TokenKMSKey, defaultKey),
	}
	switch {
	case fault != "":
		problem.Found = fmt.Sprintf("cannot be decrypted: its KMS key %q %s", id, fault)
		report.problem(problem)
	case actual == r.facts.KeyARN:
	case actual == "":
		report.warnf("%s in %s is encrypted with %s, not with the configured KMS key %q",
			what, r.req.Region, defaultKey, r.cfg.TokenKMSKey)
	case r.facts.KeyARN == "":
		problem.Fix, problem.Subject, problem.Value = FixSetting, id, id
		problem.Found = fmt.Sprintf("is encrypted with KMS key %q, which no setting names: agents could not decrypt it", id)
		report.problem(problem)
	default:
		problem.Found = fmt.Sprintf("is encrypted with KMS key %q, not with the configured %q: agents could not decrypt it",
			id, r.cfg.TokenKMSKey)
		report.problem(problem)
	}
}

// describeParameter gives a parameter's metadata.
func describeParameter(ctx context.Context, api SSMAPI, name string) (meta types.ParameterMetadata, exists bool, err error) {
	pages := ssm.NewDescribeParametersPaginator(api, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{
			Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name},
		}},
	})
	// A page may be empty and still not be the last one (DescribeParameters).
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return types.ParameterMetadata{}, false, err
		}
		if len(page.Parameters) > 0 {
			return page.Parameters[0], true, nil
		}
	}
	return types.ParameterMetadata{}, false, nil
}
