package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/asset"
)

// build is what `semagent version` says of the binary.
type build struct {
	Version string `json:"version"`
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
	Scaler  string `json:"scaler"` // sha256 of the embedded function; empty when the binary was built without it
	Image   string `json:"image"`  // name of the AMI that belongs to this build; empty when it was built without the instance program
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Say which build this is",
		Long:    "Say which build this is, which scaler it carries, and which AMI belongs to it." + exitCodes(exitDone, exitUsage),
		Example: "  semagent version\n  semagent version --output json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runVersion(a) },
	}
}

func runVersion(a *app) error {
	b := build{Version: a.version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	scaler, image := "none: built without it", "none: built without the instance program"
	if name, err := imageName(); err == nil {
		b.Image, image = name, name
	}
	if bundle, err := asset.Scaler(); err == nil {
		b.Scaler, scaler = bundle.Digest, bundle.Digest
	}
	if a.json() {
		return a.printJSON(b)
	}
	_, err := fmt.Fprintf(a.streams.Out, "semagent %s\n%s %s/%s\nscaler %s\nimage %s\n", b.Version, b.Go, b.OS, b.Arch, scaler, image)
	return err
}
