package lookup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/semagent/semagent/internal/awserr"
	"github.com/semagent/semagent/internal/config"
)

// machine checks the instance type and the key pair.
func (r *resolver) machine(ctx context.Context, report *report) error {
	r.architectures = map[string][]string{}
	for _, name := range r.cfg.InstanceTypes() {
		if err := r.checkInstanceType(ctx, report, name); err != nil {
			return err
		}
	}
	return r.checkKeyPair(ctx, report)
}

func (r *resolver) checkInstanceType(ctx context.Context, report *report, name string) error {
	what := fmt.Sprintf("instance type %q", name)
	out, err := r.Machines.DescribeInstanceTypes(ctx, &ec2.DescribeInstanceTypesInput{
		InstanceTypes: []types.InstanceType{types.InstanceType(name)},
	})
	switch {
	case awserr.Code(err) == "InvalidInstanceType", err == nil && len(out.InstanceTypes) == 0:
		report.problem(Problem{What: what, Found: "is not offered", Fix: FixSetting, Subject: name, Settings: []string{r.setsType(name)}})
		return nil
	case err != nil:
		return report.unchecked(err, what, "ec2:DescribeInstanceTypes")
	}
	if processor := out.InstanceTypes[0].ProcessorInfo; processor != nil {
		for _, architecture := range processor.SupportedArchitectures {
			r.architectures[name] = append(r.architectures[name], string(architecture))
		}
	}
	return nil
}

// setsType is the setting that an instance type comes from.
func (r *resolver) setsType(name string) string {
	switch {
	case name == r.cfg.InstanceType:
		return setInstanceType
	case len(r.cfg.Overrides) == 0:
		return config.SettingMacFamily
	default:
		return config.SettingOverrides
	}
}

// matchArchitecture is the one check that needs two look-ups: that the instance types can run the AMI.
func (r *resolver) matchArchitecture(report *report) {
	image := r.facts.ImageArchitecture
	for _, name := range r.cfg.InstanceTypes() {
		runs := r.architectures[name]
		if image == "" || len(runs) == 0 || slices.Contains(runs, image) {
			continue
		}
		report.problem(Problem{
			What:  fmt.Sprintf("AMI %q", r.facts.ImageID),
			Found: fmt.Sprintf("is for %s, but instance type %q runs %s", image, name, strings.Join(runs, " or ")),
			Fix:   FixSetting, Subject: r.facts.ImageID, Settings: []string{r.setsType(name), setImage},
		})
	}
}

func (r *resolver) checkKeyPair(ctx context.Context, report *report) error {
	name := r.cfg.KeyName
	if name == "" {
		return nil
	}
	what := fmt.Sprintf("key pair %q", name)
	// By name and not by filter: a key pair's name may hold what a filter takes for a wildcard.
	_, err := r.Machines.DescribeKeyPairs(ctx, &ec2.DescribeKeyPairsInput{KeyNames: []string{name}})
	switch {
	case err == nil:
		return nil
	case awserr.IsNotFound(err):
		report.problem(Problem{What: what, Found: "does not exist", Fix: FixSetting, Subject: name, Settings: []string{setKeyName}})
		return nil
	}
	return report.unchecked(err, what, "ec2:DescribeKeyPairs")
}
