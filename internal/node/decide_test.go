package node

import (
	"testing"

	"github.com/semagent/semagent/internal/semaphore"
)

func TestDecide(t *testing.T) {
	jobs := func(queued, running int) *semaphore.Jobs { return &semaphore.Jobs{Queued: queued, Running: running} }
	group := func(least, desired int) fleet { return fleet{known: true, min: least, desired: desired} }
	tests := map[string]struct {
		reason Reason
		group  fleet
		jobs   *semaphore.Jobs
		want   exit
	}{
		"idle":                                  {Idle, group(0, 3), nil, decrement},
		"idle, group unknown":                   {Idle, fleet{}, nil, decrement},
		"idle at the minimum":                   {Idle, group(2, 2), nil, restart},
		"idle below the minimum":                {Idle, group(2, 1), nil, restart},
		"finished, nothing waits":               {JobFinished, group(0, 3), jobs(0, 2), decrement},
		"finished, the rest is just enough":     {JobFinished, group(0, 3), jobs(1, 1), decrement},
		"finished, one waits beyond the rest":   {JobFinished, group(0, 3), jobs(1, 2), replace},
		"finished, the last one, one waits":     {JobFinished, group(0, 1), jobs(1, 0), replace},
		"finished, many run and nothing waits":  {JobFinished, group(0, 2), jobs(0, 9), decrement},
		"finished, Semaphore does not answer":   {JobFinished, group(0, 3), nil, decrement},
		"finished, group unknown":               {JobFinished, fleet{}, jobs(9, 9), decrement},
		"finished at the minimum":               {JobFinished, group(1, 1), jobs(0, 0), restart},
		"finished at the minimum, others wait":  {JobFinished, group(1, 1), jobs(9, 1), restart},
		"requested":                             {Requested, group(0, 3), jobs(9, 9), decrement},
		"requested at the minimum":              {Requested, group(3, 3), nil, replace},
		"requested, group unknown":              {Requested, fleet{}, nil, decrement},
		"interrupted":                           {Interrupted, group(0, 3), nil, replace},
		"interrupted at the minimum":            {Interrupted, group(3, 3), nil, replace},
		"unable to sync":                        {UnableToSync, group(0, 3), nil, replace},
		"unknown":                               {"UNKNOWN", group(0, 3), nil, replace},
		"no reason at all":                      {"", fleet{}, nil, replace},
		"zero group is known to be at its size": {Idle, group(0, 0), nil, restart},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, why := decide(tt.reason, tt.group, tt.jobs)
			if got != tt.want || why == "" {
				t.Errorf("got %s (%s), want %s", got, why, tt.want)
			}
		})
	}
}
