package awsfake

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

type image struct {
	id, name, owner, alias, state, architecture, description string

	created    time.Time
	volumeSize int
	tags       map[string]string
	public     bool
}

const (
	canonical = "099720109477" // publishes Ubuntu's images
	amazon    = "137112412989" // publishes Amazon Linux
)

// seedImages are public base images, as they are named on AWS. Their IDs are made up, but the same in every local AWS.
func (e *ec2Service) seedImages() {
	born := time.Date(2026, 1, 10, 3, 0, 0, 0, time.UTC)
	for i, release := range []string{"ubuntu-focal-20.04", "ubuntu-jammy-22.04", "ubuntu-noble-24.04"} {
		family := map[bool]string{true: "hvm-ssd-gp3", false: "hvm-ssd"}[release == "ubuntu-noble-24.04"]
		for j, arch := range []string{"amd64", "arm64"} {
			id := "ami-0ca0ca0ca0ca0000" + strconv.Itoa(2*i+j)
			e.images[id] = &image{
				id: id, name: "ubuntu/images/" + family + "/" + release + "-" + arch + "-server-20260110", owner: canonical, state: "available",
				architecture: map[string]string{"amd64": "x86_64", "arm64": "arm64"}[arch], created: born, volumeSize: 8, public: true,
			}
		}
	}
	for i, arch := range []string{"x86_64", "arm64"} {
		id := "ami-0a2a2a2a2a2a20000"[:20] + strconv.Itoa(i)
		e.images[id] = &image{
			id: id, name: "al2023-ami-2023.9.20260105.0-kernel-6.1-" + arch, owner: amazon, alias: "amazon", state: "available", architecture: arch,
			created: born, volumeSize: 8, public: true,
		}
	}
}

// addImage registers an AMI of the account's own and returns its ID; an empty id is made up.
func (e *ec2Service) addImage(name, id string) string {
	if id == "" {
		id = randomID("ami-", 17)
	}
	architecture := "x86_64"
	if regexp.MustCompile(`\barm64\b`).MatchString(name) {
		architecture = "arm64"
	}
	e.images[id] = &image{
		id: id, name: name, owner: e.account, state: "available", architecture: architecture, created: e.now(), volumeSize: 8, tags: map[string]string{},
	}
	e.snapshots[e.images[id].snapshot()] = true
	return id
}

// snapshot is the ID of what the image's root volume is made of.
func (i *image) snapshot() string { return "snap-" + i.id[4:] }

func (i *image) attribute(name string) ([]string, bool) {
	values := map[string]string{
		"name": i.name, "state": i.state, "architecture": i.architecture, "image-id": i.id, "owner-id": i.owner, "owner-alias": i.alias,
		"is-public": strconv.FormatBool(i.public), "root-device-type": "ebs", "virtualization-type": "hvm", "image-type": "machine",
		"creation-date": i.created.Format("2006-01-02T15:04:05.000Z"), "description": i.description, "hypervisor": "xen",
	}
	v, ok := values[name]
	return one(v), ok
}

func (i *image) tagMap() map[string]string { return i.tags }

type imageView struct {
	ImageId, ImageLocation, ImageState, ImageOwnerId, ImageOwnerAlias string `wire:",omitempty"`
	CreationDate                                                      string
	IsPublic                                                          bool
	Architecture, ImageType, Name                                     string
	Description                                                       string `wire:",omitempty"`
	RootDeviceType, RootDeviceName, VirtualizationType, Hypervisor    string
	BlockDeviceMapping                                                []blockDevice
	TagSet                                                            []ec2Tag
}

type blockDevice struct {
	DeviceName string
	Ebs        ebsDevice
}

type ebsDevice struct {
	SnapshotId          string `wire:",omitempty"`
	VolumeSize          int    `wire:",omitempty"`
	VolumeType          string `wire:",omitempty"`
	DeleteOnTermination bool
	Encrypted           bool
}

func (i *image) view() imageView {
	return imageView{
		ImageId: i.id, ImageLocation: i.owner + "/" + i.name, ImageState: i.state, ImageOwnerId: i.owner, ImageOwnerAlias: i.alias,
		CreationDate: i.created.Format("2006-01-02T15:04:05.000Z"), IsPublic: i.public, Architecture: i.architecture, ImageType: "machine", Name: i.name,
		Description: i.description, RootDeviceType: "ebs", RootDeviceName: "/dev/sda1", VirtualizationType: "hvm", Hypervisor: "xen", TagSet: ec2Tags(i.tags),
		BlockDeviceMapping: []blockDevice{{"/dev/sda1", ebsDevice{i.snapshot(), i.volumeSize, "gp3", true, false}}},
	}
}

func (e *ec2Service) describeImages(c *call) (any, error) {
	for _, id := range wire.Strings(c.form, "ImageId") {
		if !regexp.MustCompile(`^ami-[0-9a-f]{8,17}$`).MatchString(id) {
			return nil, wire.Errorf("InvalidAMIID.Malformed", `Invalid id: "%s"`, id)
		}
	}
	visible := maps.Clone(e.images)
	if owners := wire.Strings(c.form, "Owner"); len(owners) > 0 {
		maps.DeleteFunc(visible, func(_ string, i *image) bool {
			return !slices.ContainsFunc(owners, func(o string) bool { return o == i.owner || o == i.alias || o == "self" && i.owner == e.account })
		})
	}
	found, next, err := choose(c, visible, "ImageId", noImage)
	if err != nil {
		return nil, err
	}
	views := []imageView{}
	for _, i := range found {
		views = append(views, i.view())
	}
	return struct {
		ImagesSet []imageView
		NextToken string `wire:",omitempty"`
	}{views, next}, nil
}

func noImage(id string) error {
	return wire.Errorf("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", id)
}

// deregisterImage leaves the image's snapshots behind, as EC2 does unless it is told otherwise, which is not known here.
func (e *ec2Service) deregisterImage(c *call) (any, error) {
	id := c.form.Get("ImageId")
	if i := e.images[id]; i == nil || i.owner != e.account {
		return nil, noImage(id)
	}
	if c.form.Has("DeleteAssociatedSnapshots") {
		return nil, wire.Errorf("InvalidParameterValue", "the local AWS does not know DeleteAssociatedSnapshots")
	}
	delete(e.images, id)
	return struct{ Return bool }{true}, nil
}

func (e *ec2Service) deleteSnapshot(c *call) (any, error) {
	id := c.form.Get("SnapshotId")
	if !e.snapshots[id] {
		return nil, wire.Errorf("InvalidSnapshot.NotFound", "The snapshot '%s' does not exist.", id)
	}
	for _, i := range e.images {
		if i.snapshot() == id {
			return nil, wire.Errorf("InvalidSnapshot.InUse", "The snapshot %s is currently in use by %s", id, i.id)
		}
	}
	delete(e.snapshots, id)
	return struct{ Return bool }{true}, nil
}
