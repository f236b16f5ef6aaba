package cli

import (
	"errors"
	"regexp"
	"strings"

	"github.com/semagent/semagent/internal/deploy"
)

// remedy is what helps against one kind of cause. Its hint may have $1, $2: what the pattern caught.
type remedy struct {
	resourceType string // prefix; empty for any
	pattern      string // of the reason, whatever its case
	hint         string
}

// remedies go from the particular to the general; the first that fits is the one. The patterns are of AWS's own
// sentences: EC2's error codes, Auto Scaling's activities, CloudFormation's handlers.
func (a *app) remedies() []remedy {
	buildImage := "build the AMI with " + a.again("ami", "build") + ", or set one: --set SEMAPHORE_AGENT_AMI=ami-..."
	return []remedy{
		{"", `explicit deny in a service control policy`, "a policy of your AWS organization forbids it; ask whoever keeps the organization, or use another account or region"},
		{"", `hook\(s\) failed|hook.*(?:denied|failed)|::Hook`, "a CloudFormation hook of this account refused it; its reason stands above. List the hooks:\n\naws cloudformation list-types --type HOOK --visibility PRIVATE"},
		{"", `permissions boundary`, "the permissions boundary of the credentials that CloudFormation uses forbids it; widen it, or use another role"},
		{"", `not authorized to perform:? ([a-z0-9-]+:\w+)(?:.*? on resource:? "?(arn:[^\s",;]+|\*))?`, "allow $1 on $2 to the credentials that CloudFormation uses: yours, or the stack's role"},
		{"", `API: ([a-z0-9-]+:\w+) (?:You are not authorized|Access Denied)`, "allow $1 to the credentials that CloudFormation uses: yours, or the stack's role"},
		{"", `InvalidAMIID|image id '?\[?(ami-[0-9a-f]+)?.*does not exist|(?:AMI|image) .*(?:not found|is disabled|deprecated)`, "the AMI does not exist in this region, or this account may not use it; " + buildImage},
		{"", `architecture '?([\w_]+)'? .*instance type.* does not match .*architecture '?([\w_]+)'?`, "the instance type is of $1 and the AMI of $2: choose one to fit the other with SEMAPHORE_AGENT_INSTANCE_TYPE or SEMAPHORE_AGENT_AMI"},
		{"", `architecture.*(?:does not match|not supported).*(?:AMI|image)`, "the instance type and the AMI are of different architectures: change SEMAPHORE_AGENT_INSTANCE_TYPE or SEMAPHORE_AGENT_AMI"},
		{"", `instance type \(?([\w.-]+?)\)? is not supported in your requested Availability Zone(?: \(([\w-]+)\))?`, "choose a type that the zone has with SEMAPHORE_AGENT_INSTANCE_TYPE, or subnets in other zones with SEMAPHORE_AGENT_VPC_ID and SEMAPHORE_AGENT_SUBNETS. Where $1 is offered:\n\naws ec2 describe-instance-type-offerings --location-type availability-zone --filters Name=instance-type,Values=$1"},
		{"", `InsufficientInstanceCapacity|not (?:currently )?have sufficient .*capacity|no Spot capacity`, "AWS has no such machine free in that zone now: try again later, or choose another SEMAPHORE_AGENT_INSTANCE_TYPE"},
		{"", `vCPU|VcpuLimitExceeded|InstanceLimitExceeded|quota allows for \d+ more running instance|running instance\(s\)`, "the account's quota of running instances is used up: lower SEMAPHORE_AGENT_ASG_MAX_SIZE, choose a smaller SEMAPHORE_AGENT_INSTANCE_TYPE, or ask for more:\n\naws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-1216C47A --desired-value 64"},
		{"", `Max spot instance count exceeded`, "the account's quota of spot instances is used up; ask for more:\n\naws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-34B43A08 --desired-value 64"},
		{"", `InvalidKeyPair|key pair '?([^' ]*)'? does not exist`, "import the key pair in this region, or set SEMAPHORE_AGENT_KEY_NAME to one that is there:\n\naws ec2 describe-key-pairs"},
		{"", `KMSInvalidState|InvalidKMSKey|Invalid(?: |\.)?KMS|key.* is (?:disabled|pending deletion|pending import)|DisabledException`, "the KMS key cannot be used as it is: enable it, or cancel its deletion\n\naws kms enable-key --key-id KEY"},
		{"", `KMS ?Key.*(?:access|denied|not accessible|does not exist)|KMSAccessDenied|kms:\w+`, "the key's policy does not let it be used: let the key's policy trust this account's IAM policies, and the role of the resource use it"},
		{"", `NoSuchBucket|bucket does not exist`, "the bootstrap bucket is missing:\n\n" + a.again("bootstrap")},
		{"AWS::Lambda::", `NoSuchKey|GetObject`, "the function's code is not in the bootstrap bucket; another deploy uploads it again:\n\n" + a.again("deploy")},
		{"AWS::Lambda::", `architecture`, "Lambda does not offer arm64 in this region; deploy to another one with --region"},
		{"AWS::Lambda::", `code storage limit|CodeStorageExceeded`, "the account's storage for functions is full: delete old versions of functions, or ask for more:\n\naws service-quotas request-service-quota-increase --service-code lambda --quota-code L-2ACBD22F --desired-value 150"},
		{"AWS::Lambda::", `concurren|TooManyRequests|Rate exceeded`, "the account's limit on Lambda holds it back; look at it, then deploy again:\n\naws lambda get-account-settings"},
		{"AWS::EC2::SecurityGroup", `dependent object|DependencyViolation|is (?:currently )?in use`, "something outside the stack still uses the security group; find it, and detach it:\n\naws ec2 describe-network-interfaces --filters Name=group-id,Values=$physical"},
		{"", `already exists|AlreadyExists|EntityAlreadyExists`, "something of that name exists outside this stack: delete it, or choose another name with --stack-name"},
		{"", `Invalid IAM Instance Profile`, "IAM was slow to make the instance profile known; deploy again:\n\n" + a.again("deploy")},
		{"", `LimitExceeded|ServiceLimit|maximum (?:number|limit)|quota`, "a quota of the account is used up; find it and ask for more:\n\naws service-quotas list-services"},
	}
}

// remedyFor is what helps against the cause of a failure; empty where it is not known.
func (a *app) remedyFor(failure error) string {
	failed, ok := errors.AsType[*deploy.StackError](failure)
	if !ok || failed.Cause == nil {
		return ""
	}
	cause, reasons := failed.Cause, failed.Cause.StatusReason
	if group, ok := errors.AsType[*groupError](failure); ok {
		reasons = strings.Join(append([]string{reasons}, group.reasons...), "\n")
	}
	for _, r := range a.remedies() {
		caught := regexp.MustCompile("(?i)" + r.pattern).FindStringSubmatch(reasons)
		if caught == nil || !strings.HasPrefix(cause.Type, r.resourceType) {
			continue
		}
		return filled(r.hint, caught, cause.PhysicalID)
	}
	return ""
}

// filled puts what a pattern caught into a hint. What was not caught is named by its kind.
func filled(hint string, caught []string, physicalID string) string {
	words := []string{"$physical", orElse(physicalID, "ID")}
	for i, name := range []string{"$1", "$2"} {
		word := "the resource"
		if i+1 < len(caught) && caught[i+1] != "" {
			word = caught[i+1]
		}
		words = append(words, name, word)
	}
	return strings.NewReplacer(words...).Replace(hint)
}

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
