package asset

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/semagent/semagent/internal/awserr"
)

// S3 is what a Store needs of *s3.Client.
type S3 interface {
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
}

const conflictWait = 300 * time.Millisecond

// BucketName is the bootstrap bucket of an account in a region.
func BucketName(account, region string) string {
	return "semagent-bootstrap-" + account + "-" + region
}

// Store is the bootstrap bucket of one account in one region.
type Store struct {
	client          S3
	account, region string
}

// NewStore is the store of account in region, reached through client.
func NewStore(client S3, account, region string) *Store {
	return &Store{client: client, account: account, region: region}
}

// Location is where a bundle lies.
type Location struct {
	Bucket   string
	Key      string
	URL      string // https, in the form that CloudFormation takes as a TemplateURL
	Uploaded bool   // false when it was there already
}

// Put makes sure that b lies in the bucket. It is idempotent: the key is made of the content's digest, so what is
// there is right. Errors: *NoBucketError, *DeniedError, or what S3 said.
func (s *Store) Put(ctx context.Context, b Bundle) (Location, error) {
	there, err := s.has(ctx, b)
	if err == nil && !there {
		there, err = s.upload(ctx, b)
	}
	if err != nil {
		return Location{}, fmt.Errorf("put %s: %w", b.Key, s.explain(err))
	}
	return Location{Bucket: s.bucket(), Key: b.Key, URL: s.url(b.Key), Uploaded: !there}, nil
}

// PutTemplate puts a template of any size that CloudFormation takes and returns its location.
func (s *Store) PutTemplate(ctx context.Context, body []byte) (Location, error) {
	return s.Put(ctx, Template(body))
}

// has cannot tell a missing object from a missing bucket, because the answer to a HEAD has no body, nor from one
// that it may not see, because S3 answers 403 without s3:ListBucket. The upload that follows tells.
func (s *Store) has(ctx context.Context, b Bundle) (bool, error) {
	_, err := s.client.HeadObject(ctx, &s3.HeadObjectInput{
		Bucket:              aws.String(s.bucket()),
		Key:                 aws.String(b.Key),
		ExpectedBucketOwner: aws.String(s.account),
	})
	if awserr.IsNotFound(err) || awserr.IsAccessDenied(err) {
		return false, nil
	}
	return err == nil, err
}

// upload reports true when somebody else put the object in the meantime, to which S3 answers 412. While another
// upload is still under way it answers 409, and whether that one succeeds is open.
func (s *Store) upload(ctx context.Context, b Bundle) (there bool, err error) {
	for range 3 {
		err = s.put(ctx, b)
		if awserr.Code(err) != "ConditionalRequestConflict" {
			break
		}
		select {
		case <-time.After(conflictWait):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	if awserr.Code(err) == "PreconditionFailed" {
		return true, nil
	}
	return false, err
}

func (s *Store) put(ctx context.Context, b Bundle) error {
	sum, err := hex.DecodeString(b.Digest)
	if err != nil {
		return err
	}
	_, err = s.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket:              aws.String(s.bucket()),
		Key:                 aws.String(b.Key),
		Body:                bytes.NewReader(b.body),
		ContentType:         aws.String(b.contentType),
		ContentLength:       aws.Int64(int64(b.Size)),
		ChecksumSHA256:      aws.String(base64.StdEncoding.EncodeToString(sum)),
		IfNoneMatch:         aws.String("*"),
		ExpectedBucketOwner: aws.String(s.account),
	})
	return err
}

func (s *Store) explain(err error) error {
	switch {
	case awserr.Code(err) == "NoSuchBucket":
		return &NoBucketError{Bucket: s.bucket(), Region: s.region}
	case awserr.IsAccessDenied(err):
		return &DeniedError{Bucket: s.bucket(), Account: s.account, Err: err}
	default:
		return err
	}
}

func (s *Store) bucket() string { return BucketName(s.account, s.region) }

func (s *Store) url(key string) string {
	suffix := "amazonaws.com"
	if strings.HasPrefix(s.region, "cn-") {
		suffix += ".cn"
	}
	return fmt.Sprintf("https://%s.s3.%s.%s/%s", s.bucket(), s.region, suffix, key)
}
