package scaler

import (
	stdcmp "cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const gitlab = "gitlab.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf"

// TestKnownHosts checks the shipped keys against the fingerprints that GitHub publishes beside them.
func TestKnownHosts(t *testing.T) {
	published := map[string]string{
		"ssh-ed25519":         "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
		"ecdsa-sha2-nistp256": "p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM",
		"ssh-rsa":             "uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s",
	}
	got := map[string]string{}
	for _, line := range KnownHosts() {
		keyType, key, _ := strings.Cut(line, " ")
		if err := checkKey(keyType, key); err != nil {
			t.Error(err)
		}
		blob, err := base64.StdEncoding.DecodeString(key)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(blob)
		got[keyType] = base64.RawStdEncoding.EncodeToString(sum[:])
	}
	if diff := cmp.Diff(published, got); diff != "" {
		t.Error(diff)
	}
}

func TestCheckKeys(t *testing.T) {
	ed, ecdsa, rsa := KnownHosts()[0], KnownHosts()[1], KnownHosts()[2]
	tests := map[string]struct {
		published []string
		want      []string
		err       string
	}{
		"as published":        {[]string{ed, ecdsa, rsa}, []string{ed, ecdsa, rsa}, ""},
		"with a comment":      {[]string{ed + "  git@github.com"}, []string{ed}, ""},
		"unknown type":        {[]string{"ssh-mldsa AAAA", ed}, []string{ed}, ""},
		"only unknown types":  {[]string{"ssh-mldsa AAAA"}, nil, "no usable host key"},
		"none":                {nil, nil, "no usable host key"},
		"empty line":          {[]string{ed, ""}, nil, "not a type and a key"},
		"not base64":          {[]string{ed, "ssh-rsa AAAA*"}, nil, "illegal base64"},
		"other type inside":   {[]string{strings.Replace(ed, "ssh-ed25519", "ssh-rsa", 1)}, nil, "of another type inside"},
		"cut short":           {[]string{ed[:len(ed)-8]}, nil, "cut short"},
		"only the type":       {[]string{"ssh-rsa AAAAB3NzaC1yc2E="}, nil, "cut short"},
		"length out of range": {[]string{"ssh-rsa /////w=="}, nil, "cut short"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := checkKeys(tt.published)
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) || tt.err == "" && err != nil {
				t.Errorf("got error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMergeKnownHosts(t *testing.T) {
	ed, ecdsa := KnownHosts()[0], KnownHosts()[1]
	list := func(lines ...string) string {
		text, err := json.Marshal(lines)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	tests := map[string]struct {
		current string
		want    string // empty: unchanged
	}{
		"same":                   {list(ed, ecdsa), ""},
		"same in another order":  {list(ecdsa, gitlab, ed), ""},
		"one missing":            {list(ed), list(ed, ecdsa)},
		"another one":            {list(ed, ecdsa, KnownHosts()[2]), list(ed, ecdsa)},
		"twice":                  {list(ed, ed, ecdsa), list(ed, ecdsa)},
		"other hosts stay":       {list(gitlab, ed, "bitbucket.org whatever it is"), list(ed, ecdsa, gitlab, "bitbucket.org whatever it is")},
		"with the host in front": {list("github.com "+ed, "github.com "+ecdsa), list(ed, ecdsa)},
		"empty list":             {"[]", list(ed, ecdsa)},
		"nothing":                {"", list(ed, ecdsa)},
		"null":                   {"null", list(ed, ecdsa)},
		"numbers":                {"[1]", list(ed, ecdsa)},
		"known_hosts file":       {"github.com " + ed + "\n# mine\n" + gitlab + "\n", list(ed, ecdsa, gitlab)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, changed, err := mergeKnownHosts(tt.current, []string{ed, ecdsa})
			if err != nil || changed != (tt.want != "") {
				t.Errorf("changed is %t, error %v", changed, err)
			}
			if want := stdcmp.Or(tt.want, tt.current); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// FuzzMergeKnownHosts checks that whatever the parameter holds, GitHub's keys come out whole and a second run changes nothing.
func FuzzMergeKnownHosts(f *testing.F) {
	for _, seed := range []string{"", "[]", `["gitlab.com a b",""]`, gitlab, `["github.com x y"]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, current string) {
		value, _, err := mergeKnownHosts(current, KnownHosts())
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		if err := json.Unmarshal([]byte(value), &lines); err != nil {
			t.Fatal(err)
		}
		ours := map[string]bool{}
		for _, line := range lines {
			if ofGithub(line) {
				ours[line] = true
			}
		}
		for _, key := range KnownHosts() {
			if !ours[key] {
				t.Errorf("%q lost %s", current, key)
			}
		}
		if len(ours) != len(KnownHosts()) {
			t.Errorf("%q left %d keys of github.com", current, len(ours))
		}
		if again, changed, err := mergeKnownHosts(value, KnownHosts()); err != nil || changed {
			t.Errorf("%q changes again from %s to %s (%v)", current, value, again, err)
		}
	})
}
