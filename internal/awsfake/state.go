package awsfake

import "maps"

// State is what a local AWS holds, for tests to look at. It has secrets in it.
type State struct {
	Account    string                    `json:"account"`
	Region     string                    `json:"region"`
	Network    Network                   `json:"network"`
	Parameters map[string]ParameterState `json:"parameters"`
	Buckets    map[string]BucketState    `json:"buckets"`
	Groups     map[string]GroupState     `json:"groups"`
	Keys       map[string]KeyState       `json:"keys"` // by key ID
	Roles      []string                  `json:"roles"`
	Functions  []string                  `json:"functions"`
	LogGroups  []string                  `json:"logGroups"`
	Rules      []string                  `json:"rules"`
}

// ParameterState is an SSM parameter, with its value in clear.
type ParameterState struct {
	Type    string            `json:"type"`
	Value   string            `json:"value"`
	KeyID   string            `json:"keyId,omitempty"`
	Version int               `json:"version"`
	Tags    map[string]string `json:"tags,omitempty"`
}

// BucketState is a bucket: the keys that a reader sees, and how many versions and delete markers it has in all.
type BucketState struct {
	Keys     []string `json:"keys"`
	Versions int      `json:"versions"`
}

// GroupState is an Auto Scaling group.
type GroupState struct {
	MinSize         int      `json:"minSize"`
	MaxSize         int      `json:"maxSize"`
	DesiredCapacity int      `json:"desiredCapacity"`
	InService       int      `json:"inService"`
	Instances       []string `json:"instances"`
}

// KeyState is a KMS key.
type KeyState struct {
	State    string   `json:"state"`
	Manager  string   `json:"manager"`
	Rotation bool     `json:"rotation"`
	Aliases  []string `json:"aliases,omitempty"`
}

// State is a copy of what the local AWS holds now.
func (s *Server) State() State {
	s.core.mu.Lock()
	defer s.core.mu.Unlock()
	out := State{
		Account: s.core.account, Region: s.core.region, Network: s.ec2.network, Parameters: map[string]ParameterState{}, Buckets: map[string]BucketState{},
		Groups: map[string]GroupState{}, Keys: map[string]KeyState{}, Roles: sortedKeys(s.iam.roles), Functions: sortedKeys(s.lambda.functions),
		LogGroups: sortedKeys(s.logs.groups), Rules: sortedKeys(s.events.rules),
	}
	for name, p := range s.ssm.parameters {
		out.Parameters[name] = ParameterState{p.kind, p.value, p.keyID, len(p.versions), maps.Clone(p.tags)}
	}
	for name, b := range s.s3.buckets {
		out.Buckets[name] = b.state()
	}
	for name, g := range s.autoscaling.groups {
		out.Groups[name] = g.state()
	}
	for id, k := range s.kms.keys {
		out.Keys[id] = KeyState{k.state, k.manager, k.rotation, s.kms.aliasesOf(id)}
	}
	return out
}

func (b *bucket) state() BucketState {
	st := BucketState{Keys: []string{}}
	for _, key := range sortedKeys(b.objects) {
		st.Versions += len(b.objects[key])
		if b.current(key) != nil {
			st.Keys = append(st.Keys, key)
		}
	}
	return st
}

func (g *group) state() GroupState {
	st := GroupState{g.min, g.max, g.desired, g.inService(), []string{}}
	for _, m := range g.members {
		st.Instances = append(st.Instances, m.id)
	}
	return st
}

func (k *kmsService) aliasesOf(id string) []string {
	var out []string
	for _, name := range sortedKeys(k.aliases) {
		if k.aliases[name].target == id {
			out = append(out, name)
		}
	}
	return out
}
