package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newKMS(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kms",
		Short: "Make a key for the registration token",
		Long:  "Make a customer-managed KMS key for the registration token." + exitCodes(exitDone, exitUsage),
		Args:  cobra.NoArgs,
		RunE:  subcommandRequired,
	}
	cmd.AddCommand(newKMSCreate(a))
	return cmd
}

func newKMSCreate(a *app) *cobra.Command {
	var alias string
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Make a key with rotation on, and an alias",
		Long: `Make a customer-managed key with yearly rotation, a description and tags, and give it an alias. When the alias is
there already, its key is taken and no other one is made. A key costs money every month until it is deleted.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: "  semagent kms create --alias semagent-token",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return runKMSCreate(cmd.Context(), a, alias) },
	}
	cmd.Flags().StringVar(&alias, "alias", tokenKeyAlias, "`NAME` of the key, with or without alias/")
	return cmd
}

// keyReport is the answer of `semagent kms create`.
type keyReport struct {
	Alias    string `json:"alias"`
	ID       string `json:"id"`
	ARN      string `json:"arn"`
	Region   string `json:"region"`
	Rotation bool   `json:"rotation"`
	Created  bool   `json:"created"`
}

func runKMSCreate(ctx context.Context, a *app, alias string) error {
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	key, err := a.ensureKey(ctx, s, alias)
	if err != nil {
		return err
	}
	if a.json() {
		return a.printJSON(keyReport{Alias: key.Alias, ID: key.ID, ARN: key.ARN, Region: s.Region, Rotation: key.RotationEnabled, Created: key.Created})
	}
	if !key.Created {
		a.note("Nothing to do: the key is there.")
	}
	a.printf("%s  %s", key.Alias, key.ARN)
	return nil
}
