package config

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	names := Names()
	for name, want := range map[string]string{
		"SEMAPHORE_AGENT_INSTANCE_TYP":  "SEMAPHORE_AGENT_INSTANCE_TYPE",
		"SEMAPHOR_AGENT_AMI":            "SEMAPHORE_AGENT_AMI",
		"SEMAPHORE_AGENT_SUBNET_IDS":    SettingSubnets,
		"SEMAPHORE_AGENT_VPC":           SettingVPCID,
		"SEMAPHORE_AGENT_MAX_SIZE":      SettingMaxSize,
		"SEMAPHORE_AGENT_DESIRED":       SettingDesiredCapacity,
		"SEMAPHORE_AGENT_ORGANIZATION":  SettingOrganization,
		"SEMAPHORE_ORGANISATION":        SettingOrganization,
		"SEMAPHORE_STACK_NAME":          SettingStackName,
		"stack-name":                    SettingStackName,
		"SEMAPHORE_AGENT_COLOUR":        "",
		"SEMAPHORE_AGENT_ARCHITECTURE":  "",
		"SEMAPHORE_AGENT_TAG":           SettingTags,
		"region":                        "",
		"":                              "",
		strings.Repeat("A", 1<<20):      "",
		"SEMAPHORE_AGENT_":              "",
		"SEMAPHORE_AGENT_TOKEN_KMS_KYE": "SEMAPHORE_AGENT_TOKEN_KMS_KEY",
	} {
		if got := nearest(name, names); got != want {
			t.Errorf("nearest(%.40q) = %q, want %q", name, got, want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"abc", "abc", 0}, {"", "abc", 3}, {"abc", "", 3}, {"kitten", "sitting", 3}, {"flaw", "lawn", 2}} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
