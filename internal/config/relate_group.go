package config

import (
	"fmt"
	"slices"
)

// relatePurchase checks on-demand and spot instances, and the choice of instance types.
func (l *loader) relatePurchase(cfg *Config) {
	if l.anyBroken(SettingOnDemandPercent, SettingOnDemandBase, SettingMaxSize, SettingOS) {
		return
	}
	spot := cfg.OnDemandPercentage < 100
	if !spot && !cfg.IsMac() {
		for _, name := range []string{SettingSpotStrategy, SettingRebalance} {
			if v := cfg.value(name); cfg.IsSet(name) && !l.broken[name] && v.Text != "false" {
				l.warn(fmt.Sprintf("%s (%s) has no effect: %s leaves no spot instances", name, v.Source, with(cfg, SettingOnDemandPercent)))
			}
		}
	}
	if spot && cfg.OnDemandBase >= cfg.MaxSize && cfg.MaxSize > 0 {
		l.warn(fmt.Sprintf("%s reaches %s: there will be no spot instance", with(cfg, SettingOnDemandBase), with(cfg, SettingMaxSize)))
	}
	l.relateStrategies(cfg)
}

// relateStrategies holds Auto Scaling's rule that instance requirements have no order, and so nothing to prioritize.
func (l *loader) relateStrategies(cfg *Config) {
	if l.anyBroken(SettingOverrides) || !slices.ContainsFunc(cfg.Overrides, Override.attributes) {
		return
	}
	if cfg.OnDemandStrategy == "prioritized" {
		l.contradict(cfg, SettingOnDemandStrategy, "instance requirements have no order of priority", `give "lowest-price", or name instance types`)
	}
	if cfg.SpotStrategy == "capacity-optimized-prioritized" {
		l.contradict(cfg, SettingSpotStrategy, "instance requirements have no order of priority", `give "price-capacity-optimized", or name instance types`)
	}
}

// mostTags leaves room for those of semagent and of AWS under the limit of 50.
const mostTags = 40

func (l *loader) relateTags(cfg *Config) {
	if l.anyBroken(SettingTags) {
		return
	}
	seen := map[string]bool{}
	for _, tag := range cfg.Tags {
		if seen[tag.Key] {
			l.contradict(cfg, SettingTags, "names the key "+quote(tag.Key)+" twice", "name each key once")
			return
		}
		seen[tag.Key] = true
	}
	if len(cfg.Tags) > mostTags {
		l.contradict(cfg, SettingTags, fmt.Sprintf("holds %d tags", len(cfg.Tags)), fmt.Sprintf("give at most %d", mostTags))
	}
}

func (l *loader) relateFunctions(cfg *Config) {
	if cfg.AllowPublicSubnet && !l.wasGiven(SettingVPCID) && !l.anyBroken(SettingPublicSubnet) {
		l.warn(fmt.Sprintf("%s (%s) is ignored, because %s is not set: functions stay outside of the default VPC",
			SettingPublicSubnet, cfg.value(SettingPublicSubnet).Source, SettingVPCID))
	}
}
