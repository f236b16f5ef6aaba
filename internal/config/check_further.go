package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	shortestLifetime = 86_400
	longestLifetime  = 31_536_000
)

// checkLifetime holds Auto Scaling's own rule: a day at least, a year at most, or no limit.
func checkLifetime(value string) fault {
	if n, err := strconv.Atoi(value); err == nil && n > 0 && n < shortestLifetime {
		return fault{"less than a day", fmt.Sprintf("give 0 for no limit, or %d to %d seconds", shortestLifetime, longestLifetime)}
	}
	return fault{}
}

// groupMetrics are those that EnableMetricsCollection of Auto Scaling takes.
func groupMetrics() []string {
	return []string{
		"GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances",
		"GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity", "GroupPendingCapacity",
		"GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity", "WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity",
		"WarmPoolPendingCapacity", "WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "GroupAndWarmPoolDesiredCapacity",
		"GroupAndWarmPoolTotalCapacity",
	}
}

func checkMetric(value string) fault {
	known := groupMetrics()
	if slices.Contains(known, value) {
		return fault{}
	}
	return fault{"not a metric of Auto Scaling groups", suggest(value, known)}
}

// suggest is the fix for a name that is not one of those known.
func suggest(name string, known []string) string {
	best, shortest := "", len(name)/2
	for _, candidate := range known {
		if d := distance(strings.ToLower(name), strings.ToLower(candidate)); d <= shortest && len(name) <= longestGuessed {
			best, shortest = candidate, d-1
		}
	}
	if best != "" {
		return "did you mean " + quote(best) + "?"
	}
	return "known are " + strings.Join(known, ", ")
}

func checkPolicy(value string) fault {
	name := value[strings.LastIndex(value, "/")+1:]
	if name == "" || len(name) > 128 || strings.Contains(value, "//") || value[0] == '/' {
		return fault{"not the name of an IAM policy", "give its name, or path/name, or its ARN"}
	}
	return fault{}
}

// Tag is one tag of the user's own.
type Tag struct{ Key, Value string }

// tagsOf splits at the first colon, so that a value may hold others.
func tagsOf(items []string) []Tag {
	var tags []Tag
	for _, item := range items {
		key, value, _ := strings.Cut(item, ":")
		tags = append(tags, Tag{strings.TrimSpace(key), strings.TrimSpace(value)})
	}
	return tags
}

// checkTag holds the rules that tags of all services have in common.
func checkTag(item string) fault {
	tag := tagsOf([]string{item})[0]
	lower := strings.ToLower(tag.Key)
	switch {
	case tag.Key == "":
		return fault{"has no key", "write KEY:VALUE"}
	case lower == "semagent" || strings.HasPrefix(lower, "aws"):
		return fault{"has a reserved key", `choose a key that is not "semagent" and does not begin with "aws"`}
	case strings.ContainsFunc(tag.Key+tag.Value, notInTag):
		return fault{"has a character that not all of AWS takes", `use letters, digits, spaces and "_.:/=+-@"`}
	}
	if f := checkInert(tag.Key); f != (fault{}) {
		return f
	}
	return checkInert(tag.Value)
}

func notInTag(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" _.:/=+-@", r)
}
