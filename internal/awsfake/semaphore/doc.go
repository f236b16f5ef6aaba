// Package semaphore owns a fake Semaphore: the metrics API of one self-hosted agent type, over plain HTTP or TLS, and a model of the
// agents behind it. It refuses to know AWS; whoever starts it says which machines have agents.
package semaphore
