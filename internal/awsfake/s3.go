package awsfake

import (
	"net/http"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// s3Service owns buckets and the versions of their objects. Bucket policies are kept, not enforced: the local AWS has one caller.
type s3Service struct {
	*core
	buckets map[string]*bucket
	foreign map[string]bool // names that somebody else has
}

type bucket struct {
	name       string
	created    time.Time
	versioning string // "", Enabled or Suspended
	encryption props  // one ServerSideEncryptionRule
	access     props  // PublicAccessBlockConfiguration
	ownership  string
	lifecycle  []props
	policy     string
	tags       map[string]string
	objects    map[string][]*object // by key, newest version first
}

// object is one version of a key, or a delete marker.
type object struct {
	key, version, etag, contentType string
	body                            []byte
	modified                        time.Time
	marker                          bool
	checksum                        checksum
	metadata                        http.Header
}

func newS3(c *core) *s3Service {
	return &s3Service{core: c, buckets: map[string]*bucket{}, foreign: map[string]bool{}}
}

func (s *s3Service) service() *service {
	return &service{name: "s3", protocol: protocol{kind: restXML}, route: routeS3, operations: map[string]operation{
		"ListBuckets":                     s.listBuckets,
		"CreateBucket":                    s.createBucket,
		"DeleteBucket":                    s.inBucket(s.deleteBucket),
		"HeadBucket":                      s.inBucket(s.headBucket),
		"GetBucketLocation":               s.inBucket(s.getLocation),
		"GetBucketVersioning":             s.inBucket(s.getVersioning),
		"PutBucketVersioning":             s.inBucket(s.putVersioning),
		"GetBucketEncryption":             s.inBucket(s.getEncryption),
		"GetBucketPolicy":                 s.inBucket(s.getPolicy),
		"GetPublicAccessBlock":            s.inBucket(s.getPublicAccess),
		"GetBucketOwnershipControls":      s.inBucket(s.getOwnership),
		"GetBucketLifecycleConfiguration": s.inBucket(s.getLifecycle),
		"GetBucketTagging":                s.inBucket(s.getTagging),
		"ListObjectsV2":                   s.inBucket(s.listObjects),
		"ListObjectVersions":              s.inBucket(s.listVersions),
		"PutObject":                       s.inBucket(s.putObject),
		"GetObject":                       s.inBucket(s.getObject),
		"HeadObject":                      s.inBucket(s.getObject),
		"DeleteObject":                    s.inBucket(s.deleteObject),
		"DeleteObjects":                   s.inBucket(s.deleteObjects),
	}}
}

// routeS3 finds the operation in the method, the path and the sub-resource of a path-style request.
func routeS3(r *http.Request) (string, map[string]string) {
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	path := map[string]string{"Bucket": name}
	if key != "" {
		path["Key"] = key
		return routeObject(r), path
	}
	if name == "" {
		return map[string]string{http.MethodGet: "ListBuckets"}[r.Method], path
	}
	return routeBucket(r), path
}

func routeObject(r *http.Request) string {
	q := r.URL.Query()
	for _, sub := range []string{"acl", "tagging", "uploads", "uploadId", "retention", "legal-hold", "attributes", "torrent", "restore", "select"} {
		if q.Has(sub) {
			return r.Method + "Object?" + sub // no operation of that name: refused as unknown
		}
	}
	if r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "" {
		return "CopyObject"
	}
	return map[string]string{
		http.MethodPut: "PutObject", http.MethodGet: "GetObject", http.MethodHead: "HeadObject", http.MethodDelete: "DeleteObject",
	}[r.Method]
}

func routeBucket(r *http.Request) string {
	names := map[string]string{
		"GET location": "GetBucketLocation", "GET versioning": "GetBucketVersioning", "PUT versioning": "PutBucketVersioning",
		"GET encryption": "GetBucketEncryption", "GET policy": "GetBucketPolicy", "GET publicAccessBlock": "GetPublicAccessBlock",
		"GET ownershipControls": "GetBucketOwnershipControls", "GET lifecycle": "GetBucketLifecycleConfiguration",
		"GET tagging": "GetBucketTagging", "GET versions": "ListObjectVersions", "POST delete": "DeleteObjects",
	}
	q := r.URL.Query()
	for sub := range q {
		if op, ok := names[r.Method+" "+sub]; ok {
			return op
		}
	}
	plain := map[string]string{http.MethodPut: "CreateBucket", http.MethodDelete: "DeleteBucket", http.MethodHead: "HeadBucket"}
	known := map[string]bool{"x-id": true, "list-type": true}
	for sub, values := range q {
		if values[0] == "" && !known[sub] && r.Method != http.MethodGet {
			return r.Method + "Bucket?" + sub
		}
	}
	if r.Method == http.MethodGet && q.Get("list-type") == "2" {
		return "ListObjectsV2"
	}
	if op := plain[r.Method]; op != "" {
		return op
	}
	return r.Method + "Bucket?" + r.URL.RawQuery
}

// inBucket finds the call's bucket and checks that it is the account's own, and the expected owner's.
func (s *s3Service) inBucket(f func(*call, *bucket) error) operation {
	return func(c *call) (any, error) {
		name := c.path["Bucket"]
		b := s.buckets[name]
		owner := c.request.Header.Get("X-Amz-Expected-Bucket-Owner")
		switch {
		case s.foreign[name] || b != nil && owner != "" && owner != s.account:
			return nil, &wire.Error{Code: "AccessDenied", Message: "Access Denied", Status: http.StatusForbidden}
		case b == nil:
			return nil, noSuchBucket()
		}
		return nil, f(c, b)
	}
}

func noSuchBucket() error {
	return &wire.Error{Code: "NoSuchBucket", Message: "The specified bucket does not exist", Status: http.StatusNotFound}
}

func (s *s3Service) newBucket(name string) *bucket {
	all := true
	b := &bucket{
		name: name, created: s.now(), ownership: "BucketOwnerEnforced", objects: map[string][]*object{}, tags: map[string]string{},
		access:     props{"BlockPublicAcls": all, "IgnorePublicAcls": all, "BlockPublicPolicy": all, "RestrictPublicBuckets": all},
		encryption: props{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": false},
	}
	s.buckets[name] = b
	return b
}

// empty reports whether nothing is left in b, no version and no delete marker.
func (b *bucket) empty() bool { return len(b.objects) == 0 }
