package awsfake

import (
	"strings"
	"time"
)

type placement struct{ AvailabilityZone, Tenancy string }

type groupRef struct{ GroupId, GroupName string }

type codedReason struct{ Code, Message string }

type instanceView struct {
	InstanceId, ImageId                                               string
	InstanceState                                                     instanceState
	PrivateDnsName, PrivateIpAddress                                  string
	KeyName, InstanceLifecycle, Reason                                string `wire:",omitempty"`
	InstanceType                                                      string
	LaunchTime                                                        time.Time
	Placement                                                         placement
	SubnetId, VpcId, Architecture, RootDeviceType, VirtualizationType string
	IamInstanceProfile                                                *struct{ Arn, Id string }
	GroupSet                                                          []groupRef
	StateReason                                                       *codedReason
	TagSet                                                            []ec2Tag
}

func (e *ec2Service) view(i *instance) instanceView {
	v := instanceView{
		InstanceId: i.id, ImageId: i.image, InstanceState: stateOf(i.state), PrivateIpAddress: i.ip, KeyName: i.key, InstanceType: i.kind,
		PrivateDnsName: "ip-" + strings.ReplaceAll(i.ip, ".", "-") + "." + e.region + ".compute.internal", LaunchTime: i.launched, Reason: i.reason,
		Placement: placement{i.zone, "default"}, SubnetId: i.subnet, VpcId: i.vpc, Architecture: i.architecture, RootDeviceType: "ebs", VirtualizationType: "hvm",
		TagSet: ec2Tags(i.tags),
	}
	if i.spot {
		v.InstanceLifecycle = "spot"
	}
	if i.profile != "" {
		arn := i.profile
		if !strings.HasPrefix(arn, "arn:") {
			arn = "arn:" + e.partition + ":iam::" + e.account + ":instance-profile/" + arn
		}
		v.IamInstanceProfile = &struct{ Arn, Id string }{arn, "AIPA0LOCAL"}
	}
	for _, id := range i.groups {
		if g := e.groups[id]; g != nil {
			v.GroupSet = append(v.GroupSet, groupRef{id, g.name})
		}
	}
	if i.reason != "" {
		v.StateReason = &codedReason{"Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: " + i.reason}
	}
	return v
}

func (e *ec2Service) describeInstances(c *call) (any, error) {
	found, next, err := choose(c, e.instances, "InstanceId", noInstance)
	if err != nil {
		return nil, err
	}
	type reservation struct {
		ReservationId, OwnerId string
		InstancesSet           []instanceView
	}
	reservations := []reservation{}
	for _, i := range found {
		reservations = append(reservations, reservation{"r-" + i.id[2:], e.account, []instanceView{e.view(i)}})
	}
	return struct {
		ReservationSet []reservation
		NextToken      string `wire:",omitempty"`
	}{reservations, next}, nil
}
