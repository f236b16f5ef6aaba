package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A tick's worth of garbage is some hundred kilobytes; a leak of one connection, timer or line a tick would be more
// than this over the ticks below.
const (
	ticks     = 300
	mostGrown = 4 << 20
)

// TestMemoryStaysFlat compares resident memory after some ticks with that after many more, with faults among them.
func TestMemoryStaysFlat(t *testing.T) {
	t.Parallel()
	f := start(t)
	f.aws.serving = 1
	warm := 0
	for i := range ticks {
		switch i % 10 {
		case 3:
			f.semaphore.add("metrics", text(200, "<html>"))
		case 6:
			f.aws.add("DescribeAutoScalingGroups", reset, reset)
		}
		f.invoke(t, time.Second) // time for one tick; whether it succeeds is the other tests' business
		if i == ticks/6 {
			warm = residentMemory(t, f.pid)
		}
	}
	after := residentMemory(t, f.pid)
	t.Logf("resident memory: %.1f MiB after %d ticks, %.1f MiB after %d", mib(warm), ticks/6, mib(after), ticks)
	if after-warm > mostGrown {
		t.Errorf("resident memory grew from %.1f to %.1f MiB", mib(warm), mib(after))
	}
}

func mib(bytes int) float64 { return float64(bytes) / (1 << 20) }

// residentMemory reads VmRSS in proc_pid_status(5).
func residentMemory(t *testing.T, pid int) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	kilobytes, err := strconv.Atoi(strings.Fields(rest)[0])
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes << 10
}
