package render

import "slices"

// hunk is a place where two lists differ: before[before:beforeEnd] became after[after:afterEnd].
type hunk struct {
	before, beforeEnd int
	after, afterEnd   int
}

// maxCells bounds the table that hunks fills. Lists beyond it differ as a whole between their common ends.
const maxCells = 4 << 20

// hunks finds the places where two lists differ, by their longest common subsequence.
func hunks(before, after []string) []hunk {
	start := 0
	for start < min(len(before), len(after)) && before[start] == after[start] {
		start++
	}
	endB, endA := len(before), len(after)
	for endB > start && endA > start && before[endB-1] == after[endA-1] {
		endB, endA = endB-1, endA-1
	}
	if start == endB && start == endA {
		return nil
	}
	middleB, middleA := before[start:endB], after[start:endA]
	if len(middleB)*len(middleA) > maxCells {
		return []hunk{{start, endB, start, endA}}
	}
	return walk(middleB, middleA, commonLengths(middleB, middleA), start)
}

// commonLengths holds, at [i][j], the length of the longest common subsequence of before[i:] and after[j:].
func commonLengths(before, after []string) [][]int {
	lengths := make([][]int, len(before)+1)
	for i := range lengths {
		lengths[i] = make([]int, len(after)+1)
	}
	for i, b := range slices.Backward(before) {
		for j, a := range slices.Backward(after) {
			if b == a {
				lengths[i][j] = lengths[i+1][j+1] + 1
			} else {
				lengths[i][j] = max(lengths[i+1][j], lengths[i][j+1])
			}
		}
	}
	return lengths
}

func walk(before, after []string, lengths [][]int, offset int) []hunk {
	var found []hunk
	open := false
	for i, j := 0, 0; i < len(before) || j < len(after); {
		if i < len(before) && j < len(after) && before[i] == after[j] {
			i, j, open = i+1, j+1, false
			continue
		}
		if !open {
			found = append(found, hunk{i + offset, i + offset, j + offset, j + offset})
			open = true
		}
		last := &found[len(found)-1]
		if j == len(after) || (i < len(before) && lengths[i+1][j] >= lengths[i][j+1]) {
			i++
			last.beforeEnd++
		} else {
			j++
			last.afterEnd++
		}
	}
	return found
}
