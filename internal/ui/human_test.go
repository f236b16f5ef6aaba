package ui_test

import (
	"testing"
	"time"

	"github.com/semagent/semagent/internal/ui"
)

func TestDuration(t *testing.T) {
	tests := map[time.Duration]string{
		-5 * time.Second:                       "0s",
		999 * time.Millisecond:                 "0s",
		59*time.Second + 999*time.Millisecond:  "59s",
		time.Minute:                            "1m 0s",
		72 * time.Second:                       "1m 12s",
		time.Hour - time.Second:                "59m 59s",
		2*time.Hour + 5*time.Minute:            "2h 5m",
		3*24*time.Hour + 4*time.Hour + 59*60e9: "3d 4h",
	}
	for d, want := range tests {
		if got := ui.Duration(d); got != want {
			t.Errorf("%v: got %q, want %q", d, got, want)
		}
	}
}

func TestBytes(t *testing.T) {
	tests := map[int64]string{
		0:                "0 B",
		1023:             "1023 B",
		1024:             "1.0 KiB",
		1536:             "1.5 KiB",
		1024*1024 - 1:    "1.0 MiB",
		12 << 20:         "12.0 MiB",
		3 << 30:          "3.0 GiB",
		5000 * (1 << 40): "5000.0 TiB",
	}
	for n, want := range tests {
		if got := ui.Bytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestAgo(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		t    time.Time
		want string
	}{
		"zero":        {time.Time{}, "never"},
		"the future":  {now.Add(time.Hour), "just now"},
		"now":         {now, "just now"},
		"seconds":     {now.Add(-45 * time.Second), "45 s ago"},
		"minutes":     {now.Add(-2*time.Minute - 59*time.Second), "2 min ago"},
		"hours":       {now.Add(-23 * time.Hour), "23 h ago"},
		"days":        {now.Add(-29 * 24 * time.Hour), "29 d ago"},
		"longer than": {now.Add(-30 * 24 * time.Hour), "2026-03-01"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := ui.Ago(tt.t, now); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
