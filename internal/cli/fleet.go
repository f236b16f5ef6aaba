package cli

import (
	"context"
	"errors"

	"github.com/semagent/semagent/internal/asset"
	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/deploy"
	"github.com/semagent/semagent/internal/lookup"
	"github.com/semagent/semagent/internal/scaler"
	"github.com/semagent/semagent/internal/template"
	"github.com/semagent/semagent/packer"
)

// fleet is the fleet's stack as this invocation wants it, and as it is.
type fleet struct {
	*session
	cfg   *config.Config
	code  asset.Bundle
	facts lookup.Facts
	stack *deploy.Stack // nil when it does not exist
	// remains is a stack that a failed creation left, which has to go before there can be a new one; nil for none.
	remains *deploy.StateError
	doc     template.Document

	revertDrift bool // also bring back what was changed outside CloudFormation
}

// fleet goes from settings to template. Nothing in AWS is changed.
func (a *app) fleet(ctx context.Context) (*fleet, error) {
	f := &fleet{}
	steps := []func(context.Context, *app) error{
		f.readSettings,
		f.openScaler,
		f.openSession,
		f.findStack,
		f.lookUp,
		f.buildTemplate,
	}
	for _, step := range steps {
		if err := step(ctx, a); err != nil {
			return nil, err
		}
	}
	return f, nil
}

func (f *fleet) readSettings(_ context.Context, a *app) (err error) {
	f.cfg, err = a.settings()
	return err
}

func (f *fleet) openScaler(context.Context, *app) (err error) {
	f.code, err = asset.Scaler()
	return err
}

func (f *fleet) openSession(ctx context.Context, a *app) (err error) {
	f.session, err = a.session(ctx)
	return err
}

func (f *fleet) findStack(ctx context.Context, _ *app) error {
	stack, err := f.engine.Stack(ctx, f.cfg.StackName)
	if errors.Is(err, deploy.ErrStackNotFound) {
		return nil
	}
	if err == nil {
		err = f.engine.CheckUpdate(ctx, stack)
	}
	if state, ok := recreatable(err); ok {
		f.remains = state
		return nil
	}
	f.stack = stack
	return err
}

func (f *fleet) lookUp(ctx context.Context, a *app) error {
	image, err := f.imageToFind()
	if err != nil {
		return err
	}
	f.facts, err = lookup.Resolve(ctx, lookup.NewClients(f.Config), f.cfg, lookup.Request{
		Caller: f.Caller, Region: f.Region, ImageName: image, AssetBucket: asset.BucketName,
	})
	for _, warning := range f.facts.Warnings {
		a.warn("%s", warning)
	}
	return err
}

// imageToFind is the name of the AMI to look for; empty where the settings name one, which needs no recipe.
func (f *fleet) imageToFind() (string, error) {
	if f.cfg.ImageID != "" {
		return "", nil
	}
	return packer.ImageName(f.cfg.OS, f.cfg.Arch)
}

func (f *fleet) buildTemplate(ctx context.Context, a *app) error {
	desired, err := f.desiredCapacity(ctx)
	if err != nil {
		return err
	}
	f.doc, err = template.Build(template.Inputs{
		Config:          *f.cfg,
		ImageID:         f.facts.ImageID,
		TokenKMSKeyARN:  f.facts.KeyARN,
		DesiredCapacity: desired,
		ScalerDigest:    f.code.Digest,
		FunctionSubnets: f.functionSubnets(a),
		KnownHosts:      scaler.KnownHosts(),
	})
	return err
}

// desiredCapacity is what the template says of the group's size. docs/design/2026-11-desired-capacity.md has the
// reasons.
func (f *fleet) desiredCapacity(ctx context.Context) (int, error) {
	if f.stack == nil || f.facts.LiveDesired == nil {
		return f.cfg.DesiredCapacity, nil
	}
	body, err := f.engine.Template(ctx, f.stack.ID)
	if err != nil {
		return 0, err
	}
	deployed, ok := template.Capacity(body)
	return capacity(f.cfg, deployed, ok, *f.facts.LiveDesired), nil
}

// capacity keeps the value that is deployed, because CloudFormation leaves a live group's size alone as long as the
// template's does not change. It changes only when the user set another one, or when the deployed value no longer lies between
// the limits; then the live one, moved between the limits as Auto Scaling itself would, takes its place.
func capacity(cfg *config.Config, deployed int, known bool, live int) int {
	switch {
	case cfg.IsSet(config.SettingDesiredCapacity):
		return cfg.DesiredCapacity
	case known && deployed >= cfg.MinSize && deployed <= cfg.MaxSize:
		return deployed
	default:
		return min(max(live, cfg.MinSize), cfg.MaxSize)
	}
}

// request is the change set that brings the stack to the template.
func (f *fleet) request(version string) deploy.Request {
	return deploy.Request{
		StackName:    f.cfg.StackName,
		Template:     f.doc.JSON,
		Tags:         f.stackTags(version),
		Capabilities: []string{"CAPABILITY_IAM"},
		RevertDrift:  f.revertDrift && f.stack != nil, // a new stack has none
	}
}

// stackTags are the user's too: CloudFormation hands a stack's tags down to whatever it makes.
func (f *fleet) stackTags(version string) map[string]string {
	tags := stackTags(version)
	for _, tag := range f.cfg.Tags {
		tags[tag.Key] = tag.Value
	}
	return tags
}

// stackTags are the tags of a stack beside the one that marks it as semagent's own, which the engine adds.
func stackTags(version string) map[string]string {
	return map[string]string{tagVersion: version}
}

const (
	tagManaged = "semagent:managed"
	tagVersion = "semagent:version"
)
