package lookup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/semagent/semagent/internal/awserr"
)

func (r *resolver) image(ctx context.Context, report *report) error {
	if r.cfg.ImageID != "" {
		return r.givenImage(ctx, report)
	}
	what := fmt.Sprintf("AMI named %q", r.req.ImageName)
	images, err := imagesByName(ctx, r.Machines, r.req.ImageName)
	if err != nil {
		return report.indispensable(err, what, "ec2:DescribeImages")
	}
	for _, image := range images {
		if image.State == types.ImageStateAvailable {
			r.takeImage(image)
			return nil
		}
	}
	found := "does not exist in this account"
	if len(images) > 0 {
		found = fmt.Sprintf("is not available: %s is %s", aws.ToString(images[0].ImageId), imageState(images[0]))
	}
	report.problem(Problem{What: what, Found: found, Fix: FixBuildImage, Subject: r.req.ImageName, Settings: []string{setImage}})
	return nil
}

// givenImage checks the AMI that the settings name. Its id is a fact already, so a denial only leaves it unchecked.
func (r *resolver) givenImage(ctx context.Context, report *report) error {
	id := r.cfg.ImageID
	what := fmt.Sprintf("AMI %q", id)
	r.facts.ImageID = id
	out, err := r.Machines.DescribeImages(ctx, &ec2.DescribeImagesInput{ImageIds: []string{id}})
	problem := Problem{What: what, Fix: FixSetting, Subject: id, Settings: []string{setImage}}
	switch {
	case strings.HasPrefix(awserr.Code(err), "InvalidAMIID."):
		problem.Found = "does not exist: " + awserr.Message(err)
		report.problem(problem)
	case err != nil:
		return report.unchecked(err, what, "ec2:DescribeImages")
	case len(out.Images) == 0:
		problem.Found = "does not exist or is not shared with this account"
		report.problem(problem)
	case out.Images[0].State != types.ImageStateAvailable:
		problem.Found = "is " + imageState(out.Images[0])
		report.problem(problem)
	default:
		r.takeImage(out.Images[0])
	}
	return nil
}

func (r *resolver) takeImage(image types.Image) {
	r.facts.ImageID = aws.ToString(image.ImageId)
	r.facts.ImageName = aws.ToString(image.Name)
	r.facts.ImageArchitecture = string(image.Architecture)
}

// imagesByName gives the account's own images of that name, whatever their state, newest first.
func imagesByName(ctx context.Context, api MachineAPI, name string) ([]types.Image, error) {
	var images []types.Image
	pages := ec2.NewDescribeImagesPaginator(api, &ec2.DescribeImagesInput{
		Owners:  []string{"self"},
		Filters: []types.Filter{filter("name", name)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		images = append(images, page.Images...)
	}
	// CreationDate is an ISO 8601 text in UTC (DescribeImages), so it sorts as text.
	slices.SortStableFunc(images, func(a, b types.Image) int {
		return cmp.Compare(aws.ToString(b.CreationDate), aws.ToString(a.CreationDate))
	})
	return images, nil
}

// imageState is the image's state with EC2's reason, where it gives one.
func imageState(image types.Image) string {
	if image.StateReason != nil && aws.ToString(image.StateReason.Message) != "" {
		return fmt.Sprintf("%s (%s)", image.State, aws.ToString(image.StateReason.Message))
	}
	return string(image.State)
}

func filter(name string, values ...string) types.Filter {
	return types.Filter{Name: &name, Values: values}
}
