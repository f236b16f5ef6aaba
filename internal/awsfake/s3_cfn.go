package awsfake

import (
	"net/url"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (s *s3Service) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{
		"AWS::S3::Bucket":       resource{s.core, "S3", s.createBucketResource, s.updateBucketResource, s.deleteBucketResource},
		"AWS::S3::BucketPolicy": resource{s.core, "S3", s.putPolicyResource, s.putPolicyResource, s.deletePolicyResource},
	}
}

func (s *s3Service) createBucketResource(r cfn.Request, p props) (cfn.Result, error) {
	name := strings.ToLower(r.Name)
	if p.has("BucketName") {
		name = p.str("BucketName")
	}
	if s.foreign[name] || s.buckets[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	return s.applyBucket(s.newBucket(name), r, p), nil
}

func (s *s3Service) updateBucketResource(r cfn.Request, p props) (cfn.Result, error) {
	b := s.buckets[r.PhysicalID]
	if b == nil {
		return cfn.Result{}, noSuchBucket()
	}
	return s.applyBucket(b, r, p), nil
}

func (s *s3Service) applyBucket(b *bucket, r cfn.Request, p props) cfn.Result {
	if v := p.object("VersioningConfiguration").str("Status"); v != "" {
		b.versioning = v
	} else if b.versioning == "Enabled" {
		b.versioning = "Suspended" // a bucket never loses versioning again
	}
	if rules := p.object("BucketEncryption").objects("ServerSideEncryptionConfiguration"); len(rules) > 0 {
		b.encryption = rules[0]
	}
	if access := p.object("PublicAccessBlockConfiguration"); access != nil {
		b.access = access
	}
	if rules := p.object("OwnershipControls").objects("Rules"); len(rules) > 0 {
		b.ownership = rules[0].str("ObjectOwnership")
	}
	b.lifecycle = p.object("LifecycleConfiguration").objects("Rules")
	b.tags = allTags(r, p.tags("Tags"))
	return cfn.Result{PhysicalID: b.name, Attributes: s.bucketAttributes(b.name)}
}

func (s *s3Service) bucketAttributes(name string) map[string]any {
	return map[string]any{
		"Arn":                 "arn:" + s.partition + ":s3:::" + name,
		"DomainName":          name + ".s3.amazonaws.com",
		"RegionalDomainName":  name + ".s3." + s.region + ".amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack." + s.region + ".amazonaws.com",
		"WebsiteURL":          "http://" + name + ".s3-website-" + s.region + ".amazonaws.com",
	}
}

func (s *s3Service) deleteBucketResource(r cfn.Request) error {
	b := s.buckets[r.PhysicalID]
	if b != nil && !b.empty() {
		return notEmpty()
	}
	delete(s.buckets, r.PhysicalID)
	return nil
}

func (s *s3Service) putPolicyResource(_ cfn.Request, p props) (cfn.Result, error) {
	b := s.buckets[p.str("Bucket")]
	if b == nil {
		return cfn.Result{}, noSuchBucket()
	}
	b.policy = p.str("PolicyDocument")
	return cfn.Result{PhysicalID: b.name}, nil
}

func (s *s3Service) deletePolicyResource(r cfn.Request) error {
	if b := s.buckets[r.PhysicalID]; b != nil {
		b.policy = ""
	}
	return nil
}

// fetch reads what a TemplateURL names, in either of S3's URL styles. It takes the lock itself.
func (s *s3Service) fetch(address string) ([]byte, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, wire.Errorf("ValidationError", "TemplateURL must be a supported URL.")
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	if host, _, ok := strings.Cut(u.Host, ".s3"); ok && host != "" {
		name, key = host, strings.TrimPrefix(u.Path, "/")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return nil, s3Failure("The specified bucket does not exist")
	}
	o := b.current(key)
	if o == nil {
		return nil, s3Failure("The specified key does not exist.")
	}
	return o.body, nil
}

func s3Failure(message string) error {
	return wire.Errorf("ValidationError", "S3 error: %s\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html", message)
}
