package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// globals are the flags that every command has.
type globals struct {
	config    string
	set       []string
	stackName string
	region    string
	profile   string
	output    string
	yes       bool
	noColor   bool
	verbose   bool
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "semagent",
		Short: "Run an autoscaling fleet of Semaphore agents on AWS",
		Long: `semagent turns a Semaphore registration token into an autoscaling fleet of self-hosted CI agents in your
AWS account, and keeps that fleet healthy and cheap. It drives CloudFormation directly.

The way from nothing to a fleet, once per account and region:

  semagent bootstrap              make the bucket that holds the scaler's code
  semagent ami build              build the machine image of the agents
  semagent token put              store the registration token, encrypted
  semagent deploy                 show what would be made, ask, make it

Settings come from --set, the environment and a file, in this order; 'semagent config' shows them.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitNotApproved, exitCredentials, exitInterrupted),
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       a.version,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.applyGlobals()
		},
	}
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetOut(a.streams.Out)
	root.SetErr(a.streams.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usageError(cmd, err) })
	addGlobals(root, a)
	root.AddCommand(
		newBootstrap(a), newToken(a), newKMS(a), newAMI(a),
		newTemplate(a), newDiff(a), newDeploy(a), newDestroy(a),
		newRollback(a), newStatus(a), newList(a), newLogs(a), newConfig(a), newCompletion(a), newVersion(a),
	)
	wrapArgs(root)
	return root
}

func addGlobals(root *cobra.Command, a *app) {
	f := root.PersistentFlags()
	f.StringVar(&a.globals.config, "config", "", "settings `FILE`, YAML or JSON (else $SEMAPHORE_AGENT_STACK_CONFIG)")
	f.StringArrayVar(&a.globals.set, "set", nil, "one setting as `NAME=VALUE`; may be repeated; wins over environment and file")
	f.StringVar(&a.globals.stackName, "stack-name", "", "stack `NAME`; short for --set SEMAPHORE_AGENT_STACK_NAME=NAME")
	f.StringVar(&a.globals.region, "region", "", "AWS `REGION` (else $AWS_REGION, or the profile's)")
	f.StringVar(&a.globals.profile, "profile", "", "AWS `PROFILE` of the shared configuration files")
	f.StringVar(&a.globals.output, "output", outputText, "`FORMAT` of the answer: text or json")
	f.BoolVar(&a.globals.yes, "yes", false, "approve what would be asked")
	f.BoolVar(&a.globals.noColor, "no-color", false, "no colour (as NO_COLOR does)")
	f.BoolVar(&a.globals.verbose, "verbose", false, "say more")
}

// wrapArgs turns cobra's complaints about arguments into usage errors, which exit with 2.
func wrapArgs(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(cmd *cobra.Command, args []string) error {
			if err := check(cmd, args); err != nil {
				return usageError(cmd, err)
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		wrapArgs(sub)
	}
}

// exitCodes is the paragraph of a command's help that lists its own exit codes.
func exitCodes(codes ...int) string {
	meaning := map[int]string{
		exitDone:        "done, or nothing to do",
		exitFailed:      "failed",
		exitUsage:       "wrong usage or settings",
		exitNotApproved: "not approved",
		exitCredentials: "credentials or permissions",
		exitChanges:     "there are changes (only with --exit-code)",
		exitInterrupted: "interrupted",
	}
	slices.Sort(codes)
	var b strings.Builder
	b.WriteString("\n\nExit codes:\n")
	for _, code := range codes {
		fmt.Fprintf(&b, "  %-4d %s\n", code, meaning[code])
	}
	return strings.TrimRight(b.String(), "\n")
}

// subcommandRequired is the run function of a command that only groups others.
func subcommandRequired(cmd *cobra.Command, _ []string) error { return cmd.Help() }
