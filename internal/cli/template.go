package cli

import (
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/asset"
)

func newTemplate(a *app) *cobra.Command {
	var yaml bool
	cmd := &cobra.Command{
		Use:   "template",
		Short: "Print the CloudFormation template",
		Long: `Print the CloudFormation template that the settings make. It works offline and needs no credentials; what only
AWS knows is a placeholder, marked as such in the template's Metadata: the AMI when SEMAPHORE_AGENT_AMI is not set,
and the key's ARN when SEMAPHORE_AGENT_TOKEN_KMS_KEY is an alias. Equal settings give equal bytes.` +
			exitCodes(exitDone, exitFailed, exitUsage),
		Example: "  semagent template\n  semagent template --yaml > fleet.yaml",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return runTemplate(a, yaml) },
	}
	cmd.Flags().BoolVar(&yaml, "yaml", false, "print YAML instead of JSON")
	return cmd
}

func runTemplate(a *app, yaml bool) error {
	cfg, err := a.settings()
	if err != nil {
		return err
	}
	code, err := asset.Scaler()
	if err != nil {
		return err
	}
	doc, err := offlineTemplate(cfg, code.Digest)
	if err != nil {
		return err
	}
	body := doc.JSON
	if yaml {
		if body, err = doc.YAML(); err != nil {
			return err
		}
	}
	_, err = a.streams.Out.Write(body)
	return err
}
