package config

import (
	"fmt"
	"strings"
)

// relateMachines checks the settings of the instances against each other.
func (l *loader) relateMachines(cfg *Config) {
	l.relateSystem(cfg)
	l.relateMac(cfg)
	l.relateArchitecture(cfg)
	l.relatePurchase(cfg)
	l.relateVolume(cfg)
	l.relateTags(cfg)
	l.relateFunctions(cfg)
}

// anyBroken says that one of the settings has a problem already; what follows from it would be noise.
func (l *loader) anyBroken(names ...string) bool {
	for _, name := range names {
		if l.broken[name] {
			return true
		}
	}
	return false
}

// contradict reports that a setting does not go with another one.
func (l *loader) contradict(cfg *Config, name, message, fix string) {
	v := cfg.value(name)
	p := Problem{Setting: name, Value: v.Text, Source: v.Source, Message: message, Fix: fix}
	if v.Text == "" {
		p.Source = Source{}
	}
	l.report(p)
}

// with shows another setting in a message: its name, value and source.
func with(cfg *Config, name string) string {
	v := cfg.value(name)
	return fmt.Sprintf("%s %s (%s)", name, quote(v.Text), v.Source)
}

func (l *loader) relateSystem(cfg *Config) {
	if l.anyBroken(SettingOS) || !cfg.IsWindows() && !cfg.IsMac() {
		return
	}
	if !l.wasGiven(SettingImageID) {
		l.report(Problem{
			Setting: SettingImageID,
			Message: "not set, and semagent has no recipe for an AMI of " + with(cfg, SettingOS),
			Fix:     "name an AMI of your own, such as one built with the reference stack",
		})
	}
	if cfg.IsWindows() && cfg.KeyName != "" {
		l.warn(fmt.Sprintf("%s with %s: no SSH rule is made; reach Windows instances through Systems Manager", SettingKeyName, with(cfg, SettingOS)))
	}
}

// relateArchitecture lets the architecture follow the instance type where it was not given, and refuses what cannot run.
func (l *loader) relateArchitecture(cfg *Config) {
	if l.anyBroken(SettingOS, SettingArch, SettingInstanceType, SettingMacFamily, SettingOverrides) {
		return
	}
	needed := architecture(cfg.InstanceType)
	if arch := cfg.value(SettingArch); arch.Source.Kind == FromDefault {
		cfg.Arch, arch.Text = needed, needed
	}
	if cfg.IsWindows() && cfg.Arch == archARM {
		name := SettingArch
		if !cfg.IsSet(SettingArch) {
			name = SettingInstanceType
		}
		l.contradict(cfg, name, "Windows does not run on arm64 instances", "use "+archIntel+" and an instance type such as \"m7i.large\"")
		return
	}
	if needed != cfg.Arch {
		l.contradict(cfg, SettingArch, fmt.Sprintf("%s runs %s", with(cfg, SettingInstanceType), needed),
			fmt.Sprintf("use %s, or an instance type such as %s", needed, quote(exampleType(cfg.Arch))))
		return
	}
	for _, name := range cfg.InstanceTypes()[1:] {
		if architecture(name) != cfg.Arch {
			setting := SettingOverrides
			if len(cfg.Overrides) == 0 {
				setting = SettingMacFamily
			}
			l.contradict(cfg, setting, fmt.Sprintf("%s runs %s, and the AMI is for %s", name, architecture(name), cfg.Arch), "use one architecture")
			return
		}
	}
}

func exampleType(arch string) string {
	if arch == archARM {
		return "m7g.large"
	}
	return "m7i.large"
}

func (l *loader) relateMac(cfg *Config) {
	if l.anyBroken(SettingOS) {
		return
	}
	if !cfg.IsMac() {
		l.relateNoMac(cfg)
		return
	}
	if kind := cfg.value(SettingInstanceType); kind.Source.Kind == FromDefault && len(cfg.MacFamilies) > 0 {
		cfg.InstanceType = cfg.MacFamilies[0] + ".metal"
		kind.Text = cfg.InstanceType
	}
	if !l.wasGiven(SettingLicense) {
		l.report(Problem{
			Setting: SettingLicense, Message: "not set, and required for " + with(cfg, SettingOS),
			Fix: "make a licence configuration in License Manager, associate the AMI with it, and give its ARN",
		})
	}
	if !cfg.AllocateHost && len(cfg.MacHosts) == 0 && !l.anyBroken(SettingMacHosts, SettingAllocateHost) {
		l.contradict(cfg, SettingAllocateHost, "without "+SettingMacHosts+" there is no host to start an instance on", "name dedicated hosts, or give \"true\"")
	}
	l.relateMacTypes(cfg)
	if cfg.OnDemandPercentage < 100 && !l.anyBroken(SettingOnDemandPercent) {
		l.contradict(cfg, SettingOnDemandPercent, "there are no spot instances for "+with(cfg, SettingOS), "give 100")
	}
}

// relateMacTypes: every instance type is one of the families that the hosts are of.
func (l *loader) relateMacTypes(cfg *Config) {
	if l.anyBroken(SettingInstanceType, SettingMacFamily, SettingOverrides) {
		return
	}
	var allowed []string
	for _, family := range cfg.MacFamilies {
		allowed = append(allowed, family+".metal")
	}
	for i, name := range cfg.InstanceTypes() {
		setting := SettingOverrides
		if i == 0 {
			setting = SettingInstanceType
		}
		if !strings.Contains(","+strings.Join(allowed, ",")+",", ","+name+",") {
			l.contradict(cfg, setting, fmt.Sprintf("%s does not run on hosts of %s", name, with(cfg, SettingMacFamily)),
				"use "+strings.Join(allowed, " or "))
			return
		}
	}
	for _, o := range cfg.Overrides {
		if o.attributes() {
			l.contradict(cfg, SettingOverrides, "instance requirements do not find Macs", "give InstanceType")
			return
		}
	}
}

// relateNoMac warns of what only macOS uses.
func (l *loader) relateNoMac(cfg *Config) {
	for _, name := range []string{SettingLicense, SettingMacFamily, SettingMacHosts, SettingAllocateHost, SettingReleaseHost} {
		if cfg.IsSet(name) && !l.broken[name] {
			l.warn(fmt.Sprintf("%s (%s) is ignored, because %s is not %s", name, cfg.value(name).Source, SettingOS, quote(osMac)))
		}
	}
	if l.anyBroken(SettingInstanceType) {
		return
	}
	if family, _, _ := strings.Cut(cfg.InstanceType, "."); isMacFamily(family) {
		l.contradict(cfg, SettingInstanceType, "runs macOS only", "set "+SettingOS+"="+osMac+", or choose another instance type")
		l.broken[SettingArch] = true
	}
}
