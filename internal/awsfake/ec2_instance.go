package awsfake

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// instanceState is a state with the code that EC2 gives it.
type instanceState struct {
	Code int
	Name string
}

const (
	pending      = "pending"
	running      = "running"
	shuttingDown = "shutting-down"
	terminated   = "terminated"
)

func stateOf(name string) instanceState {
	codes := map[string]int{pending: 0, running: 16, shuttingDown: 32, terminated: 48}
	return instanceState{codes[name], name}
}

type instance struct {
	id, image, kind, architecture, key, subnet, vpc, zone, profile, ip string

	groups   []string
	state    string
	reason   string
	spot     bool
	userData string
	launched time.Time
	tags     map[string]string
}

// launchSpec is what one instance is launched with.
type launchSpec struct {
	template     *launchTemplate
	version      int
	kind         string // of the template or an override
	subnet       string
	spot         bool
	tags         map[string]string
	profileKnown func(nameOrARN string) bool
}

func (s launchSpec) data() props { return s.template.versions[s.version-1] }

// check refuses a launch in the order and the words of RunInstances.
func (e *ec2Service) check(s launchSpec) error {
	data, kind := s.data(), e.instanceTypes()[s.kind]
	if kind == nil {
		return wire.Errorf("InvalidParameterValue", "Invalid value '%s' for InstanceType.", s.kind)
	}
	image := e.images[data.str("ImageId")]
	switch {
	case data.str("ImageId") == "":
		return wire.Errorf("MissingParameter", "The request must contain the parameter ImageId")
	case image == nil:
		return noImage(data.str("ImageId"))
	case image.architecture != kind.architecture:
		return wire.Errorf("InvalidParameterValue", "The architecture '%s' of the specified instance type does not match the architecture '%s' of the "+
			"specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' "+
			"or 'describe-images' to discover the architecture of the instance type or AMI.", kind.architecture, image.architecture)
	}
	if key := data.str("KeyName"); key != "" && e.keyPairs[key] == nil {
		return wire.Errorf("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", key)
	}
	if err := e.checkGroups(data.strings("SecurityGroupIds"), s.subnet); err != nil {
		return err
	}
	profile := data.object("IamInstanceProfile")
	if name := profile.str("Name") + profile.str("Arn"); name != "" && !s.profileKnown(name) {
		return wire.Errorf("InvalidParameterValue", "Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", name)
	}
	return nil
}

func (e *ec2Service) checkGroups(ids []string, subnetID string) error {
	s := e.subnets[subnetID]
	if s == nil {
		return noSubnet(subnetID)
	}
	for _, id := range ids {
		g := e.groups[id]
		if g == nil {
			return noGroup(id)
		}
		if g.vpc != s.vpc {
			return wire.Errorf("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, subnetID)
		}
	}
	return nil
}

// launch makes an instance that is pending; its owner moves it on.
func (e *ec2Service) launch(s launchSpec) (*instance, error) {
	if err := e.check(s); err != nil {
		return nil, err
	}
	data, place := s.data(), e.subnets[s.subnet]
	profile := data.object("IamInstanceProfile")
	i := &instance{
		id: randomID("i-", 17), image: data.str("ImageId"), kind: s.kind, key: data.str("KeyName"), subnet: s.subnet, vpc: place.vpc, zone: place.zone,
		profile: profile.str("Name") + profile.str("Arn"), groups: data.strings("SecurityGroupIds"), state: pending, spot: s.spot, launched: e.now(),
		userData: data.str("UserData"), architecture: e.images[data.str("ImageId")].architecture, tags: map[string]string{},
		ip: fmt.Sprintf("10.0.%d.%d", len(e.instances)/200, 10+len(e.instances)%200),
	}
	if len(i.groups) == 0 {
		i.groups = []string{e.defaultGroup(place.vpc)}
	}
	for _, spec := range data.objects("TagSpecifications") {
		if spec.str("ResourceType") == "instance" {
			maps.Copy(i.tags, spec.tags("Tags"))
		}
	}
	maps.Copy(i.tags, s.tags)
	e.instances[i.id] = i
	return i, nil
}

func (e *ec2Service) defaultGroup(vpcID string) string {
	for id, g := range e.groups {
		if g.vpc == vpcID && g.name == "default" {
			return id
		}
	}
	return ""
}

// terminate shuts an instance down; it is terminated ten seconds later and forgotten after an hour, as EC2 does.
func (e *ec2Service) terminate(i *instance, reason string) {
	if i.state == shuttingDown || i.state == terminated {
		return
	}
	i.state, i.reason = shuttingDown, reason
	e.after(10*time.Second, func() {
		i.state = terminated
		e.after(time.Hour, func() { delete(e.instances, i.id) })
	})
}

func (i *instance) attribute(name string) ([]string, bool) {
	values := map[string]string{
		"instance-id": i.id, "image-id": i.image, "instance-type": i.kind, "instance-state-name": i.state, "key-name": i.key, "subnet-id": i.subnet,
		"vpc-id": i.vpc, "availability-zone": i.zone, "architecture": i.architecture, "private-ip-address": i.ip,
	}
	if name == "instance.group-id" || name == "group-id" {
		return i.groups, true
	}
	value, ok := values[name]
	return one(value), ok
}

func (i *instance) tagMap() map[string]string { return i.tags }

func noInstance(id string) error {
	return wire.Errorf("InvalidInstanceID.NotFound", "The instance ID '%s' does not exist", id)
}

func (e *ec2Service) terminateInstances(c *call) (any, error) {
	type change struct {
		InstanceId                  string
		CurrentState, PreviousState instanceState
	}
	changes := []change{}
	ids := wire.Strings(c.form, "InstanceId")
	for _, id := range ids {
		if e.instances[id] == nil {
			return nil, noInstance(id)
		}
	}
	for _, id := range ids {
		i := e.instances[id]
		before := i.state
		e.terminate(i, "User initiated")
		changes = append(changes, change{id, stateOf(i.state), stateOf(before)})
		for _, tell := range e.ended {
			tell(i)
		}
	}
	return struct{ InstancesSet []change }{changes}, nil
}

func (e *ec2Service) getConsoleOutput(c *call) (any, error) {
	i := e.instances[c.form.Get("InstanceId")]
	if i == nil {
		return nil, noInstance(c.form.Get("InstanceId"))
	}
	var lines strings.Builder
	fmt.Fprintf(&lines, "[    0.000000] Linux version 6.8.0-aws\n[    4.210000] cloud-init[512]: instance-id %s\n", i.id)
	if i.state != pending {
		lines.WriteString("[   30.100000] cloud-init[512]: finished\n")
	}
	return struct {
		InstanceId string
		Timestamp  time.Time
		Output     string
	}{i.id, e.now(), base64.StdEncoding.EncodeToString([]byte(lines.String()))}, nil
}
