package lookup

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/semagent/semagent/internal/awserr"
)

func (r *resolver) cacheBucket(ctx context.Context, report *report) error {
	name := r.cfg.CacheBucket
	if name == "" {
		return nil
	}
	what := fmt.Sprintf("cache bucket %q", name)
	// No expected owner: a cache may be shared between accounts.
	_, err := r.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	switch elsewhere := otherRegion(err); {
	case err == nil:
		return nil
	case awserr.IsNotFound(err):
		report.problem(Problem{What: what, Found: "does not exist", Fix: FixSetting, Subject: name, Settings: []string{setCache}})
		return nil
	case elsewhere != "":
		report.warnf("%s is in %s: agents in %s reach it across regions", what, elsewhere, r.req.Region)
		return nil
	}
	return report.unchecked(err, what, "s3:ListBucket")
}

func (r *resolver) assetBucket(ctx context.Context, report *report) error {
	if r.req.AssetBucket == nil {
		return nil
	}
	name := r.req.AssetBucket(r.facts.Account, r.req.Region)
	r.facts.AssetBucket = name
	what := fmt.Sprintf("asset bucket %q", name)
	_, err := r.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name, ExpectedBucketOwner: &r.facts.Account})
	switch {
	case err == nil:
		return nil
	case awserr.IsNotFound(err):
		report.problem(Problem{What: what, Found: "does not exist", Fix: FixBootstrap, Subject: name})
		return nil
	case otherRegion(err) != "":
		report.problem(Problem{What: what, Found: "is in " + otherRegion(err) + " instead", Fix: FixRepair, Subject: name})
		return nil
	case awserr.IsAccessDenied(err):
		// The upload carries the expected owner too, so somebody else's bucket of this name is never written to.
		report.warnf("%s cannot be checked: it belongs to another account, or these credentials lack s3:ListBucket", what)
		return nil
	}
	return report.fail(err, what)
}

// otherRegion is the bucket's region where S3 answered with a redirect to it, else empty.
func otherRegion(err error) string {
	response, ok := errors.AsType[*smithyhttp.ResponseError](err)
	if !ok || response.HTTPStatusCode() != 301 || response.Response == nil {
		return ""
	}
	return response.Response.Header.Get("X-Amz-Bucket-Region")
}
