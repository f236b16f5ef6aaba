package awsfake

import (
	"fmt"
	"slices"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// activity is one entry of a group's history, newest first there.
type activity struct {
	ActivityId, AutoScalingGroupName, AutoScalingGroupARN string
	Description, Cause, StatusCode, Details               string
	StatusMessage                                         string `wire:",omitempty"`
	Progress                                              int
	StartTime                                             time.Time
	EndTime                                               time.Time `wire:",omitempty"`
}

func (a *autoscalingService) begin(g *group, description, cause, subnetID string) *activity {
	zone := ""
	if s := a.ec2.subnets[subnetID]; s != nil {
		zone = s.zone
	}
	act := &activity{
		ActivityId: wire.RequestID(), AutoScalingGroupName: g.name, AutoScalingGroupARN: g.arn, Description: description, Cause: cause,
		StatusCode: "InProgress", Progress: 50, StartTime: a.now(), Details: fmt.Sprintf(`{"Subnet ID":%q,"Availability Zone":%q}`, subnetID, zone),
	}
	g.activities = slices.Insert(g.activities, 0, act)
	return act
}

func (a *activity) finish(at time.Time, status, message string) {
	a.StatusCode, a.StatusMessage, a.Progress, a.EndTime = status, message, 100, at
}

func (a *autoscalingService) describeActivities(c *call) (any, error) {
	var all []*activity
	name := c.form.Get("AutoScalingGroupName")
	switch g := a.groups[name]; {
	case g != nil:
		all = g.activities
	case name == "":
		for _, n := range sortedKeys(a.groups) {
			all = append(all, a.groups[n].activities...)
		}
	case c.form.Get("IncludeDeletedGroups") != "true":
		return nil, wire.Errorf("ValidationError", "AutoScalingGroup name not found - AutoScalingGroup '%s' not found", name)
	}
	if c.form.Get("IncludeDeletedGroups") == "true" {
		for _, act := range a.deleted {
			if name == "" || act.AutoScalingGroupName == name {
				all = append(all, act)
			}
		}
	}
	if ids := wire.Strings(c.form, "ActivityIds.member"); len(ids) > 0 {
		all = slices.DeleteFunc(slices.Clone(all), func(act *activity) bool { return !slices.Contains(ids, act.ActivityId) })
	}
	shown, next, err := page(all, c.form.Get("NextToken"), limitOf(number(c, "MaxRecords"), 100, 100), "InvalidNextToken")
	if err != nil {
		return nil, err
	}
	copies := []activity{} // the answer is written after the lock, and activities finish meanwhile
	for _, act := range shown {
		copies = append(copies, *act)
	}
	return struct {
		Activities []activity
		NextToken  string `wire:",omitempty"`
	}{copies, next}, nil
}
