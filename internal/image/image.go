// Package image owns the machine images in the account: which there are, who uses them, and their removal. It refuses
// to know what is in them and how they are made.
package image

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/semagent/semagent/internal/awserr"
)

// The tags that the recipe gives to an image.
const (
	tagManaged = "semagent:managed"
	tagOS      = "semagent:os"
)

// API is what the package needs of *ec2.Client.
type API interface {
	DescribeImages(context.Context, *ec2.DescribeImagesInput, ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error)
	DescribeInstances(context.Context, *ec2.DescribeInstancesInput, ...func(*ec2.Options)) (*ec2.DescribeInstancesOutput, error)
	DeregisterImage(context.Context, *ec2.DeregisterImageInput, ...func(*ec2.Options)) (*ec2.DeregisterImageOutput, error)
	DeleteSnapshot(context.Context, *ec2.DeleteSnapshotInput, ...func(*ec2.Options)) (*ec2.DeleteSnapshotOutput, error)
}

// Image is one of the account's own machine images.
type Image struct {
	ID        string
	Name      string
	State     string // available, pending, failed, ...
	OS        string // as ubuntu-focal; empty where the image has no such tag
	Arch      string // x86_64 or arm64
	Created   time.Time
	Managed   bool // tagged as made by semagent's recipe
	Snapshots []string
}

// List gives the account's own images whose name matches the pattern, * standing for anything, newest first.
func List(ctx context.Context, api API, pattern string) ([]Image, error) {
	var found []Image
	pages := ec2.NewDescribeImagesPaginator(api, &ec2.DescribeImagesInput{
		Owners: []string{"self"}, Filters: []types.Filter{{Name: aws.String("name"), Values: []string{pattern}}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("list images named %q: %w", pattern, err)
		}
		for _, raw := range page.Images {
			found = append(found, newImage(raw))
		}
	}
	slices.SortStableFunc(found, func(a, b Image) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.Name, b.Name)) })
	return found, nil
}

// Available is the newest of images that can be launched; false when there is none.
func Available(images []Image) (Image, bool) {
	for _, i := range images {
		if i.State == string(types.ImageStateAvailable) {
			return i, true
		}
	}
	return Image{}, false
}

// Instances counts the instances of each image that are not terminated.
func Instances(ctx context.Context, api API, images []Image) (map[string]int, error) {
	counts := map[string]int{}
	for chunk := range slices.Chunk(images, 200) { // EC2 takes 200 values a filter
		ids := make([]string, 0, len(chunk))
		for _, i := range chunk {
			ids = append(ids, i.ID)
		}
		pages := ec2.NewDescribeInstancesPaginator(api, &ec2.DescribeInstancesInput{Filters: []types.Filter{
			{Name: aws.String("image-id"), Values: ids},
			{Name: aws.String("instance-state-name"), Values: []string{"pending", "running", "stopping", "stopped"}},
		}})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, fmt.Errorf("list instances of the images: %w", err)
			}
			for _, reservation := range page.Reservations {
				for _, instance := range reservation.Instances {
					counts[aws.ToString(instance.ImageId)]++
				}
			}
		}
	}
	return counts, nil
}

// Remove deregisters an image and deletes its snapshots, which cost money as long as they are there. What is gone already
// is no error.
func Remove(ctx context.Context, api API, i Image) error {
	_, err := api.DeregisterImage(ctx, &ec2.DeregisterImageInput{ImageId: aws.String(i.ID)})
	// EC2's codes for what does not exist end in .NotFound, or .Unavailable for an image that is deregistered.
	if err != nil && !awserr.IsNotFound(err) && awserr.Code(err) != "InvalidAMIID.Unavailable" {
		return fmt.Errorf("deregister image %s: %w", i.ID, err)
	}
	var failed []error
	for _, id := range i.Snapshots {
		_, err := api.DeleteSnapshot(ctx, &ec2.DeleteSnapshotInput{SnapshotId: aws.String(id)})
		if err != nil && !awserr.IsNotFound(err) {
			failed = append(failed, fmt.Errorf("delete snapshot %s of image %s: %w", id, i.ID, err))
		}
	}
	return errors.Join(failed...)
}

func newImage(raw types.Image) Image {
	i := Image{
		ID: aws.ToString(raw.ImageId), Name: aws.ToString(raw.Name), State: string(raw.State), Arch: string(raw.Architecture),
	}
	// An answer without a date that can be read leaves the image the oldest.
	i.Created, _ = time.Parse(time.RFC3339, aws.ToString(raw.CreationDate))
	for _, tag := range raw.Tags {
		switch aws.ToString(tag.Key) {
		case tagManaged:
			i.Managed = aws.ToString(tag.Value) == "true"
		case tagOS:
			i.OS = aws.ToString(tag.Value)
		}
	}
	for _, device := range raw.BlockDeviceMappings {
		if device.Ebs != nil && device.Ebs.SnapshotId != nil {
			i.Snapshots = append(i.Snapshots, *device.Ebs.SnapshotId)
		}
	}
	return i
}
