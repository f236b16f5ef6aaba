package scaler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"github.com/semagent/semagent/internal/semaphore"
)

// fakeGroup is one Auto Scaling group named agents.
type fakeGroup struct {
	min, max, desired int32
	suspended         []string
	instances         []astypes.LifecycleState // named i-0, i-1 and so on
	named             map[string]astypes.LifecycleState
	activities        []astypes.Activity // newest first
	status            *string
	gone              bool

	describe, set, suspend, record func(ctx context.Context) error // run before the call; an error is the call's
	sets                           []int32
	suspends, reads                int
}

func run(ctx context.Context, hook func(context.Context) error) error {
	if hook == nil {
		return ctx.Err()
	}
	return hook(ctx)
}

func (g *fakeGroup) DescribeAutoScalingGroups(ctx context.Context, in *autoscaling.DescribeAutoScalingGroupsInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeAutoScalingGroupsOutput, error) {
	if err := run(ctx, g.describe); err != nil {
		return nil, err
	}
	out := &autoscaling.DescribeAutoScalingGroupsOutput{}
	if g.gone || len(in.AutoScalingGroupNames) != 1 || in.AutoScalingGroupNames[0] != "agents" {
		return out, nil
	}
	group := astypes.AutoScalingGroup{
		AutoScalingGroupName: aws.String("agents"),
		MinSize:              aws.Int32(g.min), MaxSize: aws.Int32(g.max), DesiredCapacity: aws.Int32(g.desired),
		Status: g.status,
	}
	for _, name := range g.suspended {
		group.SuspendedProcesses = append(group.SuspendedProcesses, astypes.SuspendedProcess{ProcessName: aws.String(name)})
	}
	for i, state := range g.instances {
		group.Instances = append(group.Instances, astypes.Instance{InstanceId: aws.String(fmt.Sprintf("i-%d", i)), LifecycleState: state})
	}
	for id, state := range g.named {
		group.Instances = append(group.Instances, astypes.Instance{InstanceId: aws.String(id), LifecycleState: state})
	}
	out.AutoScalingGroups = []astypes.AutoScalingGroup{group}
	return out, nil
}

func (g *fakeGroup) SetDesiredCapacity(ctx context.Context, in *autoscaling.SetDesiredCapacityInput, _ ...func(*autoscaling.Options)) (*autoscaling.SetDesiredCapacityOutput, error) {
	if err := run(ctx, g.set); err != nil {
		return nil, err
	}
	n := aws.ToInt32(in.DesiredCapacity)
	if n > g.max || n < g.min || aws.ToString(in.AutoScalingGroupName) != "agents" || aws.ToBool(in.HonorCooldown) {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "New SetDesiredCapacity value is out of range"}
	}
	g.desired = n
	g.sets = append(g.sets, n)
	return &autoscaling.SetDesiredCapacityOutput{}, nil
}

func (g *fakeGroup) DescribeScalingActivities(ctx context.Context, in *autoscaling.DescribeScalingActivitiesInput, _ ...func(*autoscaling.Options)) (*autoscaling.DescribeScalingActivitiesOutput, error) {
	g.reads++
	if err := run(ctx, g.record); err != nil {
		return nil, err
	}
	if aws.ToString(in.AutoScalingGroupName) != "agents" || aws.ToInt32(in.MaxRecords) > 100 {
		return nil, &smithy.GenericAPIError{Code: "ValidationError"}
	}
	return &autoscaling.DescribeScalingActivitiesOutput{Activities: g.activities}, nil
}

func (g *fakeGroup) SuspendProcesses(ctx context.Context, in *autoscaling.SuspendProcessesInput, _ ...func(*autoscaling.Options)) (*autoscaling.SuspendProcessesOutput, error) {
	g.suspends++
	if err := run(ctx, g.suspend); err != nil {
		return nil, err
	}
	g.suspended = append(g.suspended, in.ScalingProcesses...)
	return &autoscaling.SuspendProcessesOutput{}, nil
}

// fakeParameters holds SSM parameters by name.
type fakeParameters struct {
	values     map[string]string
	get        func(ctx context.Context) error
	reads      int
	writes     []string
	writeError error
}

func (p *fakeParameters) GetParameter(ctx context.Context, in *ssm.GetParameterInput, _ ...func(*ssm.Options)) (*ssm.GetParameterOutput, error) {
	p.reads++
	if err := run(ctx, p.get); err != nil {
		return nil, err
	}
	value, ok := p.values[aws.ToString(in.Name)]
	if !ok || !aws.ToBool(in.WithDecryption) {
		return nil, &ssmtypes.ParameterNotFound{}
	}
	return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{Value: aws.String(value)}}, nil
}

func (p *fakeParameters) PutParameter(_ context.Context, in *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	if p.writeError != nil {
		return nil, p.writeError
	}
	if !aws.ToBool(in.Overwrite) || in.Type != ssmtypes.ParameterTypeString {
		return nil, errors.New("not an overwrite of a String")
	}
	p.values[aws.ToString(in.Name)] = aws.ToString(in.Value)
	p.writes = append(p.writes, aws.ToString(in.Value))
	return &ssm.PutParameterOutput{}, nil
}

// fakeSemaphore accepts one token and remembers when it was asked.
type fakeSemaphore struct {
	token string
	jobs  semaphore.Jobs
	// agents are what is answered; nil: one idle, and one for each running job.
	agents *semaphore.Agents
	ask    func(ctx context.Context) error
	asked  []time.Time
}

func (f *fakeSemaphore) Occupancy(ctx context.Context, token string) (semaphore.Occupancy, error) {
	f.asked = append(f.asked, time.Now())
	if err := run(ctx, f.ask); err != nil {
		return semaphore.Occupancy{}, err
	}
	if token != f.token {
		return semaphore.Occupancy{}, semaphore.ErrUnauthorized
	}
	agents := semaphore.Agents{Idle: 1, Occupied: f.jobs.Running}
	if f.agents != nil {
		agents = *f.agents
	}
	return semaphore.Occupancy{Jobs: f.jobs, Agents: &agents}, nil
}

// world is a scaler with everything around it. It starts with one free place for two queued jobs.
type world struct {
	*Scaler
	group  *fakeGroup
	params *fakeParameters
	sem    *fakeSemaphore
	log    *bytes.Buffer
	emf    *bytes.Buffer
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		group:  &fakeGroup{max: 10, desired: 1, suspended: []string{azRebalance}},
		params: &fakeParameters{values: map[string]string{"/ci/token": "tok"}},
		sem:    &fakeSemaphore{token: "tok", jobs: semaphore.Jobs{Queued: 2, Running: 1}},
		log:    &bytes.Buffer{},
		emf:    &bytes.Buffer{},
	}
	w.Scaler = &Scaler{
		AutoScaling: w.group, Parameters: w.params, Semaphore: w.sem,
		StackName: "fleet", Group: "agents", TokenParameter: "/ci/token",
		Log: slog.New(slog.NewJSONHandler(w.log, nil)), Metrics: w.emf,
	}
	return w
}

// minute runs one invocation of a function with a time-out of 60 s.
func (w *world) minute(t *testing.T) error {
	t.Helper()
	return w.Run(t.Context(), time.Now().Add(time.Minute))
}

// once makes a hook that acts on its first call only.
func once(f func(context.Context) error) func(context.Context) error {
	called := false
	return func(ctx context.Context) error {
		if called {
			return ctx.Err()
		}
		called = true
		return f(ctx)
	}
}

func failing(err error) func(context.Context) error {
	return func(context.Context) error { return err }
}

func hanging(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

type panickyWriter struct{}

func (panickyWriter) Write([]byte) (int, error) { panic("no log") }

type fullWriter struct{}

func (fullWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
