package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkNeeds reports what this command can't do without. A broken value has its own problem already.
func (l *loader) checkNeeds() {
	for _, row := range l.schema {
		needed := row.required
		if l.in.Need != nil {
			needed = slices.Contains(l.in.Need, row.name)
		}
		if needed && !l.wasGiven(row.name) && !l.wasGiven(row.instead) {
			l.report(l.missing(row))
		}
	}
	for _, name := range l.in.Need {
		if !slices.Contains(l.names, name) {
			l.report(Problem{Setting: name, Message: "required by this command, but not a setting"})
		}
	}
}

func (l *loader) wasGiven(name string) bool {
	_, set := l.given[name]
	return set || l.broken[name]
}

func (l *loader) missing(row setting) Problem {
	p := Problem{Setting: row.name, Message: "not set"}
	if row.instead != "" {
		p.Message += ", and neither is " + row.instead
	}
	p.Fix = "set it in the environment, in a --config file or with --set " + row.name + "=VALUE"
	for _, stray := range l.strays {
		if l.meant(stray) == row.name {
			p.Fix = "the environment has " + stray + ", which is not the same name"
		}
	}
	return p
}

// relate checks the settings against each other, and warns of combinations that do less than they seem to.
func (l *loader) relate(cfg *Config) {
	l.relateSizes(cfg)
	l.relateNetwork(cfg)
	l.deriveEndpoint(cfg)
	l.relateMachines(cfg)
	l.relateScaler(cfg)
	if cfg.KeyName != "" && cfg.SecurityGroupID != "" {
		l.warn(fmt.Sprintf("%s is given together with %s: no SSH rule is added to a security group that is yours",
			SettingKeyName, SettingSecurityGroupID))
	}
	if cfg.DisconnectAfterIdleTimeout == 0 && !l.broken[SettingIdleTimeout] {
		l.warn(SettingIdleTimeout + " is 0, which disables scale in: idle agents stay connected and their instances stay")
	}
}

func (l *loader) relateSizes(cfg *Config) {
	if l.broken[SettingMinSize] || l.broken[SettingMaxSize] || l.broken[SettingDesiredCapacity] {
		return
	}
	smallest, largest := cfg.value(SettingMinSize), cfg.value(SettingMaxSize)
	if cfg.MinSize > cfg.MaxSize {
		l.report(Problem{
			Setting: SettingMinSize, Value: smallest.Text, Source: smallest.Source,
			Message: fmt.Sprintf("above %s %s (%s)", SettingMaxSize, quote(largest.Text), largest.Source),
			Fix:     "lower it, or raise the maximum size",
		})
		return
	}
	desired := cfg.value(SettingDesiredCapacity)
	kept := min(max(cfg.DesiredCapacity, cfg.MinSize), cfg.MaxSize)
	if kept == cfg.DesiredCapacity {
		return
	}
	if desired.Source.Kind == FromDefault {
		cfg.DesiredCapacity = kept
		desired.Text = strconv.Itoa(kept)
		return
	}
	l.report(Problem{
		Setting: SettingDesiredCapacity, Value: desired.Text, Source: desired.Source,
		Message: fmt.Sprintf("outside the sizes from %s %s (%s) to %s %s (%s)", SettingMinSize, quote(smallest.Text),
			smallest.Source, SettingMaxSize, quote(largest.Text), largest.Source),
		Fix: fmt.Sprintf("give a number from %d to %d, or none", cfg.MinSize, cfg.MaxSize),
	})
}

func (l *loader) relateNetwork(cfg *Config) {
	vpc, inVPC := l.given[SettingVPCID]
	switch {
	case inVPC && !l.wasGiven(SettingSubnets):
		l.report(Problem{
			Setting: SettingSubnets,
			Message: fmt.Sprintf("not set, and %s is (%s)", SettingVPCID, vpc.source),
			Fix:     "name subnets of that VPC that reach the internet, with commas between them",
		})
	case !l.wasGiven(SettingVPCID) && len(cfg.Subnets) > 0:
		l.warn(fmt.Sprintf("%s (%s) is ignored, because %s is not set: the default VPC's subnets are used",
			SettingSubnets, cfg.value(SettingSubnets).Source, SettingVPCID))
		cfg.Subnets = nil
	}
}

// deriveEndpoint gives Endpoint its default, which is known only when the organization is.
func (l *loader) deriveEndpoint(cfg *Config) {
	if cfg.Endpoint == "" && cfg.Organization != "" {
		cfg.Endpoint = strings.ToLower(cfg.Organization) + ".semaphoreci.com"
		cfg.value(SettingEndpoint).Text = cfg.Endpoint
	}
}
