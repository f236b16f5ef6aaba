package scaler

import "strings"

// failureClass says what kind of thing keeps Auto Scaling from launching, and so who can do something about it.
type failureClass string

const (
	failedCapacity failureClass = "InsufficientCapacity" // AWS has no such instance in these zones now
	failedQuota    failureClass = "Quota"                // the account's limit
	failedTemplate failureClass = "LaunchTemplate"       // AMI, key pair, security group, profile, subnet: the launch itself is wrong
	failedSpot     failureClass = "Spot"                 // no spot capacity, or a price too low
	failedOther    failureClass = "Other"
)

// classify reads the status message of a failed activity. Auto Scaling passes on EC2's sentence, sometimes with EC2's
// error code; both are in the EC2 API reference's table of error codes and in Auto Scaling's troubleshooting guide. The
// order matters: a message about the spot limit has words of three classes.
func classify(message string) failureClass {
	text := strings.ToLower(message)
	for _, class := range []struct {
		name  failureClass
		words []string
	}{
		{failedQuota, []string{
			"vcpulimitexceeded", "instancelimitexceeded", "maxspotinstancecountexceeded", "max spot instance count exceeded",
			"vcpu limit", "limit exceeded", "limit of", "quota", "you have requested more",
		}},
		{failedSpot, []string{"spot"}},
		{failedCapacity, []string{
			"insufficientinstancecapacity", "insufficient capacity", "do not have sufficient", "insufficienthostcapacity",
			"insufficientreservedinstancecapacity", "unfulfillablecapacity", "no capacity", "not have enough",
		}},
		{failedTemplate, []string{
			"does not exist", "launch template", "launchtemplate", "invalidamiid", "invalid ami", "ami ", "image id", "invalidkeypair",
			"key pair", "security group", "invalid iam instance profile", "instance profile", "invalidparameter", "invalid value",
			"not supported", "unsupported", "subnet", "client.internalerror", "client error on launch", "kms",
		}},
	} {
		for _, word := range class.words {
			if strings.Contains(text, word) {
				return class.name
			}
		}
	}
	return failedOther
}
