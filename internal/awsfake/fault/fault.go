// Package fault owns the script of what goes wrong in the local AWS: which calls are throttled, lost or refused, which resources
// fail and which instances do not launch. It refuses to carry any of it out; the server asks it before it acts.
package fault

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind is what happens to a call.
type Kind string

// The kinds. Those that do not act leave the state of the local AWS as it was.
const (
	Throttle  Kind = "throttle"   // the service's own throttling error; does not act
	Error     Kind = "error"      // Code, Message and Status in the service's envelope; does not act
	HTML      Kind = "html"       // status 500 (or Status) with a page of HTML; does not act
	Reset     Kind = "reset"      // the connection is reset; does not act
	LostReply Kind = "lost-reply" // acts, then the connection dies before the answer
	Denied    Kind = "denied"     // AWS's access-denied message with principal, action and resource; does not act
	Expired   Kind = "expired"    // the security token has expired; does not act
	Delay     Kind = "delay"      // acts after Delay
)

// Call is a rule for API calls. It applies to Count calls (0: every one) after Skip others have passed.
type Call struct {
	Service   string        `json:"service"`   // signing name, such as "ssm"; empty or "*" means any
	Operation string        `json:"operation"` // such as "PutParameter"; empty or "*" means any
	Kind      Kind          `json:"kind"`
	Skip      int           `json:"skip,omitempty"`
	Count     int           `json:"count,omitempty"`
	Code      string        `json:"code,omitempty"`
	Message   string        `json:"message,omitempty"`
	Status    int           `json:"status,omitempty"`
	Delay     time.Duration `json:"delay,omitempty"` // on the wall's clock; nanoseconds in JSON
}

// Resource is a rule for CloudFormation resources: the operation fails with Reason. Empty fields match anything.
type Resource struct {
	Stack     string `json:"stack,omitempty"`
	LogicalID string `json:"logicalId,omitempty"`
	Type      string `json:"type,omitempty"`
	Op        string `json:"op,omitempty"` // create, update or delete
	Reason    string `json:"reason"`
	Skip      int    `json:"skip,omitempty"`
	Count     int    `json:"count,omitempty"`
}

// Launch is a rule for instances that an Auto Scaling group launches: the activity fails with Message.
type Launch struct {
	Group   string `json:"group,omitempty"` // empty means any
	Message string `json:"message"`
	Skip    int    `json:"skip,omitempty"`
	Count   int    `json:"count,omitempty"`
}

// Set is a number of rules, as the control surface takes them.
type Set struct {
	Calls     []Call     `json:"calls,omitempty"`
	Resources []Resource `json:"resources,omitempty"`
	Launches  []Launch   `json:"launches,omitempty"`
}

// Check reports a rule that could never do what it says.
func (s Set) Check() error {
	known := []Kind{Throttle, Error, HTML, Reset, LostReply, Denied, Expired, Delay}
	for _, c := range s.Calls {
		if !slices.Contains(known, c.Kind) {
			return fmt.Errorf("unknown fault kind %q, want one of %v", c.Kind, known)
		}
		if c.Kind == Error && c.Code == "" {
			return fmt.Errorf("a fault of kind error on %s:%s has no code", c.Service, c.Operation)
		}
	}
	for _, r := range s.Resources {
		if r.Reason == "" {
			return fmt.Errorf("a fault on resource %q has no reason", r.LogicalID)
		}
		if op := strings.ToLower(r.Op); !slices.Contains([]string{"", "create", "update", "delete"}, op) {
			return fmt.Errorf("a fault on resource %q has the operation %q, want create, update or delete", r.LogicalID, r.Op)
		}
	}
	for _, l := range s.Launches {
		if l.Message == "" {
			return fmt.Errorf("a launch fault on group %q has no message", l.Group)
		}
	}
	return nil
}

// Script holds the rules in force. The zero value is empty and ready; its methods may be called at once.
type Script struct {
	mu        sync.Mutex
	calls     []entry[Call]
	resources []entry[Resource]
	launches  []entry[Launch]
}

type entry[T any] struct {
	rule        T
	skip, count int
	forever     bool
}

// Add puts rules in force, after those that are; it panics where Set.Check reports an error.
func (s *Script) Add(set Set) {
	if err := set.Check(); err != nil {
		panic(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range set.Calls {
		s.calls = append(s.calls, entry[Call]{c, c.Skip, c.Count, c.Count == 0})
	}
	for _, r := range set.Resources {
		s.resources = append(s.resources, entry[Resource]{r, r.Skip, r.Count, r.Count == 0})
	}
	for _, l := range set.Launches {
		s.launches = append(s.launches, entry[Launch]{l, l.Skip, l.Count, l.Count == 0})
	}
}

// Clear drops every rule.
func (s *Script) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls, s.resources, s.launches = nil, nil, nil
}

// ForCall is the rule that this call meets, and uses it up; false where there is none.
func (s *Script) ForCall(service, operation string) (Call, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return take(s.calls, func(c Call) bool { return matches(c.Service, service) && matches(c.Operation, operation) })
}

// ForResource is the failure that this operation on a resource meets, or nil.
func (s *Script) ForResource(stack, logicalID, resourceType, op string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := take(s.resources, func(r Resource) bool {
		return matches(r.Stack, stack) && matches(r.LogicalID, logicalID) && matches(r.Type, resourceType) && matches(r.Op, op)
	})
	if !ok {
		return nil
	}
	return &resourceError{r.Reason}
}

// ForLaunch is the message with which this launch of a group fails; false where it does not.
func (s *Script) ForLaunch(group string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, ok := take(s.launches, func(l Launch) bool { return matches(l.Group, group) })
	return l.Message, ok
}

func take[T any](entries []entry[T], match func(T) bool) (T, bool) {
	for i := range entries {
		e := &entries[i]
		if !match(e.rule) || !e.forever && e.count == 0 {
			continue
		}
		if e.skip > 0 {
			e.skip--
			continue
		}
		e.count--
		return e.rule, true
	}
	var none T
	return none, false
}

func matches(want, got string) bool {
	return want == "" || want == "*" || strings.EqualFold(want, got)
}

// resourceError carries the reason verbatim.
type resourceError struct{ reason string }

func (e *resourceError) Error() string { return e.reason }
