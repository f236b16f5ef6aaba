package lookup

import (
	"fmt"
	"strings"

	"github.com/semagent/semagent/internal/awserr"
)

// Fix is the kind of remedy for a Problem; whoever prints it knows the command.
type Fix string

// The kinds of fix. Problem.Subject holds what the remedy acts on.
const (
	FixSetting    Fix = "setting"       // change one of Problem.Settings
	FixBootstrap  Fix = "bootstrap"     // create the bootstrap stack; Subject is the bucket
	FixTokenPut   Fix = "token-put"     // write the token parameter; Subject is its name
	FixRewrite    Fix = "token-rewrite" // overwrite the token parameter under the KMS key Value; Subject is its name
	FixBuildImage Fix = "build-image"   // build the AMI or set one; Subject is the image's name
	FixPermission Fix = "permission"    // allow an IAM action; Subject is the action
	FixRepair     Fix = "repair"        // put the thing itself right in AWS; Subject is its id
)

// Problem is one thing that AWS holds, or does not hold, and that stands in the way.
type Problem struct {
	What     string   // what was looked for: `subnet "subnet-1"`
	Region   string   // where
	Found    string   // what is there instead: "belongs to vpc-2, not to vpc-1"
	Fix      Fix      // kind of remedy
	Subject  string   // what the remedy acts on, see Fix
	Settings []string // settings whose values are at fault; nil when none is
	Value    string   // what the first setting should hold, or FixRewrite's key; empty where it is not known
}

// String says what was looked for, where, and what is there instead.
func (p Problem) String() string { return fmt.Sprintf("%s in %s %s", p.What, p.Region, p.Found) }

// Problems is everything that stands in the way, in a fixed order. As an error there is at least one.
type Problems []Problem //nolint:errname // callers range over it as the noun it is

// Error puts each problem on a line of its own.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.String()
	}
	return strings.Join(lines, "\n")
}

// report is what one step found wrong.
type report struct {
	region   string
	problems []Problem
	warnings []string
}

func (r *report) problem(p Problem) {
	p.Region = r.region
	r.problems = append(r.problems, p)
}

func (r *report) warnf(format string, args ...any) {
	r.warnings = append(r.warnings, fmt.Sprintf(format, args...))
}

// unchecked turns a denial of action into a warning that what was not checked. Other errors are returned.
func (r *report) unchecked(err error, what, action string) error {
	if !awserr.IsAccessDenied(err) {
		return r.fail(err, what)
	}
	r.warnf("%s in %s cannot be checked: these credentials lack %s", what, r.region, deniedAction(err, action))
	return nil
}

// indispensable turns a denial of action into a problem. Other errors are returned.
func (r *report) indispensable(err error, what, action string) error {
	if !awserr.IsAccessDenied(err) {
		return r.fail(err, what)
	}
	action = deniedAction(err, action)
	r.problem(Problem{
		What: what, Found: "cannot be looked up: these credentials lack " + action,
		Fix: FixPermission, Subject: action,
	})
	return nil
}

func (r *report) fail(err error, what string) error {
	return fmt.Errorf("look up %s in %s: %w", what, r.region, err)
}

// deniedAction prefers the action that AWS names, because a call may need more than the one of its own name.
func deniedAction(err error, fallback string) string {
	if action, _ := awserr.Denied(err); action != "" {
		return action
	}
	return fallback
}
