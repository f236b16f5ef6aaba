package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/semagent/semagent/internal/scaler"
	"github.com/semagent/semagent/internal/semaphore"
)

type task func(ctx context.Context, deadline time.Time) error

// newTask makes the task that SEMAGENT_TASK names, scale or maintain.
func newTask(getenv func(string) string, metrics io.Writer, log *slog.Logger) (task, error) {
	env := environment{getenv: getenv}
	var t task
	switch name := env.required("SEMAGENT_TASK"); name {
	case "scale":
		t = scaleTask(&env, metrics, log)
	case "maintain":
		t = maintainTask(&env, log)
	default:
		env.refuse("SEMAGENT_TASK is %q: must be scale or maintain", name)
	}
	return t, env.err()
}

func scaleTask(env *environment, metrics io.Writer, log *slog.Logger) task {
	overprovision, err := scaler.ParseOverprovision(
		env.getenv("SEMAPHORE_AGENT_OVERPROVISION_STRATEGY"),
		env.getenv("SEMAPHORE_AGENT_OVERPROVISION_FACTOR"),
	)
	env.check(err)
	client, err := semaphore.New(env.required("SEMAPHORE_ENDPOINT"), semaphore.Options{
		Version: env.getenv("SEMAGENT_VERSION"),
	})
	env.check(err)
	config := awsConfig(env)
	s := &scaler.Scaler{
		AutoScaling:    autoscaling.NewFromConfig(config),
		Parameters:     ssm.NewFromConfig(config),
		Semaphore:      client,
		StackName:      env.required("SEMAPHORE_AGENT_STACK_NAME"),
		Group:          env.required("SEMAGENT_GROUP_NAME"),
		TokenParameter: env.required("SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME"),
		Overprovision:  overprovision,
		BootTime:       env.duration("SEMAGENT_BOOT_TIME"),
		Log:            log,
		Metrics:        metrics,
	}
	return s.Run
}

func maintainTask(env *environment, log *slog.Logger) task {
	config := awsConfig(env)
	m := &scaler.Maintenance{
		AutoScaling:         autoscaling.NewFromConfig(config),
		Parameters:          ssm.NewFromConfig(config),
		Group:               env.required("SEMAGENT_GROUP_NAME"),
		KnownHostsParameter: env.required("SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME"),
		// For tests and the demo, which have no GitHub; no template sets it.
		MetaURL: env.getenv("SEMAGENT_GITHUB_META_URL"),
		Log:     log,
	}
	return func(ctx context.Context, _ time.Time) error {
		err := m.Run(ctx)
		if err != nil {
			log.ErrorContext(ctx, "maintenance failed", "error", err.Error())
		}
		return err
	}
}

// environment collects what is wrong with the function's environment, all of it.
type environment struct {
	getenv   func(string) string
	problems []error
}

func (e *environment) required(name string) string {
	value := e.getenv(name)
	if value == "" {
		e.refuse("%s is not set", name)
	}
	return value
}

// duration is zero where the variable is not set.
func (e *environment) duration(name string) time.Duration {
	value := e.getenv(name)
	if value == "" {
		return 0
	}
	d, err := time.ParseDuration(value)
	if err != nil || d <= 0 {
		e.refuse("%s is %q: must be a duration like 20m", name, value)
	}
	return d
}

func (e *environment) refuse(format string, args ...any) {
	e.problems = append(e.problems, fmt.Errorf(format, args...))
}

func (e *environment) check(err error) {
	if err != nil {
		e.problems = append(e.problems, err)
	}
}

func (e *environment) err() error { return errors.Join(e.problems...) }
