package scaler

import "time"

// lasting tells how much of a count has lasted: its entry k is since when the count has been above k without a break.
// A count that wavers above n for a while has lasted at n.
type lasting []time.Time

// observe takes the count as it is now.
func (l *lasting) observe(n int, now time.Time) {
	*l = (*l)[:min(len(*l), max(n, 0))]
	for len(*l) < n {
		*l = append(*l, now)
	}
}

// over is the largest number that the count has not been below for age.
func (l lasting) over(age time.Duration, now time.Time) int {
	n := 0
	for _, since := range l {
		if now.Sub(since) >= age {
			n++
		}
	}
	return n
}
