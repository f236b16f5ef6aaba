// Command local-aws serves the local AWS on loopback until it is interrupted, and a fake Semaphore beside it if asked to. It prints what
// to set in the environment, and leaves nothing behind.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	s, err := parse(args, stderr)
	if err != nil {
		return 2
	}
	if err := serve(ctx, s, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "local-aws: error: %v\n", err)
		return 1
	}
	return 0
}

// images collects the -image flags.
type images map[string]string

func (i images) String() string { return "" }

// Set takes one name=ami-id.
func (i images) Set(v string) error {
	name, id, ok := strings.Cut(v, "=")
	if !ok || name == "" || !strings.HasPrefix(id, "ami-") {
		return fmt.Errorf("want name=ami-id")
	}
	i[name] = id
	return nil
}

type settings struct {
	port            int
	speed           float64
	images          images
	region, account string
	function, token string
	verbose         bool
	afterJob        bool
}

func parse(args []string, stderr io.Writer) (settings, error) {
	s := settings{images: images{}}
	f := flag.NewFlagSet("local-aws", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&s.port, "port", 0, "port on 127.0.0.1; 0 takes a free one")
	f.Float64Var(&s.speed, "speed", 200, "how many times as fast as the wall's clock the local AWS lives")
	f.Var(s.images, "image", "an AMI of the account's own, name=ami-id; may be given again")
	f.StringVar(&s.region, "region", "us-east-1", "the region")
	f.StringVar(&s.account, "account", "123456789012", "the account's ID")
	f.StringVar(&s.function, "function", "", "executable that stands for the code of every Lambda function")
	f.StringVar(&s.token, "semaphore-token", "", "serve a fake Semaphore too, which takes this registration token")
	f.BoolVar(&s.afterJob, "disconnect-after-job", true, "agents of the fake Semaphore run one job each")
	f.BoolVar(&s.verbose, "verbose", false, "print every call to stderr")
	err := f.Parse(args)
	if err == nil && f.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", f.Arg(0))
		fmt.Fprintf(stderr, "local-aws: error: %v\n", err)
	}
	return s, err
}
