// Package packer owns the recipe of the machine image: its files and the name that follows from them. It refuses
// to run anything.
package packer

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
)

// Recipe holds the templates, scripts and files that packer needs.
//
//go:embed *.pkr.hcl scripts files
var Recipe embed.FS

// Digest is the SHA-256 of the recipe, in hexadecimal: of every file's path and content, in the order of paths.
// The pinned versions of agent and toolbox stand in the recipe, so they are part of it.
func Digest() (string, error) {
	sum := sha256.New()
	err := fs.WalkDir(Recipe, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		body, err := Recipe.ReadFile(path)
		if err != nil {
			return err
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(body))
		sum.Write(body)
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("read embedded recipe: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// ImageName is the name of the AMI that this recipe makes for an operating system (as ubuntu-focal) and an
// architecture (x86_64 or arm64): a changed recipe is another image, an unchanged one is never built twice.
func ImageName(os, arch string) (string, error) {
	digest, err := Digest()
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("semagent-%s-%s-%s", os, arch, digest[:12]), nil
}
