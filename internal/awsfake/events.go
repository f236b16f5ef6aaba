package awsfake

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/cfn"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// eventsService owns rules. Those with a schedule fire on the local clock and invoke the functions that are their targets, where the
// function's permissions let them.
type eventsService struct {
	*core
	lambda *lambdaService
	rules  map[string]*rule
	report func(Call) // told of targets that could not be invoked
	still  bool       // rules never fire
}

type rule struct {
	name, arn, schedule, pattern, state, description string

	targets []props
	stop    context.CancelFunc // of its schedule; nil while it has none
}

func newEvents(c *core, lambda *lambdaService, still bool) *eventsService {
	return &eventsService{core: c, lambda: lambda, rules: map[string]*rule{}, report: func(Call) {}, still: still}
}

func (e *eventsService) service() *service {
	return &service{name: "events", protocol: protocol{kind: jsonRPC, version: "1.1"}, operations: map[string]operation{
		"ListRules":         typed(e.listRules),
		"DescribeRule":      typed(e.describeRule),
		"ListTargetsByRule": typed(e.listTargets),
		"EnableRule":        typed(e.enableRule),
		"DisableRule":       typed(e.disableRule),
	}}
}

type ruleInput struct{ Name, Rule, NamePrefix string }

type ruleView struct {
	Name, Arn, State, EventBusName                string
	ScheduleExpression, EventPattern, Description string `json:",omitempty"`
}

func (r *rule) view() ruleView {
	return ruleView{r.name, r.arn, r.state, "default", r.schedule, r.pattern, r.description}
}

func (e *eventsService) find(name string) (*rule, error) {
	if r := e.rules[name]; r != nil {
		return r, nil
	}
	return nil, wire.Errorf("ResourceNotFoundException", "Rule %s does not exist on EventBus default.", name)
}

func (e *eventsService) listRules(in ruleInput) (any, error) {
	views := []ruleView{}
	for _, name := range sortedKeys(e.rules) {
		if strings.HasPrefix(name, in.NamePrefix) {
			views = append(views, e.rules[name].view())
		}
	}
	return map[string]any{"Rules": views}, nil
}

func (e *eventsService) describeRule(in ruleInput) (any, error) {
	r, err := e.find(in.Name)
	if err != nil {
		return nil, err
	}
	return r.view(), nil
}

func (e *eventsService) listTargets(in ruleInput) (any, error) {
	r, err := e.find(in.Rule)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Targets": r.targets}, nil
}

func (e *eventsService) setState(name, state string) (any, error) {
	r, err := e.find(name)
	if err != nil {
		return nil, err
	}
	r.state = state
	return nil, e.schedule(r)
}

func (e *eventsService) enableRule(in ruleInput) (any, error) { return e.setState(in.Name, "ENABLED") }

func (e *eventsService) disableRule(in ruleInput) (any, error) {
	return e.setState(in.Name, "DISABLED")
}

func (e *eventsService) handlers() map[string]cfn.Handler {
	return map[string]cfn.Handler{"AWS::Events::Rule": resource{e.core, "EventBridge", e.createRule, e.updateRule, e.deleteRule}}
}

func (e *eventsService) createRule(r cfn.Request, p props) (cfn.Result, error) {
	name := p.or("Name", short(r.Name, 64))
	if e.rules[name] != nil {
		return cfn.Result{}, taken(r.Type, name)
	}
	made := &rule{name: name, arn: e.arn("events", "rule/"+name)}
	if err := e.apply(made, p); err != nil {
		return cfn.Result{}, err
	}
	e.rules[name] = made
	return cfn.Result{PhysicalID: name, Attributes: map[string]any{"Arn": made.arn}}, nil
}

func (e *eventsService) updateRule(r cfn.Request, p props) (cfn.Result, error) {
	found, err := e.find(r.PhysicalID)
	if err != nil {
		return cfn.Result{}, err
	}
	return cfn.Result{PhysicalID: found.name, Attributes: map[string]any{"Arn": found.arn}}, e.apply(found, p)
}

func (e *eventsService) deleteRule(r cfn.Request) error {
	if found := e.rules[r.PhysicalID]; found != nil {
		found.unschedule()
		delete(e.rules, found.name)
	}
	return nil
}

func (e *eventsService) apply(r *rule, p props) error {
	if !p.has("ScheduleExpression") && !p.has("EventPattern") {
		return wire.Errorf("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
	}
	for _, t := range p.objects("Targets") {
		if _, err := e.lambda.find(t.str("Arn")); err != nil && strings.Contains(t.str("Arn"), ":lambda:") {
			return wire.Errorf("ValidationException", "Provided Arn is not in correct format or names no function. Parameter Arn: %s", t.str("Arn"))
		}
	}
	changed := *r
	changed.schedule, changed.pattern, changed.state = p.str("ScheduleExpression"), p.str("EventPattern"), p.or("State", "ENABLED")
	changed.description, changed.targets = p.str("Description"), p.objects("Targets")
	if changed.schedule != "" {
		if _, err := parseSchedule(changed.schedule); err != nil {
			return err
		}
	}
	same := changed.schedule == r.schedule && changed.state == r.state && r.stop != nil
	*r = changed
	if same {
		return nil // a rule whose schedule did not change keeps its pace
	}
	return e.schedule(r)
}

func (r *rule) unschedule() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// schedule starts a rule's clock, in place of the one it had.
func (e *eventsService) schedule(r *rule) error {
	r.unschedule()
	if r.schedule == "" || strings.HasPrefix(r.state, "DISABLED") {
		return nil
	}
	next, err := parseSchedule(r.schedule)
	if err != nil || e.still {
		return err
	}
	ctx, stop := context.WithCancel(e.ctx)
	r.stop = stop
	from := e.now()
	e.spawn(func() {
		for at := next(from); ; at = next(at) {
			if now := e.now(); at.Before(now.Add(-time.Minute)) {
				at = next(now) // what a clock too fast for this machine has missed is not made up for
			}
			if e.clock.Sleep(ctx, at.Sub(e.now())) != nil {
				return
			}
			e.fire(ctx, r, at)
		}
	})
	return nil
}

// fire invokes the rule's targets, unless the rule has been stopped in the meantime.
func (e *eventsService) fire(ctx context.Context, r *rule, at time.Time) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	for _, t := range r.targets {
		call := Call{
			Service: "events", Operation: "InvokeTarget", Time: e.now(), Status: http.StatusOK, Parameters: map[string]string{"Rule": r.name, "Target": t.str("Arn")},
		}
		f, err := e.lambda.find(t.str("Arn"))
		switch {
		case err != nil:
			call.Status, call.Code = http.StatusNotFound, "ResourceNotFoundException"
		case !f.allows("events.amazonaws.com", r.arn):
			call.Status, call.Code = http.StatusForbidden, "AccessDeniedException"
		default:
			e.lambda.async(f.name, e.event(r, t, at))
		}
		e.report(call)
	}
}

func (e *eventsService) event(r *rule, target props, at time.Time) []byte {
	if target.has("Input") {
		return []byte(target.str("Input"))
	}
	body, _ := json.Marshal(map[string]any{ // strings always marshal
		"version": "0", "id": wire.RequestID(), "detail-type": "Scheduled Event", "source": "aws.events", "account": e.account,
		"time": at.Format(stamp), "region": e.region, "resources": []string{r.arn}, "detail": map[string]any{},
	})
	return body
}
