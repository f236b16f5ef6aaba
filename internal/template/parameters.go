package template

import (
	"encoding/json"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/ssm"
)

const (
	agentConfigParameter = "AgentConfigParameter"
	knownHostsParameter  = "KnownHostsParameter"
)

// agentConfig is what an instance reads at boot. Keys, their order and their types are the reference stack's, because
// images baked for it read them: the two disconnect settings are strings there, usePreSignedURL is a boolean.
type agentConfig struct {
	Endpoint                   string   `json:"endpoint"`
	TokenParameter             string   `json:"agentTokenParameterName"`
	KnownHostsParameter        string   `json:"sshKeysParameterName"`
	DisconnectAfterJob         string   `json:"disconnectAfterJob"`
	DisconnectAfterIdleTimeout string   `json:"disconnectAfterIdleTimeout"`
	EnvVars                    []string `json:"envVars"`
	UsePreSignedURL            bool     `json:"usePreSignedURL"`
}

// Both parameters have fixed names: start.sh gets the first from the user data and reads the second's name in it.
// Only the name is create-only, so they are never replaced.
func (f fleet) configName() string     { return f.StackName + "-config" }
func (f fleet) knownHostsName() string { return f.StackName + "-ssh-public-keys" }

func (f fleet) configParameter() json.Marshaler {
	value, _ := json.Marshal(agentConfig{ // strings and booleans always marshal
		Endpoint:                   f.Endpoint,
		TokenParameter:             f.TokenParameter,
		KnownHostsParameter:        f.knownHostsName(),
		DisconnectAfterJob:         strconv.FormatBool(f.DisconnectAfterJob),
		DisconnectAfterIdleTimeout: strconv.Itoa(f.DisconnectAfterIdleTimeout),
		EnvVars:                    f.cacheVariables(),
		UsePreSignedURL:            f.PreSignedURL,
	})
	return parameter(f.configName(), "What an agent's instance reads at boot", value)
}

// cacheVariables are empty, not nil: start.sh iterates over the list.
func (f fleet) cacheVariables() []string {
	if f.CacheBucket == "" {
		return []string{}
	}
	return []string{
		"SEMAPHORE_CACHE_BACKEND=s3",
		"SEMAPHORE_CACHE_S3_BUCKET=" + f.CacheBucket,
		"SEMAPHORE_CACHE_USE_EC2_INSTANCE_PROFILE=true",
	}
}

func (f fleet) knownHostsParameter() json.Marshaler {
	value, _ := json.Marshal(append([]string{}, f.knownHosts...)) // "[]" rather than "null"
	return parameter(f.knownHostsName(), "SSH host keys of GitHub, refreshed by the maintenance function", value)
}

func parameter(name, description string, value []byte) json.Marshaler {
	return ssm.Parameter{
		Name:        new(name),
		Description: new(description),
		Type:        "String",
		Tier:        new("Standard"),
		Value:       string(value),
	}
}
