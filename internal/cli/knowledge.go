package cli

import (
	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/scaler"
	"github.com/semagent/semagent/internal/template"
	"github.com/semagent/semagent/packer"
)

// The image that a fleet uses unless SEMAPHORE_AGENT_AMI names another one.
const (
	defaultOS   = "ubuntu-focal"
	defaultArch = "x86_64"
)

// currentNames are the images that this build's recipe makes; none in a build without the instance program.
func currentNames() []string {
	var names []string
	for _, system := range packer.Releases() {
		for _, arch := range packer.Architectures() {
			if name, err := packer.ImageName(system, arch); err == nil {
				names = append(names, name)
			}
		}
	}
	return names
}

func imageName() (string, error) { return packer.ImageName(defaultOS, defaultArch) }

// offlineTemplate is the fleet's template with placeholders for what only AWS knows.
func offlineTemplate(cfg *config.Config, digest string) (template.Document, error) {
	return template.Build(template.Inputs{
		Config: *cfg, Offline: true, DesiredCapacity: cfg.DesiredCapacity, ScalerDigest: digest,
		KnownHosts: scaler.KnownHosts(),
	})
}
