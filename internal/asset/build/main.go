// Command build compiles the scaler function for AWS Lambda and zips it into internal/asset/dist/scaler.zip, from
// where semagent embeds it. Equal sources give an equal zip, byte for byte, wherever they lie: its digest is part
// of every stack.
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := build(ctx, ".", *output); err != nil {
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
	if err := compile(ctx, dir, bootstrap); err != nil {
		return err
	}
	return pack(bootstrap, output)
}
