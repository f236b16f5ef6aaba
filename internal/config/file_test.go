package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestBadFiles(t *testing.T) {
	paths, err := filepath.Glob("testdata/bad/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	var report strings.Builder
	for _, path := range paths {
		_, err := Load(Input{Path: filepath.ToSlash(path), Need: []string{}})
		if err == nil {
			t.Errorf("%s was accepted", path)
			continue
		}
		if strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: the error holds the secret: %v", path, err)
		}
		report.WriteString("# " + filepath.Base(path) + "\n" + err.Error() + "\n\n")
	}
	golden(t, "bad.golden", report.String())
}

func TestGoodFiles(t *testing.T) {
	want := &Config{
		Organization: "acme", Endpoint: "acme.semaphoreci.com", StackName: "ci", TokenParameter: "/semaphore/token",
		InstanceType: "t2.micro", MaxSize: 4, DesiredCapacity: 1, DisconnectAfterJob: true,
		DisconnectAfterIdleTimeout: 300, VPCID: "vpc-12345678", Subnets: []string{"subnet-11111111", "subnet-22222222"},
		OS: "ubuntu-focal", Arch: "x86_64", OnDemandPercentage: 100, VolumeType: "gp2", VolumeSize: 64,
		MacFamilies: []string{"mac2"}, AllocateHost: true, ReleaseHost: true,
		OverprovisionStrategy: "none",
	}
	paths, err := filepath.Glob("testdata/good/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) {
			t.Parallel()
			got := mustLoad(t, Input{Path: path})
			if diff := cmp.Diff(want, got, cmpopts.IgnoreUnexported(Config{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got.IsSet("SEMAPHORE_AGENT_KEY_NAME") {
				t.Error("an empty value counts as set")
			}
			if warnings := got.Warnings(); len(warnings) > 0 {
				t.Errorf("warnings: %q", warnings)
			}
		})
	}
}

func TestUnreadableFiles(t *testing.T) {
	folder := t.TempDir()
	huge := filepath.Join(folder, "huge.yaml")
	if err := os.WriteFile(huge, make([]byte, maxFileSize+1), 0o600); err != nil {
		t.Fatal(err)
	}
	missing := filepath.Join(folder, "missing.yaml")
	denied := func(path string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	broken := func(string) ([]byte, error) { return nil, errors.New("disk on fire") }
	for name, test := range map[string]struct {
		in   Input
		want string
	}{
		"missing": {
			Input{Path: missing},
			`--config "` + missing + `": no such file; give the path of a YAML or JSON file`,
		},
		"missing, named in the environment": {
			Input{Environ: []string{FileVariable + "=" + missing}},
			FileVariable + ` "` + missing + `" (environment): no such file; give the path of a YAML or JSON file`,
		},
		"directory": {
			Input{Path: folder},
			`--config "` + folder + `": is a directory; give the path of a YAML or JSON file in it`,
		},
		"huge":    {Input{Path: huge}, huge + ":1: larger than 256 KiB; is this the settings file?"},
		"denied":  {Input{Path: "x.yaml", ReadFile: denied}, `--config "x.yaml": cannot be read: permission denied`},
		"failing": {Input{Path: "x.yaml", ReadFile: broken}, `--config "x.yaml": cannot be read: disk on fire`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := Load(test.in)
			if err == nil || err.Error() != test.want || cfg != nil {
				t.Errorf("Load = %v, %v\nwant %s", cfg, err, test.want)
			}
		})
	}
}

// A file that can't be read must not hide what is wrong elsewhere, nor make settings look missing that it may hold.
func TestUnreadableFileBesideOtherProblems(t *testing.T) {
	_, err := Load(Input{
		Path: "x.json", ReadFile: file("{"),
		Environ: []string{"SEMAPHORE_AGENT_ASG_MIN_SIZE=many", "SEMAPHORE_AGENT_VPC_ID=vpc-12345678"},
	})
	want := "x.json:1: malformed JSON: unexpected end of JSON input; check the quotes, commas and braces there\n" +
		`SEMAPHORE_AGENT_ASG_MIN_SIZE "many" (environment): not a whole number; give a whole number from 0 to 2147483647`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestEmptyFiles(t *testing.T) {
	for name, content := range map[string]string{
		"no bytes": "", "blank": " \n\t\n", "comment": "# nothing\n", "null": "null\n", "empty mapping": "{}",
		"document marker": "---\n", "byte order mark": "\ufeff",
	} {
		for _, path := range []string{"x.yaml", "x.json"} {
			if path == "x.json" && (name == "comment" || name == "null" || name == "document marker") {
				continue
			}
			t.Run(name+" "+path, func(t *testing.T) {
				t.Parallel()
				mustLoad(t, Input{Path: path, ReadFile: file(content), Environ: complete()})
			})
		}
	}
}

// The line is where the eye should go, also in a file too large to be read again line by line.
func TestLineInLargeMalformedFile(t *testing.T) {
	content := "a: 1\n" + strings.Repeat("# padding padding padding\n", maxReread/10) + "b: c: d\n"
	_, bad := parseFile("x.yaml", []byte(content))
	if bad == nil || bad.line != strings.Count(content, "\n") {
		t.Errorf("parseFile = %+v, want a problem on line %d", bad, strings.Count(content, "\n"))
	}
}

func FuzzFile(f *testing.F) {
	paths, err := filepath.Glob("testdata/*/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(path, data)
	}
	f.Fuzz(func(t *testing.T, path string, data []byte) {
		if path == "" {
			return
		}
		_, err := Load(Input{Path: path, ReadFile: func(string) ([]byte, error) { return data, nil }, Need: []string{}})
		var problems Problems
		if err != nil && !errors.As(err, &problems) {
			t.Fatalf("not Problems: %v", err)
		}
		lines := 1 + strings.Count(string(data), "\n") + strings.Count(string(data), "\r") +
			strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") + strings.Count(string(data), "\u2029")
		for _, problem := range problems {
			if problem.Source.Kind == FromFile && (problem.Source.Line < 1 || problem.Source.Line > lines+1) {
				t.Errorf("line %d of %d: %v", problem.Source.Line, lines, problem)
			}
			if problem.Source.Kind != FromFile && problem.Source != (Source{}) {
				t.Errorf("not from the file: %v", problem)
			}
			if strings.ContainsAny(problem.Setting+problem.Message, "\n") && strings.Contains(problem.String(), "\n") {
				t.Errorf("more than one line: %q", problem.String())
			}
		}
	})
}
