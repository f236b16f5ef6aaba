// Package wire owns the shapes in which AWS APIs travel over HTTP: the Query and EC2 protocols, JSON 1.0 and 1.1, REST-JSON
// and S3's REST-XML, answers and errors alike. It refuses to know any service's state.
package wire
