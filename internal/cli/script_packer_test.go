package cli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// fakePacker is packer as far as `semagent ami build` can tell: it wants the recipe's files, says something on both
// streams, and leaves an image in the script's AWS. PACKER_FAILS names the subcommand that fails.
func fakePacker() {
	args := os.Args[1:]
	if err := pack(args); err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1) //nolint:forbidigo // this is a main
	}
}

func pack(args []string) error {
	fmt.Fprintf(os.Stdout, "==> packer %s\n", strings.Join(args, " "))
	dir := args[len(args)-1]
	for _, file := range []string{"ubuntu.pkr.hcl", "plugins.pkr.hcl", "files/start.sh", "dist/node-x86_64.gz", "dist/node-arm64.gz"} {
		if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
			return err
		}
	}
	if os.Getenv("PACKER_FAILS") == args[0] {
		return fmt.Errorf("packer %s was told to fail", args[0])
	}
	if args[0] == "init" {
		return nil
	}
	variables := map[string]string{}
	for i, arg := range args {
		if name, value, ok := strings.Cut(arg, "="); ok && args[i-1] == "-var" {
			variables[name] = value
		}
	}
	fmt.Fprintln(os.Stderr, "==> semagent.amazon-ebs.ubuntu: force:", slices.Contains(args, "-force"))
	return addImage(os.Getenv("AWS_ENDPOINT_URL"), variables["image_name"], variables["os"], variables["arch"])
}

// addImage puts an image with the recipe's tags into the local AWS.
func addImage(url, name, system, arch string) error {
	body, err := json.Marshal(map[string]any{"name": name, "tags": map[string]string{
		"semagent:managed": "true", "semagent:os": system, "semagent:arch": arch,
	}})
	if err != nil {
		return err
	}
	resp, err := http.Post(url+"/_local/images", "application/json", bytes.NewReader(body)) //nolint:noctx // the local AWS answers
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// scriptPackerMade is an image of an older recipe: packer-made NAME.
func scriptPackerMade(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: packer-made NAME")
	}
	ts.Check(addImage(ts.Getenv("AWS_ENDPOINT_URL"), args[0], "ubuntu-focal", "x86_64"))
}
