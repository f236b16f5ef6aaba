package render

import (
	"encoding/json"
	"io"
	"time"

	"github.com/semagent/semagent/internal/deploy"
)

// DiffVersion is the version of the JSON form, raised when a reader of the old one would break. The form is
// described in docs/diff.schema.json.
const DiffVersion = 1

type diffJSON struct {
	Version   int            `json:"version"`
	Stack     stackJSON      `json:"stack"`
	ChangeSet changeSetJSON  `json:"changeSet"`
	Changes   []changeJSON   `json:"changes"`
	Outputs   []propertyJSON `json:"outputs"`
	Tags      []propertyJSON `json:"tags"`
	Widening  []wideningJSON `json:"widening"`
	Warnings  []string       `json:"warnings"`
	Summary   Summary        `json:"summary"`
}

type stackJSON struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Region string `json:"region"`
	New    bool   `json:"new"`
}

type changeSetJSON struct {
	Name       string     `json:"name"`
	ID         string     `json:"id"`
	Created    *time.Time `json:"created"`
	Executable *string    `json:"executable"`
	Drift      *string    `json:"drift"`
}

type changeJSON struct {
	Effect       effect             `json:"effect"`
	Action       deploy.Action      `json:"action"`
	LogicalID    string             `json:"logicalId"`
	PhysicalID   *string            `json:"physicalId"`
	Type         string             `json:"type"`
	Replacement  deploy.Replacement `json:"replacement"`
	PolicyAction *string            `json:"policyAction"`
	Incomplete   bool               `json:"incomplete"`
	Drift        *string            `json:"drift"`
	Properties   []propertyJSON     `json:"properties"`
	Before       map[string]any     `json:"before"`
	After        map[string]any     `json:"after"`
}

type propertyJSON struct {
	Path            string             `json:"path"`
	Action          deploy.Action      `json:"action"`
	Before          *string            `json:"before"`
	After           *string            `json:"after"`
	KnownAfterApply bool               `json:"knownAfterApply"`
	Replacement     deploy.Replacement `json:"replacement"`
	Cause           *string            `json:"cause"`
}

type wideningJSON struct {
	LogicalID string              `json:"logicalId"`
	Type      string              `json:"type"`
	Kind      deploy.WideningKind `json:"kind"`
	New       bool                `json:"new"`
	Text      string              `json:"text"`
}

// JSON writes the change set for programs, as docs/diff.schema.json describes it. Order is stable, lists are never
// null, and values are whole, whatever Text leaves out.
func (d Diff) JSON(w io.Writer) error {
	cs := d.ChangeSet
	form := diffJSON{
		Version:   DiffVersion,
		Stack:     stackJSON{cs.StackName, cs.StackID, regionOf(cs.StackID), cs.NewStack},
		ChangeSet: changeSetJSON{Name: cs.Name, ID: cs.ID, Executable: orNull(cs.Executable), Drift: orNull(cs.Drift)},
		Changes:   each(cs.Changes, changeForm),
		Outputs:   each(outputs(cs), propertyForm),
		Tags:      each(tags(cs), propertyForm),
		Widening:  each(d.Widening, func(w deploy.Widening) wideningJSON { return wideningJSON(w) }),
		Warnings:  each(cs.Warnings, func(s string) string { return s }),
		Summary:   Summarize(cs.Changes),
	}
	if !cs.Created.IsZero() {
		form.ChangeSet.Created = new(cs.Created.UTC())
	}
	return indented(w, form)
}

func indented(w io.Writer, form any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(form)
}

func changeForm(c deploy.Change) changeJSON {
	return changeJSON{
		Effect:       effectOf(c),
		Action:       c.Action,
		LogicalID:    c.LogicalID,
		PhysicalID:   orNull(c.PhysicalID),
		Type:         c.Type,
		Replacement:  degree(c.Replacement),
		PolicyAction: orNull(c.PolicyAction),
		Incomplete:   c.Incomplete,
		Drift:        orNull(c.Drift),
		Properties:   each(merged(c.Properties), propertyForm),
		Before:       c.Before,
		After:        c.After,
	}
}

func propertyForm(p deploy.PropertyChange) propertyJSON {
	form := propertyJSON{
		Path:            p.Path,
		Action:          p.Action,
		KnownAfterApply: p.Dynamic || p.After == knownAfterApply,
		Replacement:     degree(p.Replacement),
		Cause:           orNull(p.Cause),
	}
	notReported := p.Action == deploy.Modify && p.Before == "" && p.After == ""
	if p.Action != deploy.Add && !notReported {
		form.Before = &p.Before
	}
	if p.Action != deploy.Remove && !notReported && p.After != knownAfterApply && (p.After != "" || !p.Dynamic) {
		form.After = &p.After
	}
	return form
}

func degree(r deploy.Replacement) deploy.Replacement {
	if r == "" {
		return deploy.ReplaceNever
	}
	return r
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// each maps a list and never returns nil, so that the JSON of an empty list is [].
func each[T, U any](list []T, form func(T) U) []U {
	result := make([]U, 0, len(list))
	for _, item := range list {
		result = append(result, form(item))
	}
	return result
}
