package awsfake

import (
	"bytes"
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

func (s *s3Service) putObject(c *call, b *bucket) error {
	body, sum, err := payload(c.request, c.body)
	if err != nil {
		return err
	}
	key, header := c.path["Key"], c.request.Header
	if err := checkPreconditions(header, b.current(key)); err != nil {
		return err
	}
	digest := md5.Sum(body)
	o := &object{
		key: key, version: "null", etag: `"` + hex.EncodeToString(digest[:]) + `"`, body: body, modified: s.now(), checksum: sum,
		contentType: cmp.Or(header.Get("Content-Type"), "binary/octet-stream"), metadata: http.Header{},
	}
	for name, values := range header {
		if strings.HasPrefix(name, "X-Amz-Meta-") {
			o.metadata[name] = values
		}
	}
	b.add(o)
	s.describe(c.writer.Header(), b, o)
	c.writer.WriteHeader(http.StatusOK)
	return nil
}

func checkPreconditions(header http.Header, current *object) error {
	none, match := header.Get("If-None-Match"), header.Get("If-Match")
	if none == "*" && current != nil || match != "" && (current == nil || current.etag != match) {
		return &wire.Error{
			Code: "PreconditionFailed", Message: "At least one of the pre-conditions you specified did not hold", Status: http.StatusPreconditionFailed,
		}
	}
	return nil
}

// current is what a reader of key sees; nil where there is nothing or a delete marker on top.
func (b *bucket) current(key string) *object {
	if versions := b.objects[key]; len(versions) > 0 && !versions[0].marker {
		return versions[0]
	}
	return nil
}

func (b *bucket) add(o *object) {
	switch b.versioning {
	case "Enabled":
		o.version = randomID("", 32)
		b.objects[o.key] = slices.Insert(b.objects[o.key], 0, o)
	case "Suspended":
		kept := slices.DeleteFunc(b.objects[o.key], func(v *object) bool { return v.version == "null" })
		b.objects[o.key] = slices.Insert(kept, 0, o)
	default:
		b.objects[o.key] = []*object{o}
	}
}

func (s *s3Service) describe(h http.Header, b *bucket, o *object) {
	h.Set("Etag", o.etag)
	if b.versioning != "" {
		h.Set("X-Amz-Version-Id", o.version)
	}
	d := b.encryption.object("ServerSideEncryptionByDefault")
	h.Set("X-Amz-Server-Side-Encryption", d.str("SSEAlgorithm"))
	if key := d.str("KMSMasterKeyID"); key != "" {
		h.Set("X-Amz-Server-Side-Encryption-Aws-Kms-Key-Id", key)
	}
	if o.checksum.header != "" {
		h.Set(o.checksum.header, o.checksum.value)
	}
}

func (s *s3Service) getObject(c *call, b *bucket) error {
	o, err := b.pick(c)
	if err != nil {
		return err
	}
	h := c.writer.Header()
	s.describe(h, b, o)
	if c.request.Header.Get("X-Amz-Checksum-Mode") != "ENABLED" && o.checksum.header != "" {
		h.Del(o.checksum.header)
	}
	maps.Copy(h, o.metadata)
	h.Set("Content-Type", o.contentType)
	http.ServeContent(c.writer, c.request, "", o.modified, bytes.NewReader(o.body))
	return nil
}

func (b *bucket) pick(c *call) (*object, error) {
	key, id := c.path["Key"], c.request.URL.Query().Get("versionId")
	if id == "" {
		if o := b.current(key); o != nil {
			return o, nil
		}
		if len(b.objects[key]) > 0 {
			c.writer.Header().Set("X-Amz-Delete-Marker", "true")
		}
		return nil, &wire.Error{Code: "NoSuchKey", Message: "The specified key does not exist.", Status: http.StatusNotFound}
	}
	i := slices.IndexFunc(b.objects[key], func(o *object) bool { return o.version == id })
	switch {
	case i < 0:
		return nil, &wire.Error{Code: "NoSuchVersion", Message: "The specified version does not exist.", Status: http.StatusNotFound}
	case b.objects[key][i].marker:
		return nil, &wire.Error{
			Code: "MethodNotAllowed", Message: "The specified method is not allowed against this resource.", Status: http.StatusMethodNotAllowed,
		}
	}
	return b.objects[key][i], nil
}

type deletion struct {
	Key                   string
	VersionId             string `wire:",omitempty"`
	DeleteMarker          bool   `wire:",omitempty"`
	DeleteMarkerVersionId string `wire:",omitempty"`
}

// remove deletes one version, or, in a versioned bucket, puts a delete marker on top of the key.
func (s *s3Service) remove(b *bucket, key, version string) deletion {
	if version != "" {
		d := deletion{Key: key, VersionId: version}
		kept := slices.DeleteFunc(b.objects[key], func(o *object) bool {
			d.DeleteMarker = d.DeleteMarker || o.version == version && o.marker
			return o.version == version
		})
		b.keep(key, kept)
		return d
	}
	if b.versioning == "" {
		delete(b.objects, key)
		return deletion{Key: key}
	}
	marker := &object{key: key, version: "null", marker: true, modified: s.now()}
	b.add(marker)
	return deletion{Key: key, DeleteMarker: true, DeleteMarkerVersionId: marker.version}
}

func (b *bucket) keep(key string, versions []*object) {
	if len(versions) == 0 {
		delete(b.objects, key)
		return
	}
	b.objects[key] = versions
}

func (s *s3Service) deleteObject(c *call, b *bucket) error {
	d := s.remove(b, c.path["Key"], c.request.URL.Query().Get("versionId"))
	if d.DeleteMarker {
		c.writer.Header().Set("X-Amz-Delete-Marker", "true")
	}
	if id := cmp.Or(d.VersionId, d.DeleteMarkerVersionId); id != "" {
		c.writer.Header().Set("X-Amz-Version-Id", id)
	}
	c.writer.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *s3Service) deleteObjects(c *call, b *bucket) error {
	body, _, err := payload(c.request, c.body)
	if err != nil {
		return err
	}
	var in struct {
		Quiet  bool
		Object []struct{ Key, VersionId string }
	}
	if err := xml.Unmarshal(body, &in); err != nil || len(in.Object) == 0 || len(in.Object) > 1000 {
		return wire.Errorf("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema")
	}
	out := []deletion{}
	for _, o := range in.Object {
		out = append(out, s.remove(b, o.Key, o.VersionId))
	}
	if in.Quiet {
		out = nil
	}
	wire.WriteS3(c.writer, "DeleteResult", struct {
		Deleted []deletion `wire:"Deleted,flat"`
	}{out})
	return nil
}
