package semaphore

import (
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		header string
		want   time.Duration
	}{
		"none":          {"", 0},
		"seconds":       {" 7 ", 7 * time.Second},
		"zero":          {"0", 0},
		"negative":      {"-5", 0},
		"fraction":      {"1.5", 0},
		"a year":        {"31536000", time.Hour},
		"overflowing":   {"9223372036854775807", time.Hour},
		"date":          {"Fri, 01 May 2026 12:00:30 GMT", 30 * time.Second},
		"date long ago": {"Fri, 01 May 2020 12:00:30 GMT", 0},
		"date far off":  {"Fri, 01 May 2099 12:00:30 GMT", time.Hour},
		"nonsense":      {"soon", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := retryAfter(tt.header, now); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{good, "", "null", "[]", `{"jobs":{"queued":1e999,"running":-0}}`, `{"jobs":{"queued":00,"running":0}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := decode(body)
		counts := []int{o.Jobs.Queued, o.Jobs.Running}
		if o.Agents != nil {
			counts = append(counts, o.Agents.Idle, o.Agents.Occupied)
		}
		for _, n := range counts {
			if n < 0 || n > mostOfAnything {
				t.Errorf("%s gives the count %d", body, n)
			}
		}
		if err != nil && o != (Occupancy{}) {
			t.Errorf("%s gives %+v beside the error %v", body, o, err)
		}
	})
}
