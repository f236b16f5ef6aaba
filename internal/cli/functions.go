package cli

import (
	"slices"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/lookup"
)

// functionSubnets are the given subnets that functions can use: the private ones, and the public ones where the user
// allows that. Without any the functions stay outside of the VPC, where they reach Semaphore and AWS.
func (f *fleet) functionSubnets(a *app) []string {
	if f.cfg.VPCID == "" {
		return nil
	}
	if f.cfg.AllowPublicSubnet {
		if !f.cfg.IPv6 && slices.ContainsFunc(f.facts.Subnets, func(s lookup.Subnet) bool { return s.Public }) {
			a.warn("%s without %s: functions get no public IPv4 address, and in a public subnet they do not reach Semaphore",
				config.SettingPublicSubnet, config.SettingIPv6)
		}
		return f.cfg.Subnets
	}
	var private []string
	for _, subnet := range f.facts.Subnets {
		if subnet.Private {
			private = append(private, subnet.ID)
		}
	}
	return private
}
