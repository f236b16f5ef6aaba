package config

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// everySetting is a value for each setting of the reference stack that goes with the others.
const everySetting = `{
  "SEMAPHORE_ORGANIZATION": "acme", "SEMAPHORE_AGENT_STACK_NAME": "ci", "SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME": "/ci/token",
  "SEMAPHORE_AGENT_ASG_MAX_SIZE": 12, "SEMAPHORE_AGENT_USE_DYNAMIC_SCALING": true, "SEMAPHORE_AGENT_KEY_NAME": "ops # key: 1", "SEMAPHORE_AGENT_SECURITY_GROUP_ID": "",
  "SEMAPHORE_AGENT_TAGS": "Name:Something,Link:https://x:1", "SEMAPHORE_AGENT_AZS": "eu-west-1a, eu-west-1b",
  "SEMAPHORE_AGENT_ASG_INSTANCE_REQUIREMENTS_JSON": "{\"vCpuCount\":{\"min\":2},\"memoryMiB\":{\"min\":2048}}",
  "SEMAPHORE_AGENT_VOLUME_NAME": "/dev/sda1", "SEMAPHORE_AGENT_ASG_WARM_POOL_STATE": "Stopped",
  "SEMAPHORE_AGENT_MANAGED_POLICY_NAMES": ["a", "b"], "SEMAPHORE_AGENT_STACK_CONFIG": "x.json", "SEMAPHORE_AGENT_AMIS": "ami-1"
}`

func TestImport(t *testing.T) {
	t.Parallel()
	got, err := Import("config.json", []byte(everySetting))
	if err != nil || got.Problems != nil {
		t.Fatal(err, got.Problems)
	}
	golden(t, "import.yaml", string(got.YAML()))
	var notes []string
	for _, list := range [][]Note{got.Changed, got.LeftOut, got.Differs} {
		for _, note := range list {
			notes = append(notes, note.String())
		}
	}
	golden(t, "import.notes", strings.Join(append(notes, got.Warnings...), "\n")+"\n")
}

// What is printed is read back as the same settings.
func TestImportedYAMLIsReadBack(t *testing.T) {
	t.Parallel()
	imported, err := Import("config.json", []byte(everySetting))
	if err != nil {
		t.Fatal(err)
	}
	var in Input
	for _, v := range imported.Settings {
		in.Assignments = append(in.Assignments, Assignment{v.Setting, v.Text, "--set"})
	}
	direct := mustLoad(t, in)
	readBack := mustLoad(t, Input{Path: "semagent.yaml", ReadFile: file(string(imported.YAML()))})
	if diff := cmp.Diff(direct, readBack, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("-direct +read back:\n%s", diff)
	}
}

func TestImportProblems(t *testing.T) {
	t.Parallel()
	got, err := Import("config.json", []byte("{\n\"SEMAPHORE_ORGANIZATION\": \"acme\",\n\"SEMAPHORE_AGENT_STACK_NAME\": \"my_stack\",\n\"SEMAPHORE_AGENT_AMI\": {}}"))
	if err != nil {
		t.Fatal(err)
	}
	want := "SEMAPHORE_AGENT_AMI (config.json:4): is a nested value; give a string, a number, a boolean or a list of strings\n" +
		"SEMAPHORE_AGENT_STACK_NAME \"my_stack\" (config.json:3): not a stack name; " +
		"begin with a letter, then use letters, digits and hyphens, at most 52, so that names made from it fit\n" +
		"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME: not set; set it in the environment, in a --config file or with --set SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=VALUE"
	if diff := cmp.Diff(want, got.Problems.Error()); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	if _, err := Import("config.json", []byte("{")); err == nil || !strings.Contains(err.Error(), "config.json:1: malformed JSON") {
		t.Errorf("broken file: %v", err)
	}
	if empty, err := Import("config.json", []byte("{}")); err != nil || len(empty.YAML()) > 0 || len(empty.Problems) != 3 {
		t.Errorf("empty file: %v, %+v", err, empty)
	}
}
