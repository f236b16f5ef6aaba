package node

import (
	"context"
	"fmt"
	"os"
)

// boot is what a start gathers from the metadata service and from AWS before it writes anything.
type boot struct {
	*instance
	settings   settings
	name       string
	token      string
	knownHosts []byte
}

// gather reads all that an agent needs. What does not depend on another answer is asked at the same time.
func (m *Machine) gather(ctx context.Context, i *instance, parameter string) (*boot, error) {
	b := &boot{instance: i, name: agentName(i.InstanceID)}
	err := m.step(ctx, "configuration", func(ctx context.Context) error {
		return m.persist(ctx, func(ctx context.Context) (err error) {
			b.settings, err = i.readSettings(ctx, parameter)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	steps := []func(context.Context) error{
		func(ctx context.Context) error { return m.step(ctx, "token", m.persistent(b.readToken)) },
		func(ctx context.Context) error { return m.step(ctx, "known hosts", m.persistent(b.readKnownHosts)) },
	}
	if b.settings.PreSignedURL {
		steps = append(steps, func(ctx context.Context) error { return m.step(ctx, "name", m.persistent(b.signName)) })
	}
	return b, parallel(ctx, steps...)
}

func (m *Machine) persistent(do func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error { return m.persist(ctx, do) }
}

func (i *instance) readSettings(ctx context.Context, parameter string) (settings, error) {
	value, err := i.parameter(ctx, parameter)
	if err != nil {
		return settings{}, err
	}
	return parseSettings(value)
}

func (b *boot) readToken(ctx context.Context) (err error) {
	b.token, err = b.parameter(ctx, b.settings.TokenParameter)
	return err
}

func (b *boot) readKnownHosts(ctx context.Context) error {
	value, err := b.parameter(ctx, b.settings.KnownHostsParameter)
	if err != nil {
		return err
	}
	b.knownHosts, err = knownHosts(value)
	return err
}

func (b *boot) signName(ctx context.Context) (err error) {
	b.name, err = b.presignedName(ctx)
	return err
}

// write puts the agent's files in place, the one with the token last and for the agent's eyes only.
func (m *Machine) write(b *boot) error {
	agent, err := m.agentOwner()
	if err != nil {
		return err
	}
	home, err := m.openTree(homeDir, agent)
	if err != nil {
		return fmt.Errorf("open the agent's home: %w", err)
	}
	defer home.Close()
	if err := home.writeHome(b); err != nil {
		return err
	}
	dir, err := m.openTree(agentDir, agent)
	if err != nil {
		return fmt.Errorf("open the agent's directory: %w", err)
	}
	defer dir.Close()
	return dir.write(configFile, newAgentConfig(b.settings, b.name, b.token).yaml(), 0o600)
}

func (t *tree) writeHome(b *boot) error {
	for _, dir := range []struct {
		name string
		mode os.FileMode
	}{{".ssh", 0o700}, {".aws", 0o755}} {
		if err := t.mkdir(dir.name, dir.mode); err != nil {
			return err
		}
	}
	if err := t.write(".ssh/known_hosts", b.knownHosts, 0o644); err != nil {
		return err
	}
	return t.write(".aws/config", []byte(awsProfiles(b.Region)), 0o644)
}

// awsProfiles tells the tools of a job their region. The second profile has the name that hooks written for the reference
// stack use; without credentials of its own it means the instance's role.
func awsProfiles(region string) string {
	return fmt.Sprintf("[default]\nregion = %[1]s\n\n[profile semaphore__agent-aws-stack-instance-profile]\nregion = %[1]s\n", region)
}
