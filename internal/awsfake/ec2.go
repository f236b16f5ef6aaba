package awsfake

import (
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// ec2Service owns images, the network, launch templates and instances. Instances come from Auto Scaling groups; RunInstances is not known.
type ec2Service struct {
	*core
	images    map[string]*image
	snapshots map[string]bool
	network   Network
	vpcs      map[string]*vpc
	subnets   map[string]*subnet
	routes    map[string]*routeTable
	gateways  map[string]*internetGateway
	groups    map[string]*securityGroup
	keyPairs  map[string]*keyPair
	templates map[string]*launchTemplate
	instances map[string]*instance
	ended     []func(*instance) // told when an instance terminates by other means than its group
}

func newEC2(c *core) *ec2Service {
	e := &ec2Service{
		core: c, images: map[string]*image{}, snapshots: map[string]bool{}, vpcs: map[string]*vpc{}, subnets: map[string]*subnet{}, routes: map[string]*routeTable{},
		gateways: map[string]*internetGateway{}, groups: map[string]*securityGroup{}, keyPairs: map[string]*keyPair{},
		templates: map[string]*launchTemplate{}, instances: map[string]*instance{},
	}
	e.seedNetwork()
	e.seedImages()
	e.addKeyPair("deploy-key")
	return e
}

func (e *ec2Service) service() *service {
	return &service{name: "ec2", protocol: protocol{kind: ec2Query, namespace: "http://ec2.amazonaws.com/doc/2016-11-15/"}, operations: map[string]operation{
		"DescribeImages":                 e.describeImages,
		"DescribeVpcs":                   e.describeVpcs,
		"DescribeSubnets":                e.describeSubnets,
		"DescribeRouteTables":            e.describeRouteTables,
		"DescribeInternetGateways":       e.describeInternetGateways,
		"DescribeAvailabilityZones":      e.describeAvailabilityZones,
		"DescribeSecurityGroups":         e.describeSecurityGroups,
		"DescribeKeyPairs":               e.describeKeyPairs,
		"DescribeInstanceTypes":          e.describeInstanceTypes,
		"DescribeInstanceTypeOfferings":  e.describeInstanceTypeOfferings,
		"DescribeLaunchTemplates":        e.describeLaunchTemplates,
		"DescribeLaunchTemplateVersions": e.describeLaunchTemplateVersions,
		"DescribeInstances":              e.describeInstances,
		"TerminateInstances":             e.terminateInstances,
		"GetConsoleOutput":               e.getConsoleOutput,
		"DeregisterImage":                e.deregisterImage,
		"DeleteSnapshot":                 e.deleteSnapshot,
	}}
}

// ec2Tag is a tag as EC2 writes it.
type ec2Tag struct{ Key, Value string }

func ec2Tags(tags map[string]string) []ec2Tag {
	var out []ec2Tag
	for _, k := range sortedKeys(tags) {
		out = append(out, ec2Tag{k, tags[k]})
	}
	return out
}

type keyPair struct {
	name, id, fingerprint string
	created               time.Time
}

func (e *ec2Service) addKeyPair(name string) {
	e.keyPairs[name] = &keyPair{name, randomID("key-", 17), randomID("", 40), e.now()}
}

func (k *keyPair) attribute(name string) ([]string, bool) {
	switch name {
	case "key-name":
		return []string{k.name}, true
	case "key-pair-id":
		return []string{k.id}, true
	}
	return nil, false
}

func (k *keyPair) tagMap() map[string]string { return nil }

func (e *ec2Service) describeKeyPairs(c *call) (any, error) {
	found, _, err := choose(c, e.keyPairs, "KeyName", func(name string) error {
		return wire.Errorf("InvalidKeyPair.NotFound", "The key pair '%s' does not exist", name)
	})
	if err != nil {
		return nil, err
	}
	type view struct {
		KeyPairId, KeyName, KeyFingerprint, KeyType string
		CreateTime                                  time.Time
	}
	views := []view{}
	for _, k := range found {
		views = append(views, view{k.id, k.name, k.fingerprint, "ed25519", k.created})
	}
	return struct {
		KeySet []view
	}{views}, nil
}
