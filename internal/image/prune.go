package image

import "slices"

// Use is what holds an image in the account.
type Use struct {
	Stacks    []string // names of the stacks whose agents boot from it
	Instances int      // that run from it
}

// Some reports whether anything does.
func (u Use) Some() bool { return len(u.Stacks) > 0 || u.Instances > 0 }

// Prunable picks what can go: images of the recipe's own making that nothing uses, that are not named current, and that
// are not among the newest keep of their operating system and architecture. images are newest first, as List gives them.
func Prunable(images []Image, uses map[string]Use, keep int, current ...string) []Image {
	type kind struct{ os, arch string }
	seen := map[kind]int{}
	var out []Image
	for _, i := range images {
		if !i.Managed {
			continue
		}
		k := kind{i.OS, i.Arch}
		seen[k]++
		if seen[k] > keep && !uses[i.ID].Some() && !slices.Contains(current, i.Name) {
			out = append(out, i)
		}
	}
	return out
}
