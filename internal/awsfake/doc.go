// Package awsfake owns the local AWS: an HTTP server that speaks the wire protocols of the calls that semagent makes, with the state,
// the errors and the faults of the services behind them. It refuses calls that it does not know, loudly, and it shares no code with
// semagent or the SDK, so that it cannot agree with them by accident.
package awsfake
