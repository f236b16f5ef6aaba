// Package ec2test holds the tests of the local EC2, apart from the others since EC2's SDK takes long to compile. It exports nothing.
package ec2test
