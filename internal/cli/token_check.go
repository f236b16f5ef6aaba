package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/secret"
	"github.com/semagent/semagent/internal/semaphore"
	"github.com/semagent/semagent/internal/ui"
)

func newTokenCheck(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the parameter, and whether Semaphore takes the token",
		Long: `Show what SSM knows of the token's parameter, never its value, and ask Semaphore's metrics API with the token
whether it is valid.` + exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent token check\n  semagent token check --output json",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runTokenCheck(cmd.Context(), a) },
	}
}

// tokenCheck is the answer of `semagent token check`.
type tokenCheck struct {
	Parameter    string    `json:"parameter"`
	Region       string    `json:"region"`
	Type         string    `json:"type"`
	KMSKey       string    `json:"kmsKey"`
	Version      int64     `json:"version"`
	LastModified time.Time `json:"lastModified"`
	Endpoint     string    `json:"endpoint"`
	Queued       int       `json:"queued"`
	Running      int       `json:"running"`
}

func runTokenCheck(ctx context.Context, a *app) error {
	cfg, err := a.settings(config.SettingTokenParameter, config.SettingOrganization)
	if err != nil {
		return err
	}
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	api := ssm.NewFromConfig(s.Config)
	parameter, err := secret.CheckToken(ctx, api, cfg.TokenParameter)
	if err != nil {
		return err
	}
	check := tokenCheck{
		Parameter: parameter.Name, Region: s.Region, Type: parameter.Type, KMSKey: parameter.KeyID,
		Version: parameter.Version, LastModified: parameter.LastModified, Endpoint: cfg.Endpoint,
	}
	if parameter.Type != "SecureString" {
		a.warn("parameter %s is a %s: the token lies there in clear", parameter.Name, parameter.Type)
	}
	token, err := secret.Reveal(ctx, api, cfg.TokenParameter)
	if err != nil {
		return err
	}
	client, err := semaphore.New(cfg.Endpoint, semaphore.Options{Version: a.version})
	if err != nil {
		return err
	}
	occupancy, err := client.Occupancy(ctx, token.Expose())
	if err != nil {
		return err
	}
	check.Queued, check.Running = occupancy.Jobs.Queued, occupancy.Jobs.Running
	if a.json() {
		return a.printJSON(check)
	}
	return check.print(a.streams.Out)
}

func (c tokenCheck) print(out *ui.Output) error {
	a := ui.Table{Rows: [][]string{
		{"Parameter", c.Parameter + " (" + c.Region + ")"},
		{"Type", c.Type},
		{"KMS key", c.KMSKey},
		{"Version", fmt.Sprintf("%d, ", c.Version) + ui.Ago(c.LastModified, time.Now())},
		{"Semaphore", fmt.Sprintf("%s takes the token: %d queued, %d running", c.Endpoint, c.Queued, c.Running)},
	}, Flex: 1}
	return a.Write(out)
}
