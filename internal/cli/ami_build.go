package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/image"
	"github.com/semagent/semagent/packer"
)

type buildOptions struct {
	os, arch     string
	instanceType string
	sourceAMI    string
	hold         string
	extraScript  string
	force        bool
}

func newAMIBuild(a *app) *cobra.Command {
	var options buildOptions
	cmd := &cobra.Command{
		Use:   "build",
		Short: "Build the machine image with packer",
		Long: `Build the machine image of the agents from the recipe that this binary carries, with packer (1.7 or newer), on a
small instance in the default VPC of the region. The image's name has the recipe's digest in it: when an image of this name
is there, nothing is built, and the fleet finds the image by the same name.

With --source-ami, --hold or --extra-script the image is another one, and so is its name; a fleet takes it when
SEMAPHORE_AGENT_AMI says so. The progress goes to stderr, the AMI's ID to stdout.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent ami build\n  semagent ami build --os ubuntu-noble --arch arm64\n  semagent ami build --extra-script ./our-tools.sh",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := options.check(); err != nil {
				return usageError(cmd, err)
			}
			return runAMIBuild(cmd.Context(), a, options)
		},
	}
	f := cmd.Flags()
	f.StringVar(&options.os, "os", defaultOS, "operating system: "+strings.Join(packer.Releases(), ", "))
	f.StringVar(&options.arch, "arch", defaultArch, "architecture: "+strings.Join(packer.Architectures(), ", "))
	f.StringVar(&options.instanceType, "instance-type", "", "`TYPE` of the instance that builds; empty: a small one")
	f.StringVar(&options.sourceAMI, "source-ami", "", "`AMI` to start from; empty: Canonical's newest")
	f.StringVar(&options.hold, "hold", "", "packages that are not upgraded: `PATTERNS` with spaces in between, such as linux-aws*")
	f.StringVar(&options.extraScript, "extra-script", "", "`FILE` with a script of your own, run as root at the end")
	f.BoolVar(&options.force, "force", false, "build although an image of this name is there")
	return cmd
}

func (o buildOptions) check() error {
	if !slices.Contains(packer.Releases(), o.os) {
		return fmt.Errorf("--os is %q: it can be %s", o.os, strings.Join(packer.Releases(), ", "))
	}
	if !slices.Contains(packer.Architectures(), o.arch) {
		return fmt.Errorf("--arch is %q: it can be %s", o.arch, strings.Join(packer.Architectures(), ", "))
	}
	return nil
}

// imageName is the recipe's, and where the options change what is in the image, their digest after it.
func (o buildOptions) imageName() (string, error) {
	name, err := packer.ImageName(o.os, o.arch)
	if err != nil || o.standard() {
		return name, err
	}
	sum := sha256.New()
	fmt.Fprintf(sum, "source %q hold %q\n", o.sourceAMI, o.hold)
	if o.extraScript != "" {
		body, err := os.ReadFile(o.extraScript)
		if err != nil {
			return "", &failure{code: exitUsage, err: fmt.Errorf("read --extra-script: %w", err)}
		}
		fmt.Fprintf(sum, "script %d\n", len(body))
		sum.Write(body)
	}
	return name + "-" + hex.EncodeToString(sum.Sum(nil))[:8], nil
}

// standard is the image that fleets look for.
func (o buildOptions) standard() bool {
	return o.sourceAMI == "" && o.hold == "" && o.extraScript == ""
}

// buildReport is the answer of `semagent ami build`.
type buildReport struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"`
	Built  bool   `json:"built"` // false when it was there already
}

func runAMIBuild(ctx context.Context, a *app, o buildOptions) error {
	name, err := o.imageName()
	if err != nil {
		return err
	}
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	if o.os == defaultOS {
		a.note("Ubuntu 20.04 is out of standard support. To build 24.04 instead: %s", a.again("ami", "build", "--os", "ubuntu-noble"))
	}
	api := ec2.NewFromConfig(s.Config)
	images, err := image.List(ctx, api, name)
	if err != nil {
		return err
	}
	if there, ok := image.Available(images); ok && !o.force {
		a.note("Nothing to do: the image is there. To build it again: %s", a.again("ami", "build", "--force"))
		return a.built(buildReport{ID: there.ID, Name: name, Region: s.Region}, o)
	}
	if err := a.pack(ctx, s, o, name); err != nil {
		return err
	}
	if images, err = image.List(ctx, api, name); err != nil {
		return err
	}
	made, ok := image.Available(images)
	if !ok {
		return fmt.Errorf("packer is done, and there is no image named %q in %s", name, s.Region)
	}
	return a.built(buildReport{ID: made.ID, Name: name, Region: s.Region, Built: true}, o)
}

func (a *app) built(report buildReport, o buildOptions) error {
	if !o.standard() {
		a.note("Fleets take this image when they are told to: --set SEMAPHORE_AGENT_AMI=%s", report.ID)
	}
	if a.json() {
		return a.printJSON(report)
	}
	a.printf("%s  %s", report.ID, report.Name)
	return nil
}

// pack lets packer carry out the recipe. An image of the same name stands in its way only under --force, which packer
// then replaces.
func (a *app) pack(ctx context.Context, s *session, o buildOptions, name string) error {
	program, err := a.findPacker()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "semagent-packer-")
	if err != nil {
		return fmt.Errorf("write recipe: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := packer.Write(dir); err != nil {
		return err
	}
	if err := a.runPacker(ctx, program, "init", dir); err != nil {
		return err
	}
	args := []string{"build", "-color=false"}
	if o.force {
		args = append(args, "-force")
	}
	variables, err := o.variables(name, s.Region)
	if err != nil {
		return err
	}
	return a.runPacker(ctx, program, append(append(args, variables...), dir)...)
}

func (o buildOptions) variables(name, region string) ([]string, error) {
	script := o.extraScript
	if script != "" {
		absolute, err := filepath.Abs(script)
		if err != nil {
			return nil, fmt.Errorf("find --extra-script: %w", err)
		}
		script = absolute
	}
	var args []string
	for _, v := range []struct{ name, value string }{
		{"image_name", name},
		{"os", o.os},
		{"arch", o.arch},
		{"region", region},
		{"instance_type", o.instanceType},
		{"source_ami", o.sourceAMI},
		{"hold", o.hold},
		{"extra_script", script},
	} {
		args = append(args, "-var", v.name+"="+v.value)
	}
	return args, nil
}
