package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/spf13/cobra"

	"github.com/semagent/semagent/internal/config"
	"github.com/semagent/semagent/internal/secret"
	"github.com/semagent/semagent/internal/ui"
)

// tokenKeyAlias is the key that --create-kms-key makes or finds.
const tokenKeyAlias = "alias/semagent-token"

type tokenPutFlags struct {
	fromFile  string
	kmsKey    string
	createKey bool
	overwrite bool
}

func newTokenPut(a *app) *cobra.Command {
	var flags tokenPutFlags
	cmd := &cobra.Command{
		Use:   "put",
		Short: "Store the registration token, encrypted",
		Long: `Store the registration token in the SSM parameter that SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME names, as a
SecureString. The token is read from a hidden prompt on a terminal, else from stdin, or from a file. It is never an
argument, because arguments can be read by every process of the machine, and it is never shown.

An existing parameter is left alone unless --overwrite is given.` +
			exitCodes(exitDone, exitFailed, exitUsage, exitCredentials, exitInterrupted),
		Example: `  semagent token put
  semagent token put --from-file token.txt --overwrite
  pass show semaphore/token | semagent token put --create-kms-key`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := exclusive(cmd, "kms-key", "create-kms-key"); err != nil {
				return err
			}
			return runTokenPut(cmd.Context(), a, flags)
		},
	}
	f := cmd.Flags()
	f.StringVar(&flags.fromFile, "from-file", "", "read the token from `FILE`")
	f.StringVar(&flags.kmsKey, "kms-key", "", "encrypt under this `KEY`: id, ARN or alias (else SEMAPHORE_AGENT_TOKEN_KMS_KEY, else alias/aws/ssm)")
	f.BoolVar(&flags.createKey, "create-kms-key", false, "encrypt under "+tokenKeyAlias+", made when it is missing")
	f.BoolVar(&flags.overwrite, "overwrite", false, "replace the token that is there")
	return cmd
}

func runTokenPut(ctx context.Context, a *app, flags tokenPutFlags) error {
	cfg, err := a.settings(config.SettingTokenParameter)
	if err != nil {
		return err
	}
	token, err := a.readToken(ctx, flags.fromFile)
	if err != nil {
		return err
	}
	s, err := a.session(ctx)
	if err != nil {
		return err
	}
	key := flags.kmsKey
	if key == "" {
		key = cfg.TokenKMSKey
	}
	if flags.createKey {
		made, err := a.ensureKey(ctx, s, tokenKeyAlias)
		if err != nil {
			return err
		}
		key = made.Alias
	}
	result, err := secret.PutToken(ctx, ssm.NewFromConfig(s.Config), secret.PutInput{
		Name: cfg.TokenParameter, Token: token, KeyID: key, Overwrite: flags.overwrite,
	})
	if err != nil {
		return err
	}
	return a.reportToken(s, cfg, result)
}

// readToken takes the token from where the user put it, before anything is done in AWS.
func (a *app) readToken(ctx context.Context, path string) (secret.Token, error) {
	switch {
	case path != "":
		f, err := os.Open(path)
		if err != nil {
			return secret.Token{}, fail(exitUsage, "", "read the token: %w", err)
		}
		defer f.Close()
		return usable(secret.ReadToken(f))
	case a.streams.Interactive():
		text, err := a.streams.ReadSecret(ctx, "Registration token (hidden): ")
		if errors.Is(err, io.EOF) {
			text, err = "", nil
		}
		if errors.Is(err, ui.ErrMultiLine) {
			return secret.Token{}, fail(exitUsage, "", "the registration token has to be one line")
		}
		if err != nil {
			return secret.Token{}, err
		}
		return usable(secret.ReadToken(strings.NewReader(text)))
	default:
		return usable(secret.ReadToken(a.streams.In))
	}
}

func usable(token secret.Token, err error) (secret.Token, error) {
	if _, invalid := errors.AsType[*secret.InvalidTokenError](err); invalid {
		return secret.Token{}, fail(exitUsage, "copy the token of the agent type from Semaphore: Self-Hosted Agents, your agent type, Reset token", "%w", err)
	}
	return token, err
}

func (a *app) ensureKey(ctx context.Context, s *session, alias string) (secret.Key, error) {
	key, err := secret.CreateKey(ctx, kms.NewFromConfig(s.Config), secret.KeyInput{
		Alias: alias, Tags: map[string]string{tagManaged: "true"},
	})
	if err != nil {
		return secret.Key{}, err
	}
	for _, warning := range key.Warnings {
		a.warn("%s", warning)
	}
	if key.Created {
		a.note("Made KMS key %s (%s), with rotation on.", key.Alias, key.ID)
	}
	return key, nil
}

// tokenReport is the answer of `semagent token put`.
type tokenReport struct {
	Parameter string `json:"parameter"`
	Region    string `json:"region"`
	Version   int64  `json:"version"`
	KMSKey    string `json:"kmsKey"`
	Created   bool   `json:"created"`
}

func (a *app) reportToken(s *session, cfg *config.Config, r secret.Result) error {
	for _, warning := range r.Warnings {
		a.warn("%s", warning)
	}
	report := tokenReport{Parameter: r.Name, Region: s.Region, Version: r.Version, KMSKey: r.KeyID, Created: r.Created}
	if report.KMSKey == "" {
		report.KMSKey = "alias/aws/ssm"
	}
	if a.json() {
		return a.printJSON(report)
	}
	a.printf("Stored the registration token in %s in %s, version %d, encrypted under %s.", r.Name, s.Region, r.Version, report.KMSKey)
	if r.KeyID != "" && r.KeyID != cfg.TokenKMSKey {
		a.note("Deploy with this key, so that agents may decrypt the token:\n\n  export SEMAPHORE_AGENT_TOKEN_KMS_KEY=%s\n", r.KeyID)
	}
	return nil
}
