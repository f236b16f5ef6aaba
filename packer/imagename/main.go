// Command imagename prints the name of the AMI that the recipe makes, for the Makefile.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/semagent/semagent/packer"
)

func main() {
	system := flag.String("os", "ubuntu-focal", "operating system")
	arch := flag.String("arch", "x86_64", "architecture: x86_64 or arm64")
	flag.Parse()
	name, err := packer.ImageName(*system, *arch)
	if err != nil {
		fmt.Fprintln(os.Stderr, "imagename:", err)
		os.Exit(1)
	}
	fmt.Fprintln(os.Stdout, name)
}
