package config

import (
	"strings"
	"testing"
)

func TestOverprovisionNeedsAFactor(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		strategy, factor string
		refused          bool
	}{
		"none needs none":             {"none", "", false},
		"none ignores one":            {"none", "5", false},
		"number without a factor":     {"number", "", true},
		"percentage of zero":          {"percentage", "0", true},
		"number with a factor":        {"number", "2", false},
		"percentage beyond a hundred": {"percentage", "250", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := append(complete(), SettingOverprovisionStrategy+"="+test.strategy, SettingOverprovisionFactor+"="+test.factor)
			cfg, err := Load(Input{Environ: environ})
			if (err != nil) != test.refused {
				t.Fatalf("got %v", err)
			}
			if err != nil && !strings.Contains(err.Error(), `less than 1 with SEMAPHORE_AGENT_OVERPROVISION_STRATEGY "`+test.strategy) {
				t.Errorf("got %v", err)
			}
			if err == nil && cfg.OverprovisionStrategy != test.strategy {
				t.Errorf("strategy is %q", cfg.OverprovisionStrategy)
			}
		})
	}
}

// A broken factor has a problem of its own, and no second one that says it is too small.
func TestBrokenFactorIsOneProblem(t *testing.T) {
	t.Parallel()
	_, err := Load(Input{Environ: append(complete(), SettingOverprovisionStrategy+"=number", SettingOverprovisionFactor+"=many")})
	if err == nil || strings.Contains(err.Error(), "less than 1") {
		t.Errorf("got %v", err)
	}
}

func TestAlarmsAreTheScalers(t *testing.T) {
	t.Parallel()
	topic := SettingAlarmTopic + "=arn:aws:sns:eu-west-1:123456789012:ops"
	for name, test := range map[string]struct {
		environ  []string
		alarms   bool
		warnings int
	}{
		"on":                      {[]string{SettingAlarms + "=true", topic}, true, 0},
		"without dynamic scaling": {[]string{SettingAlarms + "=true", SettingDynamicScaling + "=false"}, false, 1},
		"topic alone":             {[]string{topic}, false, 1},
		"neither":                 {nil, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, err := Load(Input{Environ: append(complete(), test.environ...)})
			if err != nil {
				t.Fatal(err)
			}
			if cfg.Alarms != test.alarms || len(cfg.Warnings()) != test.warnings {
				t.Errorf("alarms %t, warnings %q", cfg.Alarms, cfg.Warnings())
			}
		})
	}
}
