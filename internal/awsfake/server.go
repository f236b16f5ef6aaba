package awsfake

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/clock"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

// Server is one local AWS: an account in a region, in memory. It is an http.Handler; Start serves it on loopback. Close ends
// everything that it started.
type Server struct {
	opts    Options
	core    *core
	journal journal
	control http.Handler

	services       map[string]*service
	cloudFormation *service
	engine         *cfn.Engine

	kms         *kmsService
	ssm         *ssmService
	s3          *s3Service
	iam         *iamService
	sns         *snsService
	ec2         *ec2Service
	autoscaling *autoscalingService
	logs        *logsService
	lambda      *lambdaService
	events      *eventsService

	stop context.CancelFunc
	http *http.Server
	done sync.WaitGroup
}

// New returns a local AWS that holds what Options say and nothing else.
func New(opts Options) *Server {
	opts = opts.withDefaults()
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{opts: opts, stop: stop, core: &core{
		clock: clock.New(opts.Speed), partition: partitionOf(opts.Region), account: opts.Account, region: opts.Region, ctx: ctx,
	}}
	s.makeServices()
	s.makeEngine()
	s.control = s.controlSurface()
	s.events.report = s.journal.add
	for name, id := range opts.Images {
		s.ec2.addImage(name, id)
	}
	return s
}

func (s *Server) makeServices() {
	c := s.core
	s.kms = newKMS(c)
	s.ssm = newSSM(c, s.kms)
	s.s3 = newS3(c)
	s.iam = newIAM(c)
	s.sns = newSNS(c)
	s.ec2 = newEC2(c)
	s.autoscaling = newAutoScaling(c, s.ec2, s.iam, s.opts.BootTime)
	s.logs = newLogs(c)
	s.lambda = newLambda(c, s.s3, s.logs, s.iam, s.opts)
	s.events = newEvents(c, s.lambda, s.opts.NoSchedules)
	s.cloudFormation = &service{name: "cloudformation", protocol: protocol{kind: query}}
	s.services = map[string]*service{}
	for _, svc := range []*service{
		s.cloudFormation, newSTS(c).service(), s.kms.service(), s.ssm.service(), s.s3.service(), s.iam.service(), s.sns.service(),
		s.ec2.service(), s.autoscaling.service(), s.logs.service(), s.lambda.service(), s.events.service(),
	} {
		s.services[svc.name] = svc
	}
}

func (s *Server) makeEngine() {
	handlers := map[string]cfn.Handler{}
	for _, group := range []map[string]cfn.Handler{
		s.kms.handlers(), s.ssm.handlers(), s.s3.handlers(), s.iam.handlers(), s.sns.handlers(), s.ec2.handlers(),
		s.autoscaling.handlers(), s.logs.handlers(), s.lambda.handlers(), s.events.handlers(), s.opts.Handlers,
	} {
		maps.Copy(handlers, group)
	}
	s.engine = cfn.New(cfn.Options{
		Partition: s.core.partition, Account: s.core.account, Region: s.core.region, Clock: s.core.clock, Handlers: handlers,
		Zones: s.core.zones, ParameterValue: s.ssm.resolve, Fail: s.core.faults.ForResource, Duration: s.opts.ResourceDuration,
		CheckBody: s.s3.fetch,
	})
}

// Start serves the local AWS on a free port of 127.0.0.1 and returns its address, which is what AWS_ENDPOINT_URL wants.
func (s *Server) Start() (url string, err error) {
	return s.StartOn("127.0.0.1:0")
}

// StartOn is Start at a given host and port.
func (s *Server) StartOn(address string) (url string, err error) {
	listener, err := (&net.ListenConfig{}).Listen(s.core.ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("listen for the local AWS: %w", err)
	}
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.done.Go(func() { _ = s.http.Serve(listener) }) // it always ends with ErrServerClosed
	url = "http://" + listener.Addr().String()
	s.lambda.setEndpoint(url)
	return url, nil
}

// Close stops serving, ends every function's process, and waits for all that the server started.
func (s *Server) Close() {
	s.core.mu.Lock()
	s.stop()
	s.core.mu.Unlock()
	s.engine.Stop()
	s.lambda.close()
	if s.http != nil {
		_ = s.http.Close()
	}
	s.core.pending.Wait()
	s.done.Wait()
}

// Faults is the script of what goes wrong; it may be changed at any time.
func (s *Server) Faults() *fault.Script { return &s.core.faults }

// Calls are the AWS calls so far, oldest first.
func (s *Server) Calls() []Call { return s.journal.all() }

// Clock is the local AWS's time.
func (s *Server) Clock() *clock.Clock { return s.core.clock }
