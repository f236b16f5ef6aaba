// Package cfn owns the CloudFormation of the local AWS: templates, change sets, stacks, their events and the order in which
// resources are made and removed. It refuses to know what a resource does: that is its Handler's business.
//
// Where AWS documents no rule, the rule is inferred from recordings of the real service.
package cfn
