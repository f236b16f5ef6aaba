package config

import "strings"

// longestGuessed bounds the work that a nonsense name costs.
const longestGuessed = 100

// nearest is the known name that the user most likely meant, or "" where none is close: a wrong guess is worse
// than none. Names are compared with and without their common prefixes; case and hyphens don't count.
func nearest(name string, known []string) string {
	if len(name) > longestGuessed {
		return ""
	}
	spelled := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToUpper(name))
	best, shortest := "", len(spelled)+1
	for _, candidate := range known {
		d := min(distance(spelled, candidate), distance(core(spelled), core(candidate)))
		n := len(core(candidate))
		if d < shortest && d <= min(n/2, n/4+2) {
			best, shortest = candidate, d
		}
	}
	return best
}

// core is what tells one setting's name from another's.
func core(name string) string {
	return strings.TrimPrefix(strings.TrimPrefix(name, semaphorePrefix), agentInfix)
}

// distance is Levenshtein's: the fewest inserted, removed or replaced bytes that turn a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
