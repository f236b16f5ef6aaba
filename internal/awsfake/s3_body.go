package awsfake

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// checksum is one of S3's additional checksums: its header and its base64 value.
type checksum struct{ header, value string }

const checksumPrefix = "X-Amz-Checksum-"

func newHash(algorithm string) hash.Hash {
	const nvme = 0x9a6c9329ac4bc9b5 // CRC-64/NVME, reflected
	switch strings.ToLower(algorithm) {
	case "crc32":
		return crc32.NewIEEE()
	case "crc32c":
		return crc32.New(crc32.MakeTable(crc32.Castagnoli))
	case "crc64nvme":
		return crc64.New(crc64.MakeTable(nvme))
	case "sha1":
		return sha1.New()
	case "sha256":
		return sha256.New()
	}
	return nil
}

// payload is a request's body without the aws-chunked encoding, checked against every digest that came with it.
func payload(r *http.Request, raw []byte) ([]byte, checksum, error) {
	body, headers := raw, r.Header
	if strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		var err error
		if body, headers, err = unchunk(raw, r.Header); err != nil {
			return nil, checksum{}, wire.Errorf("IncompleteBody", "The request body is not valid aws-chunked data: %v", err)
		}
		if want := r.Header.Get("X-Amz-Decoded-Content-Length"); want != strconv.Itoa(len(body)) {
			return nil, checksum{}, wire.Errorf("IncompleteBody", "The request body has %d bytes where %s were announced.", len(body), want)
		}
	}
	if err := checkDigests(r, raw, body); err != nil {
		return nil, checksum{}, err
	}
	sum, err := additionalChecksum(headers, body)
	return body, sum, err
}

func checkDigests(r *http.Request, raw, body []byte) error {
	if sent := r.Header.Get("X-Amz-Content-Sha256"); len(sent) == hex.EncodedLen(sha256.Size) {
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != sent {
			return wire.Errorf("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
		}
	}
	if sent := r.Header.Get("Content-Md5"); sent != "" {
		if sum := md5.Sum(body); base64.StdEncoding.EncodeToString(sum[:]) != sent {
			return wire.Errorf("BadDigest", "The Content-MD5 you specified did not match what we received.")
		}
	}
	return nil
}

func additionalChecksum(headers http.Header, body []byte) (checksum, error) {
	for name := range headers {
		algorithm, ok := strings.CutPrefix(name, checksumPrefix)
		h := newHash(algorithm)
		if !ok || h == nil {
			continue
		}
		h.Write(body)
		sum := base64.StdEncoding.EncodeToString(h.Sum(nil))
		if sum != headers.Get(name) {
			return checksum{}, wire.Errorf("BadDigest", "The %s you specified did not match the calculated checksum.", strings.ToUpper(algorithm))
		}
		return checksum{name, sum}, nil
	}
	return checksum{}, nil
}

// unchunk decodes aws-chunked data and returns the headers with the trailers added.
func unchunk(raw []byte, header http.Header) ([]byte, http.Header, error) {
	in, out := bufio.NewReader(bytes.NewReader(raw)), bytes.Buffer{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(line), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil {
			return nil, nil, err
		}
		if n == 0 {
			break
		}
		if _, err := io.CopyN(&out, in, n); err != nil {
			return nil, nil, err
		}
		if end, err := in.ReadString('\n'); err != nil || strings.TrimSpace(end) != "" {
			return nil, nil, fmt.Errorf("a chunk of %d bytes is not ended by a line break", n)
		}
	}
	headers, err := trailers(in, header.Clone())
	return out.Bytes(), headers, err
}

func trailers(in *bufio.Reader, header http.Header) (http.Header, error) {
	for {
		line, err := in.ReadString('\n')
		if line = strings.TrimSpace(line); line == "" {
			return header, nil
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return nil, fmt.Errorf("the trailer %q has no value", line)
		}
		header.Set(name, strings.TrimSpace(value))
		if errors.Is(err, io.EOF) {
			return header, nil
		}
	}
}
