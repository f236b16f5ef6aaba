package awsfake

import (
	"net/http"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type lifecycleRule struct {
	ID                             string           `wire:",omitempty"`
	Filter                         *lifecycleFilter `wire:",omitempty"`
	Status                         string
	Expiration                     *lifecycleExpiration
	NoncurrentVersionExpiration    *noncurrentExpiration
	AbortIncompleteMultipartUpload *abortUpload
}

type lifecycleFilter struct{ Prefix string }

type lifecycleExpiration struct {
	Days                      int  `wire:",omitempty"`
	ExpiredObjectDeleteMarker bool `wire:",omitempty"`
}

type noncurrentExpiration struct {
	NoncurrentDays          int
	NewerNoncurrentVersions int `wire:",omitempty"`
}

type abortUpload struct{ DaysAfterInitiation int }

// getLifecycle shows the rules of the template in the API's words, which differ in a few names.
func (s *s3Service) getLifecycle(c *call, b *bucket) error {
	if len(b.lifecycle) == 0 {
		return &wire.Error{Code: "NoSuchLifecycleConfiguration", Message: "The lifecycle configuration does not exist", Status: http.StatusNotFound}
	}
	rules := []lifecycleRule{}
	for _, p := range b.lifecycle {
		rules = append(rules, lifecycleOf(p))
	}
	wire.WriteS3(c.writer, "LifecycleConfiguration", struct {
		Rule []lifecycleRule `wire:"Rule,flat"`
	}{rules})
	return nil
}

func lifecycleOf(p props) lifecycleRule {
	r := lifecycleRule{ID: p.str("Id"), Status: p.str("Status"), Filter: &lifecycleFilter{p.str("Prefix")}}
	if p.has("ExpirationInDays") || p.has("ExpiredObjectDeleteMarker") {
		r.Expiration = &lifecycleExpiration{p.num("ExpirationInDays", 0), p.flag("ExpiredObjectDeleteMarker", false)}
	}
	if p.has("NoncurrentVersionExpirationInDays") {
		r.NoncurrentVersionExpiration = &noncurrentExpiration{NoncurrentDays: p.num("NoncurrentVersionExpirationInDays", 0)}
	}
	if n := p.object("NoncurrentVersionExpiration"); n != nil {
		r.NoncurrentVersionExpiration = &noncurrentExpiration{n.num("NoncurrentDays", 0), n.num("NewerNoncurrentVersions", 0)}
	}
	if a := p.object("AbortIncompleteMultipartUpload"); a != nil {
		r.AbortIncompleteMultipartUpload = &abortUpload{a.num("DaysAfterInitiation", 0)}
	}
	return r
}
