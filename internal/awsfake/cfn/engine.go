package cfn

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/clock"
	"github.com/semagent/semagent/internal/awsfake/schema"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// Options is what an Engine needs of the rest of the local AWS. Partition, Account, Region and Clock are required.
type Options struct {
	Partition, Account, Region string
	Clock                      *clock.Clock
	// Handlers give resource types an effect. A type without one is checked against its schema and remembered.
	Handlers map[string]Handler
	// Zones is what Fn::GetAZs gives; nil means the region's first three.
	Zones func() []string
	// ParameterValue reads SSM parameters, for dynamic references and parameter types. An empty version means the latest.
	ParameterValue func(name, version string, decrypt bool) (string, error)
	// Fail scripts faults: an error makes the operation (CREATE, UPDATE or DELETE) on the resource fail with its text. It may be nil.
	Fail func(stackName, logicalID, resourceType, op string) error
	// Duration is the simulated time of an operation on a resource, or of the creation of a change set
	// (AWS::CloudFormation::ChangeSet, CREATE). Nil means plausible times.
	Duration func(resourceType, op string) time.Duration
	// CheckBody fetches the template that a TemplateURL names.
	CheckBody func(url string) ([]byte, error)
}

// Engine is one account's CloudFormation in one region. Its methods may be called at the same time.
type Engine struct {
	opt     Options
	schemas *schema.Set
	ctx     context.Context // it ends with Stop
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	stacks []*stack // oldest first, deleted ones too
}

// New returns an engine with no stacks. Stop ends what it runs. It panics when the embedded schemas are damaged.
func New(o Options) *Engine {
	schemas, err := schema.Load()
	if err != nil {
		panic(err)
	}
	if o.Zones == nil {
		o.Zones = func() []string { return []string{o.Region + "a", o.Region + "b", o.Region + "c"} }
	}
	if o.Duration == nil {
		o.Duration = plausibleDuration
	}
	ctx, stop := context.WithCancel(context.Background())
	return &Engine{opt: o, schemas: schemas, ctx: ctx, stop: stop}
}

// Stop cancels every running operation and waits for them to end.
func (e *Engine) Stop() {
	e.stop()
	e.running.Wait()
}

// Stacks are the names of the stacks that are not deleted, each with its status.
func (e *Engine) Stacks() map[string]string {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := map[string]string{}
	for _, s := range e.stacks {
		if s.active() {
			out[s.name] = s.status
		}
	}
	return out
}

func plausibleDuration(resourceType, op string) time.Duration {
	switch {
	case resourceType == "AWS::CloudFormation::ChangeSet":
		return 3 * time.Second
	case op == "DELETE":
		return 2 * time.Second
	case resourceType == "AWS::IAM::InstanceProfile" && op == "CREATE":
		return 2 * time.Minute // CloudFormation waits for instance profiles to reach every region
	case strings.HasPrefix(resourceType, "AWS::IAM::"):
		return 15 * time.Second
	case resourceType == "AWS::AutoScaling::AutoScalingGroup":
		return 10 * time.Second
	default:
		return 4 * time.Second
	}
}

// find looks a stack up by name (never a deleted one) or ARN.
func (e *Engine) find(nameOrARN string) *stack {
	for _, s := range slices.Backward(e.stacks) {
		if s.id == nameOrARN || s.name == nameOrARN && s.active() {
			return s
		}
	}
	return nil
}

func (e *Engine) newStack(name string) *stack {
	s := &stack{
		name: name, created: e.opt.Clock.Now(), resources: map[string]*resource{},
		id: e.arn("stack/" + name + "/" + wire.RequestID()),
	}
	e.stacks = append(e.stacks, s)
	return s
}

func (e *Engine) arn(rest string) string {
	return fmt.Sprintf("arn:%s:cloudformation:%s:%s:%s", e.opt.Partition, e.opt.Region, e.opt.Account, rest)
}

// begin starts an operation; run has the engine's lock only where it takes it. The caller holds the lock.
func (e *Engine) begin(s *stack, kind, token string, run func(*operation)) *operation {
	ctx, cancel := context.WithCancel(e.ctx)
	op := &operation{id: wire.RequestID(), kind: kind, token: token, ctx: ctx, cancel: cancel, done: make(chan struct{})}
	s.operations = append(s.operations, op)
	e.running.Go(func() {
		defer close(op.done)
		defer cancel()
		run(op)
	})
	return op
}

// locked runs f with the engine's lock held.
func (e *Engine) locked(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

// setStatus gives the stack a status and logs the event. The caller holds the lock.
func (e *Engine) setStatus(s *stack, op *operation, status, reason string) {
	s.status, s.reason = status, reason
	if reason == "User Initiated" && status != "REVIEW_IN_PROGRESS" {
		s.reason = ""
	}
	e.log(s, event{id: wire.RequestID(), logicalID: s.name, physicalID: s.id, typ: stackType, status: status, reason: reason, op: op})
}

// nextTime is now, or a little later: an event's time is part of its ID, and no two events may share one.
func (e *Engine) nextTime(s *stack) time.Time {
	now := e.opt.Clock.Now().Truncate(time.Millisecond)
	if n := len(s.events); n > 0 && !now.After(s.events[n-1].at) {
		now = s.events[n-1].at.Add(time.Millisecond)
	}
	return now
}

func (e *Engine) log(s *stack, v event) {
	if v.at.IsZero() {
		v.at = e.nextTime(s)
	}
	if v.op != nil {
		v.token = v.op.token
	}
	s.events = append(s.events, v)
}

// setResource gives a resource a status and logs it. Events of a clean-up carry no properties and an ID like those of AWS.
// The caller holds the lock.
func (e *Engine) setResource(s *stack, op *operation, r *resource, x progress) {
	r.status, r.reason, r.updated = x.status, x.reason, e.nextTime(s)
	v := event{at: r.updated, logicalID: r.id, physicalID: x.physical, typ: r.typ, status: x.status, reason: x.reason, op: op}
	if x.cleanup {
		v.id = r.id + "-" + wire.RequestID()
	} else {
		v.id = r.id + "-" + x.status + "-" + r.updated.Format("2006-01-02T15:04:05.000Z")
		properties := compact(plain(orEmpty(x.properties)))
		if s.plan != nil {
			properties = s.plan.mask(properties)
		}
		v.properties = &properties
	}
	e.log(s, v)
}

// progress is what an event of a resource tells.
type progress struct {
	status, reason, physical string
	properties               map[string]any
	cleanup                  bool
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// mask hides the values of NoEcho parameters.
func (p *plan) mask(s string) string {
	for _, q := range p.params {
		if q.noEcho && q.resolved != "" {
			s = strings.ReplaceAll(s, q.resolved, "****")
		}
	}
	return s
}

// exported looks an export up among the other stacks. The caller holds the lock.
func (e *Engine) exported(by *stack, name string) (string, bool) {
	for _, s := range e.stacks {
		if s == by || !s.active() {
			continue
		}
		for _, o := range s.outputs {
			if o.export == name {
				return o.value, true
			}
		}
	}
	return "", false
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

// random is n characters as CloudFormation appends to the names it makes.
func random(n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // crypto/rand.Read never fails
	for i, b := range raw {
		raw[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(raw)
}

type givenParameter struct {
	key, value  string
	usePrevious bool
}

func parametersOf(form url.Values) []givenParameter {
	var out []givenParameter
	for _, prefix := range wire.Each(form, "Parameters.member") {
		out = append(out, givenParameter{
			key: form.Get(prefix + ".ParameterKey"), value: form.Get(prefix + ".ParameterValue"),
			usePrevious: form.Get(prefix+".UsePreviousValue") == "true",
		})
	}
	return out
}
