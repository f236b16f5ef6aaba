package awsfake

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type listedObject struct {
	Key          string
	LastModified time.Time
	ETag         string
	Size         int
	StorageClass string
}

type commonPrefix struct{ Prefix string }

// escape is how keys are written when the client asked for encoding-type=url.
func escape(q url.Values) func(string) string {
	if q.Get("encoding-type") != "url" {
		return func(s string) string { return s }
	}
	return func(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "%2F", "/") }
}

func maxKeys(q url.Values) int {
	n, err := strconv.Atoi(q.Get("max-keys"))
	if err != nil {
		n = 1000
	}
	return min(max(n, 0), 1000)
}

// entry is a key, or what stands for all keys with a common prefix.
type entry struct {
	name   string
	common bool
}

// entries are the names in b that a listing shows, in order.
func (b *bucket) entries(q url.Values, visible func(key string) bool) []entry {
	prefix, delimiter := q.Get("prefix"), q.Get("delimiter")
	var out []entry
	for _, key := range sortedKeys(b.objects) {
		rest, ok := strings.CutPrefix(key, prefix)
		if !ok || !visible(key) {
			continue
		}
		e := entry{name: key}
		if i := strings.Index(rest, delimiter); delimiter != "" && i >= 0 {
			e = entry{prefix + rest[:i+len(delimiter)], true}
		}
		if len(out) == 0 || out[len(out)-1] != e {
			out = append(out, e)
		}
	}
	return out
}

func (s *s3Service) listObjects(c *call, b *bucket) error {
	q := c.request.URL.Query()
	all := b.entries(q, func(key string) bool { return b.current(key) != nil && key > q.Get("start-after") })
	shown, next, err := page(all, q.Get("continuation-token"), maxKeys(q), "InvalidArgument")
	if err != nil {
		return err
	}
	esc, objects, prefixes := escape(q), []listedObject{}, []commonPrefix{}
	for _, e := range shown {
		if e.common {
			prefixes = append(prefixes, commonPrefix{esc(e.name)})
			continue
		}
		o := b.current(e.name)
		objects = append(objects, listedObject{esc(o.key), o.modified, o.etag, len(o.body), "STANDARD"})
	}
	wire.WriteS3(c.writer, "ListBucketResult", struct {
		Name, Prefix                               string
		Delimiter, EncodingType, ContinuationToken string `wire:",omitempty"`
		NextContinuationToken, StartAfter          string `wire:",omitempty"`
		MaxKeys, KeyCount                          int
		IsTruncated                                bool
		Contents                                   []listedObject `wire:"Contents,flat"`
		CommonPrefixes                             []commonPrefix `wire:"CommonPrefixes,flat"`
	}{
		Name: b.name, Prefix: esc(q.Get("prefix")), Delimiter: esc(q.Get("delimiter")), EncodingType: q.Get("encoding-type"),
		ContinuationToken: q.Get("continuation-token"), NextContinuationToken: next, StartAfter: esc(q.Get("start-after")),
		MaxKeys: maxKeys(q), KeyCount: len(shown), IsTruncated: next != "", Contents: objects, CommonPrefixes: prefixes,
	})
	return nil
}

type listedVersion struct {
	Key, VersionId string
	IsLatest       bool
	LastModified   time.Time
	ETag           string `wire:",omitempty"`
	Size           *int
	StorageClass   string `wire:",omitempty"`
}

// listVersions pages by position: its markers are the token in the key marker, with any version marker ignored.
func (s *s3Service) listVersions(c *call, b *bucket) error {
	q := c.request.URL.Query()
	type item struct {
		version listedVersion
		marker  bool
	}
	esc, all := escape(q), []item{}
	for _, e := range b.entries(url.Values{"prefix": q["prefix"]}, func(string) bool { return true }) {
		for i, o := range b.objects[e.name] {
			v := listedVersion{Key: esc(o.key), VersionId: o.version, IsLatest: i == 0, LastModified: o.modified}
			if !o.marker {
				size := len(o.body)
				v.ETag, v.Size, v.StorageClass = o.etag, &size, "STANDARD"
			}
			all = append(all, item{v, o.marker})
		}
	}
	shown, next, err := page(all, q.Get("key-marker"), maxKeys(q), "InvalidArgument")
	if err != nil {
		return err
	}
	var versions, markers []listedVersion
	for _, i := range shown {
		if i.marker {
			markers = append(markers, i.version)
			continue
		}
		versions = append(versions, i.version)
	}
	wire.WriteS3(c.writer, "ListVersionsResult", struct {
		Name, Prefix                       string
		KeyMarker                          string
		NextKeyMarker, NextVersionIdMarker string `wire:",omitempty"`
		EncodingType                       string `wire:",omitempty"`
		MaxKeys                            int
		IsTruncated                        bool
		Version                            []listedVersion `wire:"Version,flat"`
		DeleteMarker                       []listedVersion `wire:"DeleteMarker,flat"`
	}{
		Name: b.name, Prefix: esc(q.Get("prefix")), KeyMarker: q.Get("key-marker"), NextKeyMarker: next, NextVersionIdMarker: next,
		EncodingType: q.Get("encoding-type"), MaxKeys: maxKeys(q), IsTruncated: next != "", Version: versions, DeleteMarker: markers,
	})
	return nil
}
