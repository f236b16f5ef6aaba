package awsfake

import (
	"encoding/xml"
	"net/http"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type namedBucket struct {
	Name         string
	CreationDate time.Time
}

func (s *s3Service) listBuckets(c *call) (any, error) {
	buckets := []namedBucket{}
	for _, name := range sortedKeys(s.buckets) {
		buckets = append(buckets, namedBucket{name, s.buckets[name].created})
	}
	wire.WriteS3(c.writer, "ListAllMyBucketsResult", struct {
		Buckets []namedBucket `wire:"Buckets,item=Bucket"`
		Owner   struct{ ID string }
	}{buckets, struct{ ID string }{s.account}})
	return nil, nil
}

// createBucket is strict as everywhere but us-east-1's legacy endpoint: an own bucket of the name is an error too.
func (s *s3Service) createBucket(c *call) (any, error) {
	name := c.path["Bucket"]
	switch {
	case s.foreign[name]:
		return nil, &wire.Error{
			Code: "BucketAlreadyExists", Status: http.StatusConflict, Message: "The requested bucket name is not available. " +
				"The bucket namespace is shared by all users of the system. Please select a different name and try again.",
		}
	case s.buckets[name] != nil:
		return nil, &wire.Error{
			Code: "BucketAlreadyOwnedByYou", Status: http.StatusConflict,
			Message: "Your previous request to create the named bucket succeeded and you already own it.",
		}
	}
	s.newBucket(name)
	c.writer.Header().Set("Location", "/"+name)
	c.writer.WriteHeader(http.StatusOK)
	return nil, nil
}

func notEmpty() error {
	return &wire.Error{Code: "BucketNotEmpty", Message: "The bucket you tried to delete is not empty", Status: http.StatusConflict}
}

func (s *s3Service) deleteBucket(c *call, b *bucket) error {
	if !b.empty() {
		return notEmpty()
	}
	delete(s.buckets, b.name)
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *s3Service) headBucket(c *call, _ *bucket) error {
	c.writer.Header().Set("X-Amz-Bucket-Region", s.region)
	c.writer.WriteHeader(http.StatusOK)
	return nil
}

// getLocation says nothing for us-east-1, as GetBucketLocation does.
func (s *s3Service) getLocation(c *call, _ *bucket) error {
	region := s.region
	if region == "us-east-1" {
		region = ""
	}
	wire.WriteS3(c.writer, "LocationConstraint", region)
	return nil
}

func (s *s3Service) getVersioning(c *call, b *bucket) error {
	wire.WriteS3(c.writer, "VersioningConfiguration", struct {
		Status string `wire:",omitempty"`
	}{b.versioning})
	return nil
}

func (s *s3Service) putVersioning(c *call, b *bucket) error {
	var in struct{ Status string }
	if err := xml.Unmarshal(c.body, &in); err != nil {
		return wire.Errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	b.versioning = in.Status
	c.writer.WriteHeader(http.StatusOK)
	return nil
}

func (s *s3Service) getEncryption(c *call, b *bucket) error {
	type byDefault struct {
		SSEAlgorithm   string
		KMSMasterKeyID string `wire:",omitempty"`
	}
	type rule struct {
		ApplyServerSideEncryptionByDefault byDefault
		BucketKeyEnabled                   bool
	}
	d := b.encryption.object("ServerSideEncryptionByDefault")
	wire.WriteS3(c.writer, "ServerSideEncryptionConfiguration", struct{ Rule rule }{rule{
		byDefault{d.str("SSEAlgorithm"), d.str("KMSMasterKeyID")}, b.encryption.flag("BucketKeyEnabled", false),
	}})
	return nil
}

func (s *s3Service) getPolicy(c *call, b *bucket) error {
	if b.policy == "" {
		return &wire.Error{Code: "NoSuchBucketPolicy", Message: "The bucket policy does not exist", Status: http.StatusNotFound}
	}
	c.writer.Header().Set("Content-Type", "application/json")
	_, err := c.writer.Write([]byte(b.policy))
	return err
}

func (s *s3Service) getPublicAccess(c *call, b *bucket) error {
	if b.access == nil {
		return &wire.Error{
			Code: "NoSuchPublicAccessBlockConfiguration", Message: "The public access block configuration was not found", Status: http.StatusNotFound,
		}
	}
	wire.WriteS3(c.writer, "PublicAccessBlockConfiguration", struct {
		BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets bool
	}{
		b.access.flag("BlockPublicAcls", false), b.access.flag("IgnorePublicAcls", false),
		b.access.flag("BlockPublicPolicy", false), b.access.flag("RestrictPublicBuckets", false),
	})
	return nil
}

func (s *s3Service) getOwnership(c *call, b *bucket) error {
	wire.WriteS3(c.writer, "OwnershipControls", struct {
		Rule struct{ ObjectOwnership string }
	}{struct{ ObjectOwnership string }{b.ownership}})
	return nil
}

func (s *s3Service) getTagging(c *call, b *bucket) error {
	if len(b.tags) == 0 {
		return &wire.Error{Code: "NoSuchTagSet", Message: "The TagSet does not exist", Status: http.StatusNotFound}
	}
	tags := []ssmTag{}
	for _, k := range sortedKeys(b.tags) {
		tags = append(tags, ssmTag{k, b.tags[k]})
	}
	wire.WriteS3(c.writer, "Tagging", struct {
		TagSet []ssmTag `wire:"TagSet,item=Tag"`
	}{tags})
	return nil
}
