// Package lookup owns what AWS already holds before any change set: the account, the network, the AMI, the token
// parameter and its key, the live group. It only reads, never a secret's value, and refuses to word the commands
// that put things right: it names the kind of fix.
package lookup

import (
	"context"
	"sync"

	"github.com/semagent/semagent/internal/config"
)

// Request is what Resolve needs beside the settings.
type Request struct {
	Caller    Caller // what Identity said; zero: Resolve asks
	Region    string // region that the clients talk to
	ImageName string // AMI to look for where the settings name none
	GroupName string // the fleet's Auto Scaling group; empty: found by its stack's tags
	// AssetBucket names the bucket that a deployment uploads to; nil when it uploads nothing.
	AssetBucket func(account, region string) string
}

// Facts is what AWS holds that a deployment depends on.
type Facts struct {
	Account, Region, Partition string

	VPCID             string   // the VPC given, else the default VPC; empty when it may not be looked up
	Subnets           []Subnet // the subnets given, else the default VPC's default subnets
	ImageID           string
	ImageName         string
	ImageArchitecture string // as EC2 says it: "x86_64" or "arm64"; empty when it may not be looked up
	KeyARN            string // customer-managed key of the token parameter; empty for alias/aws/ssm
	LiveDesired       *int   // live desired capacity; nil when there is no group
	GroupName         string // empty when there is no group
	AssetBucket       string

	Warnings []string // what will work but was hardly meant, and what could not be checked
}

// Resolve looks up everything at once. What stands in the way of a deployment comes back as Problems, all of it,
// with the facts that were found beside it. Any other error (credentials, network) ends the look-up at once.
func Resolve(ctx context.Context, clients Clients, cfg *config.Config, req Request) (Facts, error) {
	caller := req.Caller
	if caller == (Caller{}) {
		var err error
		if caller, err = Identity(ctx, clients.STS); err != nil {
			return Facts{}, err
		}
	}
	r := &resolver{Clients: clients, cfg: cfg, req: req, facts: Facts{
		Account: caller.Account, Region: req.Region, Partition: caller.Partition,
	}}
	steps := []step{r.image, r.machine, r.network, r.token, r.cacheBucket, r.assetBucket, r.group}
	reports, err := runAll(ctx, req.Region, steps)
	if err != nil {
		return Facts{}, err
	}
	r.matchArchitecture(&reports[0])
	var problems Problems
	for _, report := range reports {
		r.facts.Warnings = append(r.facts.Warnings, report.warnings...)
		problems = append(problems, report.problems...)
	}
	if len(problems) > 0 {
		return r.facts, problems
	}
	return r.facts, nil
}

// resolver is the state of one Resolve. The steps run at the same time, so each writes only the facts that it owns.
type resolver struct {
	Clients
	cfg           *config.Config
	req           Request
	facts         Facts
	architectures map[string][]string // what each instance type runs; none when unknown
}

type step func(context.Context, *report) error

// runAll runs the steps at the same time and returns their reports in the steps' order. The first step that fails
// cancels the others, and its error is returned rather than theirs.
func runAll(ctx context.Context, region string, steps []step) ([]report, error) {
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	reports := make([]report, len(steps))
	var group sync.WaitGroup
	for i, run := range steps {
		reports[i].region = region
		group.Go(func() {
			if err := run(running, &reports[i]); err != nil {
				cancel(err)
			}
		})
	}
	group.Wait()
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	return reports, context.Cause(running)
}
