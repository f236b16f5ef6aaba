// Command build compiles the programs that semagent carries: the scaler function for AWS Lambda, zipped into
// internal/asset/dist/scaler.zip, and with -node the instance program for both architectures, into packer/dist. Equal
// sources give equal files, byte for byte, wherever they lie: their digests name stacks' assets and machine images.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	log.SetPrefix("build: ")
	output := flag.String("o", "internal/asset/dist/scaler.zip", "the zip to write")
	node := flag.Bool("node", false, "write the instance program instead")
	dist := flag.String("dist", "packer/dist", "where the instance program goes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if *node {
		err = buildNode(ctx, ".", *dist)
	} else {
		err = build(ctx, ".", *output)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// build makes the zip from the module that dir lies in.
func build(ctx context.Context, dir, output string) error {
	work, err := os.MkdirTemp("", "semagent-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	bootstrap := filepath.Join(work, "bootstrap")
	if err := compile(ctx, dir, scalerFunction(), bootstrap); err != nil {
		return err
	}
	return pack(bootstrap, output)
}

// buildNode makes node-x86_64.gz and node-arm64.gz, by EC2's names of the architectures.
func buildNode(ctx context.Context, dir, dist string) error {
	work, err := os.MkdirTemp("", "semagent-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	for name, arch := range map[string]string{"x86_64": "amd64", "arm64": "arm64"} {
		binary := filepath.Join(work, name)
		if err := compile(ctx, dir, nodeProgram(arch), binary); err != nil {
			return err
		}
		if err := compress(binary, filepath.Join(dist, "node-"+name+".gz")); err != nil {
			return err
		}
	}
	return nil
}
