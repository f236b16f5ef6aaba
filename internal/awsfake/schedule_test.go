package awsfake

import (
	"strings"
	"testing"
	"time"
)

func TestSchedules(t *testing.T) {
	from := time.Date(2026, 11, 23, 16, 7, 30, 0, time.UTC) // a Monday
	tests := map[string]string{
		"rate(1 minute)":                "2026-11-23T16:08:30Z",
		"rate(2 hours)":                 "2026-11-23T18:07:30Z",
		"rate(7 days)":                  "2026-11-30T16:07:30Z",
		"cron(* * * * ? *)":             "2026-11-23T16:08:00Z",
		"cron(0/15 * * * ? *)":          "2026-11-23T16:15:00Z",
		"cron(0 8 ? * MON-FRI *)":       "2026-11-24T08:00:00Z",
		"cron(30 10,18 1 * ? *)":        "2026-12-01T10:30:00Z",
		"cron(0 0 29 FEB ? 2028)":       "2028-02-29T00:00:00Z",
		"rate(1 minutes)":               "",
		"rate(5 minute)":                "",
		"rate(0 minutes)":               "",
		"rate(1 second)":                "",
		"cron(* * * * * *)":             "",
		"cron(* * ? * ? *)":             "",
		"cron(60 * * * ? *)":            "",
		"cron(* * * * ?)":               "",
		"cron(*/0 * * * ? *)":           "",
		"every minute":                  "",
		"rate(999999999999999999 days)": "",
	}
	for expression, want := range tests {
		t.Run(expression, func(t *testing.T) {
			next, err := parseSchedule(expression)
			if want == "" {
				if err == nil {
					t.Errorf("is taken, and fires next at %v", next(from))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := next(from).Format(stamp); got != want {
				t.Errorf("fires next at %s, want %s", got, want)
			}
		})
	}
}

func FuzzSchedule(f *testing.F) {
	for _, seed := range []string{"rate(1 minute)", "cron(0/5 8-17 ? JAN,2 MON-FRI 2026)", "cron(", "rate(-1 days)"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		next, err := parseSchedule(expression)
		if err != nil || strings.HasPrefix(expression, "cron") { // a cron expression may never fire again
			return
		}
		if from := time.Unix(0, 0); !next(from).After(from) {
			t.Errorf("%q does not move on from %v", expression, from)
		}
	})
}
