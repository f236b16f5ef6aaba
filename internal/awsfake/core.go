package awsfake

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/semagent/semagent/internal/awsfake/clock"
	"github.com/semagent/semagent/internal/awsfake/fault"
)

// core is what the services share: one lock over all their state, the clock, and the names of the account.
type core struct {
	mu     sync.Mutex // held while an operation runs; methods of services expect it unless they say otherwise
	clock  *clock.Clock
	faults fault.Script

	partition, account, region string

	ctx     context.Context // ends when the server closes
	pending sync.WaitGroup  // what spawn started
}

func (c *core) now() time.Time { return c.clock.Now() }

// arn names a resource of this account and region.
func (c *core) arn(service, resource string) string {
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", c.partition, service, c.region, c.account, resource)
}

// user is the principal that every call is made by.
func (c *core) user() string {
	return fmt.Sprintf("arn:%s:iam::%s:user/local", c.partition, c.account)
}

// zones are the region's availability zones.
func (c *core) zones() []string {
	return []string{c.region + "a", c.region + "b", c.region + "c"}
}

// after runs f under the lock once d of the local clock has passed, unless the server closes first.
func (c *core) after(d time.Duration, f func()) {
	c.spawn(func() {
		if c.clock.Sleep(c.ctx, d) != nil {
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		f()
	})
}

// spawn runs f in a goroutine that Close waits for; once the server closes it does nothing.
func (c *core) spawn(f func()) {
	if c.ctx.Err() == nil {
		c.pending.Go(f)
	}
}

// randomID is prefix followed by n random hexadecimal digits.
func randomID(prefix string, n int) string {
	b := make([]byte, (n+1)/2)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return prefix + hex.EncodeToString(b)[:n]
}

// randomUpper is n random characters of the kind that IAM's and CloudFormation's identifiers are made of.
func randomUpper(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return string(b)
}

func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}
