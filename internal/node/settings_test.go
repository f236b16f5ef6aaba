package node

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseSettings(t *testing.T) {
	want := settings{
		Endpoint: "acme.semaphoreci.com", TokenParameter: "/ci/token", KnownHostsParameter: "ci-ssh-public-keys",
		DisconnectAfterJob: true, IdleTimeout: 300, Variables: []string{"A=1", "B="}, PreSignedURL: true,
	}
	tests := map[string]string{
		"strings, as the reference stack writes them": `{"disconnectAfterJob":"true","disconnectAfterIdleTimeout":"300","usePreSignedURL":true`,
		"typed": `{"disconnectAfterJob":true,"disconnectAfterIdleTimeout":300,"usePreSignedURL":"true"`,
		"more":  `{"disconnectAfterJob":true,"disconnectAfterIdleTimeout":300,"usePreSignedURL":true,"later":{"x":[1]}`,
	}
	const rest = `,"endpoint":"acme.semaphoreci.com","agentTokenParameterName":"/ci/token","sshKeysParameterName":"ci-ssh-public-keys","envVars":["A=1","B="]}`
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := parseSettings(text + rest)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseSettingsWithoutTheOptionalKeys(t *testing.T) {
	got, err := parseSettings(`{"endpoint":"a","agentTokenParameterName":"t","sshKeysParameterName":"k","envVars":null,"disconnectAfterIdleTimeout":null}`)
	if err != nil || got.DisconnectAfterJob || got.PreSignedURL || got.IdleTimeout != 0 || len(got.Variables) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestParseSettingsRefuses(t *testing.T) {
	const good = `"endpoint":"a","agentTokenParameterName":"t","sshKeysParameterName":"k"`
	tests := map[string]struct {
		text string
		want []string
	}{
		"not JSON":        {`endpoint: a`, []string{"read the agent's configuration"}},
		"nothing":         {`{}`, []string{"endpoint is missing", "agentTokenParameterName is missing", "sshKeysParameterName is missing"}},
		"a value with =":  {`{` + good + `,"envVars":["URL=https://x/?a=s3cr3t","OK=1"]}`, []string{`the value of URL has a "=" in it`}},
		"no value":        {`{` + good + `,"envVars":["s3cr3t"]}`, []string{`must be NAME=VALUE`}},
		"no name":         {`{` + good + `,"envVars":["=s3cr3t"]}`, []string{`no name before`}},
		"all at once":     {`{"envVars":["A=b=s3cr3t","=x"]}`, []string{"endpoint is missing", "value of A has", "no name"}},
		"a strange truth": {`{` + good + `,"disconnectAfterJob":"maybe"}`, []string{`"maybe" is neither true nor false`}},
		"negative":        {`{` + good + `,"disconnectAfterIdleTimeout":-1}`, []string{"-1 is not a number of seconds"}},
		"huge":            {`{` + good + `,"disconnectAfterIdleTimeout":"99999999999"}`, []string{"is not a number of seconds"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseSettings(tt.text)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), "s3cr3t") {
				t.Error("the error shows a value")
			}
		})
	}
}

func TestKnownHosts(t *testing.T) {
	got, err := knownHosts(`["ssh-ed25519 AAAA", "git.example.com ssh-rsa BBBB a comment", "  ", "[h]:22  ssh-rsa  CCCC"]`)
	const want = "github.com ssh-ed25519 AAAA\ngit.example.com ssh-rsa BBBB a comment\n[h]:22 ssh-rsa CCCC\n"
	if err != nil || string(got) != want {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := knownHosts(`[]`); err != nil || len(got) != 0 {
		t.Errorf("an empty list gives %q, %v", got, err)
	}
	for _, bad := range []string{`{}`, `github.com ssh-rsa A`, `["alone"]`} {
		if _, err := knownHosts(bad); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
}

// TestAgentConfigKeys holds the file to the keys that the agent knows; it ends at any other.
func TestAgentConfigKeys(t *testing.T) {
	var got map[string]any
	body := newAgentConfig(settings{Endpoint: "a", Variables: []string{"A=<&>"}}, "https://x/?a=1&b=2", "t").yaml()
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"name": "https://x/?a=1&b=2", "endpoint": "a", "token": "t", "no-https": false, "shutdown-hook-path": "/opt/semaphore/agent/hooks/shutdown",
		"disconnect-after-job": false, "disconnect-after-idle-timeout": 0.0, "env-vars": []any{"A=<&>"}, "files": []any{}, "fail-on-missing-files": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(string(body), "&") {
		t.Error("the name is escaped")
	}
}

func FuzzParseSettings(f *testing.F) {
	f.Add(`{"endpoint":"a","agentTokenParameterName":"t","sshKeysParameterName":"k","envVars":["A=1"],"disconnectAfterJob":"true"}`)
	f.Add(`{"disconnectAfterIdleTimeout":"\"300"}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSettings(text)
		if err != nil {
			return
		}
		for _, v := range s.Variables {
			if strings.Count(v, "=") != 1 {
				t.Errorf("accepted %q", v)
			}
		}
		if s.IdleTimeout < 0 || s.Endpoint == "" {
			t.Errorf("accepted %+v", s)
		}
	})
}
