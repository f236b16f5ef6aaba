package awsfake

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

func badSchedule() error {
	return wire.Errorf("ValidationException", "Parameter ScheduleExpression is not valid.")
}

// parseSchedule reads rate(...) or cron(...) and returns what gives the next time after one.
func parseSchedule(expression string) (func(time.Time) time.Time, error) {
	if m := regexp.MustCompile(`^rate\(([1-9][0-9]{0,4}) (minute|hour|day)(s?)\)$`).FindStringSubmatch(expression); m != nil {
		n, err := strconv.Atoi(m[1])
		// EventBridge insists on the singular for 1 and on the plural otherwise.
		if err != nil || (n == 1) != (m[3] == "") {
			return nil, badSchedule()
		}
		unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[m[2]]
		return func(t time.Time) time.Time { return t.Add(time.Duration(n) * unit) }, nil
	}
	if m := regexp.MustCompile(`^cron\(([^)]*)\)$`).FindStringSubmatch(expression); m != nil {
		return parseCron(strings.Fields(m[1]))
	}
	return nil, badSchedule()
}

// cronField is what one field of a cron expression allows.
type cronField map[int]bool

func parseCron(fields []string) (func(time.Time) time.Time, error) {
	if len(fields) != 6 || (fields[2] == "?") == (fields[4] == "?") {
		return nil, badSchedule() // exactly one of day-of-month and day-of-week is ?
	}
	months := names("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")
	days := names("SUN MON TUE WED THU FRI SAT")
	limits := []struct {
		low, high int
		names     map[string]int
	}{{0, 59, nil}, {0, 23, nil}, {1, 31, nil}, {1, 12, months}, {1, 7, days}, {1970, 2199, nil}}
	parsed := make([]cronField, len(fields))
	for i, f := range fields {
		var err error
		if parsed[i], err = parseCronField(f, limits[i].low, limits[i].high, limits[i].names); err != nil {
			return nil, err
		}
	}
	return func(t time.Time) time.Time {
		t = t.Truncate(time.Minute).Add(time.Minute)
		for limit := t.AddDate(5, 0, 0); t.Before(limit); t = t.Add(time.Minute) {
			if parsed[0][t.Minute()] && parsed[1][t.Hour()] && parsed[2][t.Day()] && parsed[3][int(t.Month())] &&
				parsed[4][int(t.Weekday())+1] && parsed[5][t.Year()] {
				break
			}
		}
		return t
	}, nil
}

func names(list string) map[string]int {
	out := map[string]int{}
	for i, n := range strings.Fields(list) {
		out[n] = i + 1
	}
	return out
}

func parseCronField(field string, low, high int, named map[string]int) (cronField, error) {
	out := cronField{}
	for part := range strings.SplitSeq(field, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return nil, badSchedule()
			}
			step = n
		}
		from, to, err := cronSpan(span, low, high, named)
		if err != nil {
			return nil, err
		}
		if stepped && !strings.Contains(span, "-") {
			to = high
		}
		for i := from; i <= to; i += step {
			out[i] = true
		}
	}
	return out, nil
}

func cronSpan(span string, low, high int, named map[string]int) (from, to int, err error) {
	if span == "*" || span == "?" {
		return low, high, nil
	}
	first, last, ranged := strings.Cut(span, "-")
	if !ranged {
		last = first
	}
	bounds := [2]int{}
	for i, s := range []string{first, last} {
		n, ok := named[strings.ToUpper(s)]
		if !ok {
			if n, err = strconv.Atoi(s); err != nil {
				return 0, 0, badSchedule()
			}
		}
		if n < low || n > high {
			return 0, 0, badSchedule()
		}
		bounds[i] = n
	}
	return bounds[0], bounds[1], nil
}
