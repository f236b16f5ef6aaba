package cli_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"
)

// scriptGolden compares what files hold with a recording, once what differs from run to run is made the same. With
// UPDATE_SCRIPTS set, the recording is made anew.
//
//	golden RECORDING FILE...
func scriptGolden(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: golden RECORDING FILE...")
	}
	var b strings.Builder
	for _, file := range args[1:] {
		b.WriteString("--- " + file + "\n" + ts.ReadFile(file))
	}
	got, path := steady(b.String()), filepath.Join(recordings, args[0])
	if os.Getenv("UPDATE_SCRIPTS") != "" {
		ts.Check(os.MkdirAll(recordings, 0o750))
		ts.Check(os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	ts.Check(err)
	if d := cmp.Diff(string(want), got); d != "" {
		ts.Fatalf("%s (-want +got):\n%s", path, d)
	}
}

// steady replaces times, durations and what AWS makes up by their kinds. Digests of the same length keep tables in line.
func steady(text string) string {
	for _, r := range [][2]string{
		{`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`, "TIME"},
		{`\b\d\d:\d\d:\d\d\b`, "HH:MM:SS"},
		{`\bsemagent-\d{8}-\d{6}-[0-9a-f]{8}\b`, "semagent-NAME"},
		{`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`, "UUID"},
		{`\b[0-9a-f]{64}\b`, "DIGEST"},
		{`\b(sg|lt|i|vpc|subnet)-[0-9a-f]{8,17}\b`, "$1-ID"},
		{`-[A-Za-z0-9]{12}([^A-Za-z0-9-])`, "-SUFFIX$1"},
		{`(127\.0\.0\.1:)\d+`, "${1}PORT"},
		{`"(durationSeconds|seconds|elapsed|duration)":\s*[\d.]+`, `"$1": 0`},
		{` +(\d+m)?\d+(\.\d+)?m?s\b`, " DURATION"},
		{`(?m) +$`, ""},
	} {
		text = regexp.MustCompile(r[0]).ReplaceAllString(text, r[1])
	}
	return text
}

const recordings = "testdata/recorded"
