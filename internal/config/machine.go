package config

import (
	"regexp"
	"strings"
)

const (
	osWindows = "windows"
	osMac     = "macos"
	archIntel = "x86_64"
	archARM   = "arm64"
)

// IsWindows says that the instances run Windows.
func (c *Config) IsWindows() bool { return c.OS == osWindows }

// IsMac says that the instances run macOS, on dedicated hosts.
func (c *Config) IsMac() bool { return c.OS == osMac }

// InstanceTypes lists every instance type that the settings name, the launch template's first.
func (c *Config) InstanceTypes() []string {
	types := []string{c.InstanceType}
	for _, o := range c.AllOverrides() {
		if name := o.InstanceType(); name != "" && name != c.InstanceType {
			types = append(types, name)
		}
	}
	return types
}

// AllOverrides are the user's overrides; for macOS without any, one for each family.
func (c *Config) AllOverrides() []Override {
	if len(c.Overrides) > 0 || !c.IsMac() {
		return c.Overrides
	}
	var overrides []Override
	for _, family := range c.MacFamilies {
		overrides = append(overrides, Override{"InstanceType": family + ".metal"})
	}
	return overrides
}

// architecture is what an instance type's name says, by EC2's naming convention: a "g" among the attributes after the
// generation stands for Graviton. The exceptions are the first Graviton, Apple's chips, and Grace.
func architecture(instanceType string) string {
	family, _, _ := strings.Cut(instanceType, ".")
	switch {
	case family == "mac1":
		return archIntel
	case family == "a1", isMacFamily(family), strings.Contains(family, "-gb"):
		return archARM
	}
	attributes := regexp.MustCompile(`^[a-z]+[0-9]+([a-z]*)`).FindStringSubmatch(family)
	if attributes != nil && strings.Contains(attributes[1], "g") {
		return archARM
	}
	return archIntel
}

func isMacFamily(family string) bool { return strings.HasPrefix(family, "mac") }
