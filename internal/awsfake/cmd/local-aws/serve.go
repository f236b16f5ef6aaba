package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/semagent/semagent/internal/awsfake"
	"github.com/semagent/semagent/internal/awsfake/semaphore"
)

// serve runs until ctx ends.
func serve(ctx context.Context, s settings, stdout, stderr io.Writer) error {
	opts := awsfake.Options{Account: s.account, Region: s.region, Speed: s.speed, Images: s.images, FunctionBinary: s.function}
	if s.verbose {
		opts.Log = func(line string) { fmt.Fprintln(stderr, line) }
	}
	dir, err := os.MkdirTemp("", "local-aws-")
	if err != nil {
		return fmt.Errorf("make a folder for the certificate: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	certificate := filepath.Join(dir, "semaphore.pem")
	if s.token != "" {
		opts.FunctionEnv = []string{"SSL_CERT_FILE=" + certificate}
	}
	server := awsfake.New(opts)
	defer server.Close()
	url, err := server.StartOn("127.0.0.1:" + strconv.Itoa(s.port))
	if err != nil {
		return err
	}
	endpoint, closeSemaphore, err := startSemaphore(ctx, s, server, certificate)
	if err != nil {
		return err
	}
	defer closeSemaphore()
	announce(stdout, s, url, endpoint, certificate)
	<-ctx.Done()
	return nil
}

// startSemaphore serves a fake Semaphore whose agents are the instances in service; without a token there is none.
func startSemaphore(ctx context.Context, s settings, server *awsfake.Server, certificate string) (endpoint string, closeIt func(), err error) {
	if s.token == "" {
		return "", func() {}, nil
	}
	fake := semaphore.New(semaphore.Options{
		Token: s.token, TLS: true, Clock: server.Clock(), Machines: server.InService,
		Retire: func(id string) error { return server.Retire(id, true) },
		Agent:  semaphore.Agent{DisconnectAfterJob: s.afterJob, IdleTimeout: 5 * time.Minute},
	})
	endpoint, err = fake.Start(ctx)
	if err == nil {
		err = fake.WriteCertificate(certificate)
	}
	return endpoint, fake.Close, err
}

func announce(w io.Writer, s settings, url, endpoint, certificate string) {
	fmt.Fprintf(w, "# local AWS: account %s, %g times as fast as the wall's clock; end it with Ctrl-C\n", s.account, s.speed)
	for _, v := range [][2]string{
		{"AWS_ENDPOINT_URL", url},
		{"AWS_REGION", s.region},
		{"AWS_ACCESS_KEY_ID", "local"},
		{"AWS_SECRET_ACCESS_KEY", "local"},
		{"AWS_EC2_METADATA_DISABLED", "true"},
	} {
		fmt.Fprintf(w, "export %s=%s\n", v[0], v[1])
	}
	if endpoint != "" {
		fmt.Fprintf(w, "export SEMAPHORE_ENDPOINT=%s\nexport SSL_CERT_FILE=%s\n", endpoint, certificate)
	}
}
