package asset

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"

	"github.com/semagent/semagent/internal/awserr"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
	bucket  = "semagent-bootstrap-123456789012-eu-west-1"
)

// fakeS3 is one bucket, as far as a Store can tell.
type fakeS3 struct {
	t       *testing.T
	owner   string
	missing bool
	objects map[string]string // by key
	noHead  bool              // HEAD is denied, as without s3:ListBucket
	race    string            // code of a PUT that lost against another
	puts    int

	conflicts int // uploads until the other one is done; 0 for never
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	key, ours := strings.CutPrefix(r.URL.Path, "/"+bucket+"/")
	if !ours {
		f.t.Errorf("%s %s is another bucket", r.Method, r.URL.Path)
	}
	owner := r.Header.Get("X-Amz-Expected-Bucket-Owner")
	if owner != account {
		f.t.Errorf("%s says owner %q", r.Method, owner)
	}
	switch {
	case f.missing:
		refuse(w, r, http.StatusNotFound, "NoSuchBucket")
	case owner != f.owner, r.Method == http.MethodHead && f.noHead:
		refuse(w, r, http.StatusForbidden, "AccessDenied")
	case r.Method == http.MethodHead:
		if _, ok := f.objects[key]; !ok {
			refuse(w, r, http.StatusNotFound, "NoSuchKey")
		}
	case r.Method == http.MethodPut:
		f.put(w, r, key)
	default:
		f.t.Errorf("unexpected %s", r.Method)
	}
}

func (f *fakeS3) put(w http.ResponseWriter, r *http.Request, key string) {
	f.puts++
	body, err := io.ReadAll(r.Body)
	if err != nil {
		f.t.Error(err)
	}
	sum := sha256.Sum256(body)
	if got := r.Header.Get("X-Amz-Checksum-Sha256"); got != base64.StdEncoding.EncodeToString(sum[:]) {
		f.t.Errorf("the checksum is %q", got)
	}
	if got := r.Header.Get("If-None-Match"); got != "*" {
		f.t.Errorf("If-None-Match is %q", got)
	}
	if _, exists := f.objects[key]; exists {
		refuse(w, r, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	switch f.race {
	case "":
		f.objects[key] = r.Header.Get("Content-Type") + " " + string(body)
	case "ConditionalRequestConflict":
		if f.conflicts--; f.conflicts == 0 {
			f.objects[key] = "by the other upload"
		}
		refuse(w, r, http.StatusConflict, f.race)
	default:
		refuse(w, r, http.StatusPreconditionFailed, f.race)
	}
}

// refuse has no body for a HEAD, as S3 has none.
func refuse(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, "<Error><Code>%s</Code><Message>about %s</Message></Error>", code, code)
	}
}

func newStore(t *testing.T, f *fakeS3) *Store {
	t.Helper()
	f.t = t
	if f.owner == "" {
		f.owner = account
	}
	if f.objects == nil {
		f.objects = map[string]string{}
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return NewStore(s3.New(s3.Options{
		Region:           region,
		BaseEndpoint:     aws.String(server.URL),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "example", ""),
		UsePathStyle:     true,
		RetryMaxAttempts: 1,
	}), account, region)
}

func TestPut(t *testing.T) {
	b := newBundle("scaler/", ".zip", "application/zip", []byte("zip"))
	tests := map[string]struct {
		s3       fakeS3
		uploaded bool
		puts     int
	}{
		"not there":                 {fakeS3{}, true, 1},
		"there":                     {fakeS3{objects: map[string]string{b.Key: ""}}, false, 0},
		"not there, head denied":    {fakeS3{noHead: true}, true, 1},
		"there, head denied":        {fakeS3{noHead: true, objects: map[string]string{b.Key: ""}}, false, 1},
		"another upload was faster": {fakeS3{race: "PreconditionFailed"}, false, 1},
		"another upload runs":       {fakeS3{race: "ConditionalRequestConflict", conflicts: 2}, false, 3},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := newStore(t, &tt.s3).Put(t.Context(), b)
			if err != nil {
				t.Fatal(err)
			}
			want := Location{
				Bucket: bucket, Key: b.Key, Uploaded: tt.uploaded,
				URL: "https://" + bucket + ".s3.eu-west-1.amazonaws.com/" + b.Key,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
			if tt.s3.puts != tt.puts {
				t.Errorf("%d uploads, want %d", tt.s3.puts, tt.puts)
			}
			if tt.uploaded && tt.s3.objects[b.Key] != "application/zip zip" {
				t.Errorf("stored %q", tt.s3.objects[b.Key])
			}
		})
	}
}

func TestPutTwice(t *testing.T) {
	fake := &fakeS3{}
	store := newStore(t, fake)
	for range 2 {
		if _, err := store.PutTemplate(t.Context(), []byte("{}")); err != nil {
			t.Fatal(err)
		}
	}
	if key := Template([]byte("{}")).Key; fake.puts != 1 || fake.objects[key] != "application/json {}" {
		t.Errorf("%d uploads, stored %v", fake.puts, fake.objects)
	}
}

func TestPutErrors(t *testing.T) {
	b := newBundle("scaler/", ".zip", "application/zip", []byte("zip"))
	tests := map[string]struct {
		s3   fakeS3
		want string
		is   func(error) bool
	}{
		"no bucket": {fakeS3{missing: true}, `bucket "` + bucket + `" does not exist in eu-west-1`, func(err error) bool {
			e, ok := errors.AsType[*NoBucketError](err)
			return ok && e.Bucket == bucket && e.Region == region
		}},
		"another owner": {fakeS3{owner: "999999999999"}, `is not owned by account 123456789012, or these credentials may not write to it`, func(err error) bool {
			e, ok := errors.AsType[*DeniedError](err)
			return ok && e.Account == account && awserr.IsAccessDenied(err)
		}},
		"endless conflict": {fakeS3{race: "ConditionalRequestConflict"}, "about ConditionalRequestConflict", func(err error) bool {
			return awserr.Code(err) == "ConditionalRequestConflict"
		}},
		"something else": {fakeS3{race: "EntityTooLarge"}, "about EntityTooLarge", func(err error) bool {
			return awserr.Code(err) == "EntityTooLarge"
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := newStore(t, &tt.s3).Put(t.Context(), b)
			if err == nil || !strings.HasPrefix(err.Error(), "put "+b.Key+": ") || !strings.Contains(err.Error(), tt.want) || !tt.is(err) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestPutWithoutAnAnswer(t *testing.T) {
	store := NewStore(s3.New(s3.Options{
		Region:           region,
		BaseEndpoint:     aws.String("http://127.0.0.1:1"),
		Credentials:      credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "example", ""),
		RetryMaxAttempts: 1,
	}), account, region)
	if _, err := store.Put(t.Context(), Template([]byte("{}"))); err == nil {
		t.Error("no error")
	}
}

func TestURLInChina(t *testing.T) {
	const want = "https://semagent-bootstrap-123456789012-cn-north-1.s3.cn-north-1.amazonaws.com.cn/k"
	if got := NewStore(nil, account, "cn-north-1").url("k"); got != want {
		t.Error(got)
	}
}
