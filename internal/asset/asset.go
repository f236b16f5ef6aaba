// Package asset owns the bytes that a stack refers to by address: the scaler's zip, embedded in this binary, and
// templates too large to send inline. It names them by their digest and puts them into the bootstrap bucket. It
// refuses to know what is in them and which stack uses them.
package asset

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// ErrNotEmbedded says that this binary was built without the scaler, by a plain go build instead of make build.
var ErrNotEmbedded = errors.New("this binary was built without the scaler function")

// Bundle is an asset with an address that its content alone decides.
type Bundle struct {
	Digest string // SHA-256 of the content, in hexadecimal
	Key    string // S3 object key, such as scaler/<digest>.zip
	Size   int    // bytes

	contentType string
	body        []byte
}

// Scaler is the zip of the scaler function that is embedded in this binary, or ErrNotEmbedded.
func Scaler() (Bundle, error) { return scaler(dist) }

func scaler(files fs.FS) (Bundle, error) {
	body, err := fs.ReadFile(files, "dist/scaler.zip")
	if errors.Is(err, fs.ErrNotExist) {
		return Bundle{}, ErrNotEmbedded
	}
	if err != nil {
		return Bundle{}, err
	}
	return newBundle("scaler/", ".zip", "application/zip", body), nil
}

// Template is a CloudFormation template, JSON, as a bundle. CloudFormation takes up to 51,200 bytes inline
// (TemplateBody) and up to a megabyte from S3 (TemplateURL).
func Template(body []byte) Bundle {
	return newBundle("templates/", ".json", "application/json", body)
}

func newBundle(prefix, suffix, contentType string, body []byte) Bundle {
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	return Bundle{
		Digest:      digest,
		Key:         prefix + digest + suffix,
		Size:        len(body),
		contentType: contentType,
		body:        body,
	}
}
