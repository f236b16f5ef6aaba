package node

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden is what of a fleet's template an image sees.
type golden struct {
	Resources map[string]struct {
		Type       string
		Properties struct {
			Name, Value        any
			Policies           any
			LaunchTemplateData struct {
				UserData map[string]any
			}
		}
	}
}

// goldens are the templates that internal/template is held to.
func goldens(t *testing.T) map[string]golden {
	t.Helper()
	files, err := filepath.Glob("../template/testdata/golden/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden template: %v", err)
	}
	found := map[string]golden{}
	for _, file := range files {
		body, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var g golden
		if err := json.Unmarshal(body, &g); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if _, fleet := g.Resources["AgentConfigParameter"]; fleet {
			found[filepath.Base(file)] = g
		}
	}
	if len(found) == 0 {
		t.Fatal("no golden template is a fleet's")
	}
	return found
}

// TestTemplateSpeaksToThisProgram: an image of semagent's boots under semagent's template.
func TestTemplateSpeaksToThisProgram(t *testing.T) {
	for name, g := range goldens(t) {
		parameter := g.Resources["AgentConfigParameter"].Properties
		text, _ := parameter.Value.(string)
		s, err := parseSettings(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		hosts := g.Resources["KnownHostsParameter"].Properties
		if s.KnownHostsParameter != hosts.Name {
			t.Errorf("%s: sshKeysParameterName is %q, the parameter's name %q", name, s.KnownHostsParameter, hosts.Name)
		}
		list, _ := hosts.Value.(string)
		if _, err := knownHosts(list); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		data, _ := g.Resources["AgentLaunchTemplate"].Properties.LaunchTemplateData.UserData["Fn::Base64"].(string)
		if name == "windows.json" || name == "macos.json" {
			continue // images of the user's own, which this program is not on
		}
		if want := "#!/bin/bash\n" + agentDir + "/start.sh " + parameter.Name.(string); !strings.HasPrefix(data, want) {
			t.Errorf("%s: user data is %q, want %q", name, data, want)
		}
	}
}

// TestTemplateSpeaksToTheReferenceImage: the reference's start script reads these keys with jq -r and puts the two
// disconnect settings into YAML as they are; it iterates over envVars.
func TestTemplateSpeaksToTheReferenceImage(t *testing.T) {
	for name, g := range goldens(t) {
		text, _ := g.Resources["AgentConfigParameter"].Properties.Value.(string)
		var keys map[string]any
		if err := json.Unmarshal([]byte(text), &keys); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, key := range []string{"endpoint", "agentTokenParameterName", "sshKeysParameterName", "disconnectAfterJob", "disconnectAfterIdleTimeout"} {
			if value, ok := keys[key].(string); !ok || value == "" {
				t.Errorf("%s: %s is %v, want a string", name, key, keys[key])
			}
		}
		if _, ok := keys["envVars"].([]any); !ok {
			t.Errorf("%s: envVars is %v, want a list", name, keys["envVars"])
		}
		if _, ok := keys["usePreSignedURL"].(bool); !ok {
			t.Errorf("%s: usePreSignedURL is %v, want a boolean", name, keys["usePreSignedURL"])
		}
	}
}

// TestReferenceStackSpeaksToThisProgram: what the reference stack's template writes, with and without a cache bucket.
func TestReferenceStackSpeaksToThisProgram(t *testing.T) {
	for _, text := range []string{
		`{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"agent-token","sshKeysParameterName":"fleet-ssh-public-keys",` +
			`"disconnectAfterJob":"true","disconnectAfterIdleTimeout":"300","envVars":[]}`,
		`{"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"agent-token","sshKeysParameterName":"fleet-ssh-public-keys",` +
			`"disconnectAfterJob":"false","disconnectAfterIdleTimeout":"0","usePreSignedURL":false,"envVars":["SEMAPHORE_CACHE_BACKEND=s3",` +
			`"SEMAPHORE_CACHE_S3_BUCKET=bucket","SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true"]}`,
	} {
		s, err := parseSettings(text)
		if err != nil {
			t.Error(err)
			continue
		}
		if bool(s.DisconnectAfterJob) != (s.IdleTimeout == 300) || len(s.Variables) != 0 && len(s.Variables) != 3 {
			t.Errorf("got %+v", s)
		}
	}
}

// TestTemplateAllowsWhatThisProgramCalls holds the instances' role to it.
func TestTemplateAllowsWhatThisProgramCalls(t *testing.T) {
	calls := []string{
		"ssm:GetParameter", "autoscaling:SetInstanceHealth", "autoscaling:TerminateInstanceInAutoScalingGroup",
		"autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeAutoScalingGroups",
	}
	for name, g := range goldens(t) {
		policies, err := json.Marshal(g.Resources["AgentRole"].Properties.Policies)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range calls {
			if !strings.Contains(string(policies), `"`+call+`"`) {
				t.Errorf("%s: AgentRole does not allow %s", name, call)
			}
		}
	}
}

// TestTheRecipeKeepsTheContract: the paths that the template and the agent's configuration name are installed.
func TestTheRecipeKeepsTheContract(t *testing.T) {
	var recipe strings.Builder
	for _, script := range []string{"40-agent.sh", "90-clean.sh"} {
		body, err := os.ReadFile("../../packer/scripts/" + script)
		if err != nil {
			t.Fatal(err)
		}
		recipe.Write(body)
	}
	for _, want := range []string{agentDir, `"$root/start.sh"`, `"$root/hooks/shutdown"`, skeletonDir, stateDir} {
		if !strings.Contains(recipe.String(), want) {
			t.Errorf("the recipe does not mention %s", want)
		}
	}
}
