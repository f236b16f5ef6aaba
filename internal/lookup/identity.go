package lookup

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Caller is whose credentials are in use.
type Caller struct {
	Account   string // twelve digits
	ARN       string // user or assumed role
	Partition string // "aws", "aws-cn", "aws-us-gov"
}

// Identity asks STS who the credentials belong to. It is the one call that no policy can deny, so its failure
// means that the credentials, the region or the network are not right.
func Identity(ctx context.Context, api STSAPI) (Caller, error) {
	out, err := api.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, fmt.Errorf("ask AWS whose credentials these are: %w", err)
	}
	caller := Caller{Account: aws.ToString(out.Account), ARN: aws.ToString(out.Arn)}
	fields := strings.SplitN(caller.ARN, ":", 3)
	if len(fields) != 3 || fields[0] != "arn" || caller.Account == "" {
		return Caller{}, fmt.Errorf("ask AWS whose credentials these are: unexpected answer %q, %q", caller.Account, caller.ARN)
	}
	caller.Partition = fields[1]
	return caller, nil
}
