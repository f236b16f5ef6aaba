package config

import "fmt"

// OverprovisionNone is the strategy that keeps no headroom.
const OverprovisionNone = "none"

// relateScaler holds the reference stack's rule for the factor, and warns of settings of a scaler that is off.
func (l *loader) relateScaler(cfg *Config) {
	if cfg.OverprovisionStrategy != OverprovisionNone && cfg.OverprovisionFactor < 1 && !l.broken[SettingOverprovisionFactor] {
		factor, strategy := cfg.value(SettingOverprovisionFactor), cfg.value(SettingOverprovisionStrategy)
		l.report(Problem{
			Setting: SettingOverprovisionFactor, Value: factor.Text, Source: factor.Source,
			Message: fmt.Sprintf("less than 1 with %s %s (%s)", SettingOverprovisionStrategy, quote(strategy.Text), strategy.Source),
			Fix:     `give 1 or more, or the strategy "none"`,
		})
	}
	if cfg.Alarms && !cfg.DynamicScaling {
		cfg.Alarms = false
		l.warn(fmt.Sprintf("%s is ignored, because %s is false: the alarms are the scaler's", SettingAlarms, SettingDynamicScaling))
	}
	if cfg.AlarmTopicARN != "" && !cfg.Alarms {
		l.warn(fmt.Sprintf("%s is ignored, because there are no alarms: set %s=true", SettingAlarmTopic, SettingAlarms))
	}
}
