// Package packer owns the recipe of the machine image: its files, the instance program among them, and the name that
// follows from them. It refuses to run anything.
package packer

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// recipe is what packer needs. dist holds the instance program once make build has put it there.
//
//go:embed *.pkr.hcl scripts files all:dist
var recipe embed.FS

// ErrNotEmbedded says that this binary was built without the instance program, by a plain go build instead of make build. An
// image cannot be made by it, and not even be named: the program is part of what the name is made of.
var ErrNotEmbedded = errors.New("this binary was built without the instance program")

// Releases and Architectures are what the recipe makes images of.
func Releases() []string { return []string{"ubuntu-focal", "ubuntu-jammy", "ubuntu-noble"} }

// Architectures are those of EC2's names that the recipe knows.
func Architectures() []string { return []string{"x86_64", "arm64"} }

// files are the paths of the recipe, in order, or ErrNotEmbedded.
func files(recipe fs.FS) ([]string, error) {
	var found []string
	err := fs.WalkDir(recipe, ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != ".gitkeep" {
			found = append(found, path)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read embedded recipe: %w", err)
	}
	for _, arch := range Architectures() {
		if !slices.Contains(found, "dist/node-"+arch+".gz") {
			return nil, ErrNotEmbedded
		}
	}
	return found, nil
}

// Digest is the SHA-256 of the recipe, in hexadecimal: of every file's path and content, in the order of paths.
// The pinned versions of agent and toolbox stand in the recipe and the instance program is part of it. Without that
// there is no digest, rather than another one: ErrNotEmbedded.
func Digest() (string, error) { return digest(recipe) }

func digest(recipe fs.FS) (string, error) {
	paths, err := files(recipe)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, path := range paths {
		body, err := fs.ReadFile(recipe, path)
		if err != nil {
			return "", fmt.Errorf("read embedded recipe: %w", err)
		}
		fmt.Fprintf(sum, "%s %d\n", path, len(body))
		sum.Write(body)
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

// Write puts the recipe into an existing directory, for packer to read.
func Write(dir string) error {
	paths, err := files(recipe)
	if err != nil {
		return err
	}
	for _, path := range paths {
		body, err := recipe.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read embedded recipe: %w", err)
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fmt.Errorf("write recipe: %w", err)
		}
		if err := os.WriteFile(target, body, 0o644); err != nil {
			return fmt.Errorf("write recipe: %w", err)
		}
	}
	return nil
}
