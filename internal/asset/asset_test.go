package asset

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
)

func TestScaler(t *testing.T) {
	b, err := scaler(fstest.MapFS{"dist/scaler.zip": {Data: []byte("zip")}})
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte("zip"))
	if want := hex.EncodeToString(sum[:]); b.Digest != want || b.Key != "scaler/"+want+".zip" || b.Size != 3 {
		t.Errorf("got %s, %s, %d bytes", b.Digest, b.Key, b.Size)
	}
}

func TestScalerNotEmbedded(t *testing.T) {
	if _, err := scaler(fstest.MapFS{"dist/.gitkeep": {}}); !errors.Is(err, ErrNotEmbedded) {
		t.Errorf("got %v", err)
	}
}

// TestScalerIsWhatWasBuilt holds in a tree with and without make build.
func TestScalerIsWhatWasBuilt(t *testing.T) {
	built, readErr := os.ReadFile("dist/scaler.zip")
	b, err := Scaler()
	if errors.Is(readErr, fs.ErrNotExist) {
		if !errors.Is(err, ErrNotEmbedded) {
			t.Errorf("nothing was built, and Scaler gives %v", err)
		}
		return
	}
	if sum := sha256.Sum256(built); err != nil || b.Digest != hex.EncodeToString(sum[:]) || b.Size != len(built) {
		t.Errorf("got %v and digest %s of %d bytes", err, b.Digest, b.Size)
	}
}

func TestTemplate(t *testing.T) {
	a, b := Template([]byte(`{"a":1}`)), Template([]byte(`{"a":2}`))
	if a.Key == b.Key || a.Key != "templates/"+a.Digest+".json" || a.Size != 7 {
		t.Errorf("keys are %s and %s", a.Key, b.Key)
	}
}

func TestBucketName(t *testing.T) {
	if got := BucketName("123456789012", "eu-west-1"); got != "semagent-bootstrap-123456789012-eu-west-1" {
		t.Error(got)
	}
}
