package cli

import "github.com/spf13/cobra"

func newToken(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Store and check the registration token",
		Long:  "Store the agent type's registration token in an encrypted SSM parameter, and check that Semaphore takes it." + exitCodes(exitDone, exitUsage),
		Args:  cobra.NoArgs,
		RunE:  subcommandRequired,
	}
	cmd.AddCommand(newTokenPut(a), newTokenCheck(a))
	return cmd
}
