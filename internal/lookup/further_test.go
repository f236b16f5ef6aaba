package lookup_test

import (
	"testing"

	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/semagent/semagent/internal/config"
)

func TestZoneProblems(t *testing.T) {
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"zones of the subnets": {change: func(_ *world, c *config.Config) {
			ownNetwork(c)
			c.Zones = []string{"eu-west-1a", "eu-west-1b"}
		}},
		"zone of the default VPC": {change: func(_ *world, c *config.Config) { c.Zones = []string{"eu-west-1a"} }},
		"zone without a subnet": {
			change:   func(_ *world, c *config.Config) { c.Zones = []string{"eu-west-1c"} },
			problems: []string{`setting eu-west-1c AZS,SUBNETS: zone "eu-west-1c" in eu-west-1 has none of the subnets that agents start in`},
		},
		"subnet outside of the zones": {
			change: func(_ *world, c *config.Config) {
				ownNetwork(c)
				c.Zones = []string{"eu-west-1b"}
			},
			problems: []string{`setting subnet-a SUBNETS,AZS: subnet "subnet-a" in eu-west-1 is in zone "eu-west-1a", which is not among the zones`},
		},
	})
}

// Every instance type that the group may choose is checked, not only the launch template's.
func TestOverrideProblems(t *testing.T) {
	override := func(name string) change {
		return func(_ *world, c *config.Config) { c.Overrides = []config.Override{{"InstanceType": name}} }
	}
	check(t, map[string]struct {
		change             change
		problems, warnings []string
	}{
		"not offered": {
			change:   override("x9.large"),
			problems: []string{`setting x9.large ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON: instance type "x9.large" in eu-west-1 is not offered`},
		},
		"another architecture": {
			change: func(w *world, c *config.Config) {
				w.types["z9.large"] = []ec2types.ArchitectureType{ec2types.ArchitectureTypeArm64}
				override("z9.large")(w, c)
			},
			problems: []string{`setting ami-0new0000 ASG_LAUNCH_TEMPLATE_OVERRIDES_JSON,AMI: AMI "ami-0new0000" in eu-west-1 is for x86_64, ` +
				`but instance type "z9.large" runs arm64`},
		},
		"a Mac family": {
			change: func(_ *world, c *config.Config) {
				c.OS, c.MacFamilies = "macos", []string{"mac9"}
			},
			problems: []string{`setting mac9.metal MAC_FAMILY: instance type "mac9.metal" in eu-west-1 is not offered`},
		},
	})
}
