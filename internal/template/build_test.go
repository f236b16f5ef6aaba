package template

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLogicalIDs(t *testing.T) {
	always := []string{
		"AgentConfigParameter", "AgentGroup", "AgentInstanceProfile", "AgentLaunchTemplate", "AgentRole", "KnownHostsParameter",
		"MaintenanceFunction", "MaintenanceLogGroup", "MaintenancePermission", "MaintenanceRole", "MaintenanceSchedule",
	}
	scaler := []string{
		"ScalerFunction", "ScalerInvokeConfig", "ScalerLogGroup", "ScalerPermission", "ScalerRole", "ScalerSchedule",
	}
	own := []string{"AgentSecurityGroup"}
	alarms := []string{"Dashboard", "ScalerErrorsAlarm", "ScalerSilentAlarm", "ShortfallAlarm", "StuckInstancesAlarm"}
	tests := map[string][]string{
		"defaults":       slices.Concat(always, scaler, own),
		"alarms":         slices.Concat(always, scaler, own, alarms),
		"static":         slices.Concat(always, own),
		"security-group": slices.Concat(always, scaler),
	}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, goldenCases()[name])
			slices.Sort(want)
			if diff := cmp.Diff(want, slices.Sorted(maps.Keys(resources(t, doc)))); diff != "" {
				t.Errorf("logical IDs differ (-want +got):\n%s", diff)
			}
			if doc.Resources() != len(want) {
				t.Errorf("Resources() = %d, want %d", doc.Resources(), len(want))
			}
		})
	}
}

// The types are what start.sh of the reference stack's images was written against: it pastes the two disconnect
// settings into YAML, and compares nothing else.
func TestAgentConfigContract(t *testing.T) {
	tests := map[string]struct {
		change func(*Inputs)
		want   string
	}{
		"defaults": {nil, `{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"ci-agents-token",` +
			`"sshKeysParameterName":"ci-agents-ssh-public-keys","disconnectAfterJob":"true",` +
			`"disconnectAfterIdleTimeout":"300","envVars":[],"usePreSignedURL":false}`},
		"everything set": {
			func(in *Inputs) {
				in.Config.CacheBucket = "cache"
				in.Config.TokenParameter = "/a/b"
				in.Config.DisconnectAfterJob = false
				in.Config.DisconnectAfterIdleTimeout = 0
			},
			`{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"/a/b",` +
				`"sshKeysParameterName":"ci-agents-ssh-public-keys","disconnectAfterJob":"false",` +
				`"disconnectAfterIdleTimeout":"0","envVars":["SEMAPHORE_CACHE_BACKEND=s3","SEMAPHORE_CACHE_S3_BUCKET=cache",` +
				`"SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true"],"usePreSignedURL":false}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, inputs(tt.change))
			if diff := cmp.Diff(tt.want, property(t, doc, "AgentConfigParameter", "Value")); diff != "" {
				t.Errorf("agent config differs (-want +got):\n%s", diff)
			}
			if name := property(t, doc, "AgentConfigParameter", "Name"); name != "ci-agents-config" {
				t.Errorf("parameter's name is %q", name)
			}
			want := object{"Fn::Base64": "#!/bin/bash\n/opt/semaphore/agent/start.sh ci-agents-config"}
			if diff := cmp.Diff(want, property(t, doc, "AgentLaunchTemplate", "LaunchTemplateData", "UserData")); diff != "" {
				t.Errorf("user data differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKnownHostsAreAListOfKeys(t *testing.T) {
	keys := []string{"ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 BBBB"}
	tests := map[string][]string{"none": nil, "two": keys}
	for name, want := range tests {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, inputs(func(in *Inputs) { in.KnownHosts = want }))
			value := property(t, doc, "KnownHostsParameter", "Value").(string)
			got := []string{"sentinel"}
			if err := json.Unmarshal([]byte(value), &got); err != nil {
				t.Fatalf("value %q: %v", value, err)
			}
			if got == nil || !slices.Equal(got, want) {
				t.Errorf("value is %s, want the list %q", value, want)
			}
		})
	}
}

func TestSSHIngressNeedsKeyAndOwnGroup(t *testing.T) {
	tests := map[string]struct {
		key, group string
		wantGroup  bool
		wantOpen   bool
	}{
		"neither":       {"", "", true, false},
		"key":           {"ops", "", true, true},
		"group":         {"", "sg-1", false, false},
		"key and group": {"ops", "sg-1", false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc := mustBuild(t, inputs(func(in *Inputs) { in.Config.KeyName, in.Config.SecurityGroupID = tt.key, tt.group }))
			group, made := resources(t, doc)["AgentSecurityGroup"]
			if made != tt.wantGroup {
				t.Fatalf("security group made: %t, want %t", made, tt.wantGroup)
			}
			if open := strings.Contains(string(doc.JSON), "SecurityGroupIngress"); open != tt.wantOpen {
				t.Errorf("inbound rule: %t, want %t", open, tt.wantOpen)
			}
			if tt.wantOpen && at(t, group, "Properties", "SecurityGroupIngress", 0, "FromPort") != 22.0 {
				t.Error("inbound rule is not for port 22")
			}
			used := property(t, doc, "AgentLaunchTemplate", "LaunchTemplateData", "SecurityGroupIds", 0)
			if tt.group != "" && used != tt.group {
				t.Errorf("launch template uses %v, want %q", used, tt.group)
			}
		})
	}
}

func TestPlacement(t *testing.T) {
	byDefault := property(t, mustBuild(t, inputs(nil)), "AgentGroup").(object)
	if diff := cmp.Diff(object{"Fn::GetAZs": ""}, byDefault["AvailabilityZones"]); diff != "" {
		t.Errorf("zones of the default VPC (-want +got):\n%s", diff)
	}
	if _, ok := byDefault["VPCZoneIdentifier"]; ok {
		t.Error("subnets are named without a VPC")
	}

	own := property(t, mustBuild(t, goldenCases()["vpc"]), "AgentGroup").(object)
	want := []any{"subnet-0fedcba9876543210", "subnet-0123456789abcdef0"}
	if diff := cmp.Diff(want, own["VPCZoneIdentifier"]); diff != "" {
		t.Errorf("subnets, in the order given (-want +got):\n%s", diff)
	}
	if _, ok := own["AvailabilityZones"]; ok {
		t.Error("zones are named beside subnets")
	}
}

func TestGroupKeepsLiveCapacityOnUpdate(t *testing.T) {
	group := resources(t, mustBuild(t, inputs(nil)))["AgentGroup"]
	if at(t, group, "UpdatePolicy", "AutoScalingScheduledAction", "IgnoreUnmodifiedGroupSizeProperties") != true {
		t.Error("an update would reset the live desired capacity")
	}
	for _, parameter := range []string{"AgentConfigParameter", "KnownHostsParameter"} {
		if !slices.Contains(at(t, group, "DependsOn").([]any), any(parameter)) {
			t.Errorf("an instance could boot before %s exists", parameter)
		}
	}
}

func TestEnvironmentOfFunctions(t *testing.T) {
	doc := mustBuild(t, inputs(nil))
	want := map[string]object{
		"ScalerFunction": {
			"SEMAGENT_TASK": "scale", "SEMAGENT_GROUP_NAME": object{"Ref": "AgentGroup"},
			"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME": "ci-agents-token", "SEMAPHORE_AGENT_STACK_NAME": "ci-agents",
			"SEMAPHORE_ENDPOINT": "acme.semaphoreci.com", "SEMAPHORE_AGENT_OVERPROVISION_STRATEGY": "none",
			"SEMAPHORE_AGENT_OVERPROVISION_FACTOR": "0",
		},
		"MaintenanceFunction": {
			"SEMAGENT_TASK": "maintain", "SEMAGENT_GROUP_NAME": object{"Ref": "AgentGroup"},
			"SEMAPHORE_AGENT_STACK_NAME":          "ci-agents",
			"SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME": "ci-agents-ssh-public-keys",
		},
	}
	for function, variables := range want {
		if diff := cmp.Diff(any(variables), property(t, doc, function, "Environment", "Variables")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", function, diff)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	tests := map[string]struct {
		change func(*Inputs)
		notes  []string // empty: none allowed
		err    string
	}{
		"nothing missing":   {func(in *Inputs) { in.Offline = true }, nil, ""},
		"image of settings": {func(in *Inputs) { in.ImageID, in.Config.ImageID = "", "ami-1" }, nil, ""},
		"managed key":       {func(in *Inputs) { in.Config.TokenKMSKey = "alias/aws/ssm" }, nil, ""},
		"key by ARN":        {func(in *Inputs) { in.Config.TokenKMSKey = testKey }, nil, ""},
		"image offline":     {func(in *Inputs) { in.Offline, in.ImageID = true, "" }, []string{"AgentLaunchTemplate.ImageId"}, ""},
		"key offline": {
			func(in *Inputs) { in.Offline, in.Config.TokenKMSKey = true, "alias/ci" },
			[]string{"kms:Decrypt"},
			"",
		},
		"image missing": {func(in *Inputs) { in.ImageID = "" }, nil, "AgentLaunchTemplate.ImageId"},
		"key missing":   {func(in *Inputs) { in.Config.TokenKMSKey = "alias/ci" }, nil, "kms:Decrypt"},
		"alias by ARN": {
			func(in *Inputs) { in.Config.TokenKMSKey = "arn:aws:kms:eu-west-1:123456789012:alias/ci" },
			nil, "kms:Decrypt",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			doc, err := Build(inputs(tt.change))
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error is %v, want one that names %s", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(tt.notes) == 0 {
				if _, ok := decode(t, doc)["Metadata"]; ok || strings.Contains(string(doc.JSON), "00000000000") {
					t.Error("a complete template holds a placeholder")
				}
				return
			}
			got := at(t, decode(t, doc), "Metadata", "semagent", "Placeholders").(object)
			if diff := cmp.Diff(tt.notes, slices.Collect(maps.Keys(got))); diff != "" {
				t.Errorf("placeholders noted (-want +got):\n%s", diff)
			}
		})
	}
}
