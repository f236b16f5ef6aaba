package asset

import "fmt"

// NoBucketError says that the account has no bootstrap bucket in the region; semagent bootstrap makes it.
type NoBucketError struct {
	Bucket string
	Region string
}

// Error names the bucket and the region.
func (e *NoBucketError) Error() string {
	return fmt.Sprintf("bucket %q does not exist in %s", e.Bucket, e.Region)
}

// DeniedError says that the bucket belongs to another account than the one expected, or that these credentials
// may not use it. S3 answers both with the same 403.
type DeniedError struct {
	Bucket  string
	Account string // the expected owner
	Err     error
}

// Error names the bucket and the owner that was expected.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("bucket %q is not owned by account %s, or these credentials may not write to it: %v",
		e.Bucket, e.Account, e.Err)
}

// Unwrap gives S3's answer.
func (e *DeniedError) Unwrap() error { return e.Err }
