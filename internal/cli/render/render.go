// Package render turns what the deploy engine found into what a person or a program reads: change sets, stack
// events, errors. It decides nothing and asks nothing; it refuses to call AWS and to choose an exit code.
package render
