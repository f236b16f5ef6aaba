package ui

import (
	"fmt"
	"time"
)

// Duration is d for people, in its two largest units: "0s", "42s", "1m 12s", "2h 5m", "3d 4h". It rounds down;
// negative durations, which differing clocks can make, are "0s".
func Duration(d time.Duration) string {
	seconds := max(int64(d/time.Second), 0)
	switch {
	case seconds < 60:
		return fmt.Sprintf("%ds", seconds)
	case seconds < 3600:
		return fmt.Sprintf("%dm %ds", seconds/60, seconds%60)
	case seconds < 24*3600:
		return fmt.Sprintf("%dh %dm", seconds/3600, seconds/60%60)
	}
	return fmt.Sprintf("%dd %dh", seconds/(24*3600), seconds/3600%24)
}

// Bytes is a size for people in binary units: "512 B", "1.5 KiB", "12.0 MiB".
func Bytes(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	size := float64(n)
	unit := ""
	for _, unit = range []string{"KiB", "MiB", "GiB", "TiB"} {
		size /= 1024
		if size < 1023.95 {
			break
		}
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// Ago is the age of t at now: "just now", "2 min ago", "3 h ago", "5 d ago", and the date from 30 days on. The
// zero time is "never".
func Ago(t, now time.Time) string {
	age := now.Sub(t)
	switch {
	case t.IsZero():
		return "never"
	case age < 10*time.Second:
		return "just now"
	case age < time.Minute:
		return fmt.Sprintf("%d s ago", age/time.Second)
	case age < time.Hour:
		return fmt.Sprintf("%d min ago", age/time.Minute)
	case age < 24*time.Hour:
		return fmt.Sprintf("%d h ago", age/time.Hour)
	case age < 30*24*time.Hour:
		return fmt.Sprintf("%d d ago", age/(24*time.Hour))
	}
	return t.Format(time.DateOnly)
}
