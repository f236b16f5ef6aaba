package awsfake

import (
	"slices"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// instanceType is what EC2 offers under a name. The table holds the families that fleets of CI agents use; figures are AWS's.
type instanceType struct {
	name, architecture string
	vcpus, memory      int // memory in MiB
	burstable          bool
}

type size struct {
	name          string
	vcpus, memory int
}

func (e *ec2Service) instanceTypes() map[string]*instanceType {
	out := map[string]*instanceType{}
	burst := []size{{"nano", 2, 512}, {"micro", 2, 1024}, {"small", 2, 2048}, {"medium", 2, 4096}, {"large", 2, 8192}, {"xlarge", 4, 16384}, {"2xlarge", 8, 32768}}
	old := []size{{"nano", 1, 512}, {"micro", 1, 1024}, {"small", 1, 2048}, {"medium", 2, 4096}, {"large", 2, 8192}, {"xlarge", 4, 16384}, {"2xlarge", 8, 32768}}
	add := func(architecture string, ratio int, sizes []size, families ...string) {
		for _, f := range families {
			for _, s := range sizes {
				name := f + "." + s.name
				memory := s.memory
				if ratio > 0 {
					memory = s.vcpus * ratio * 1024
				}
				out[name] = &instanceType{name, architecture, s.vcpus, memory, ratio == 0}
			}
		}
	}
	add("x86_64", 0, old, "t2")
	add("x86_64", 0, burst, "t3", "t3a")
	add("arm64", 0, burst, "t4g")
	big := []size{{"large", 2, 0}, {"xlarge", 4, 0}, {"2xlarge", 8, 0}, {"4xlarge", 16, 0}, {"8xlarge", 32, 0}, {"12xlarge", 48, 0}, {"16xlarge", 64, 0}, {"24xlarge", 96, 0}}
	add("x86_64", 2, big, "c5", "c5a", "c6i", "c6a", "c7i", "c7a")
	add("x86_64", 4, big, "m5", "m5a", "m6i", "m6a", "m7i", "m7a")
	add("x86_64", 8, big, "r5", "r6i", "r7i")
	add("arm64", 2, big, "c6g", "c7g", "c8g")
	add("arm64", 4, big, "m6g", "m7g", "m8g")
	add("arm64", 8, big, "r6g", "r7g")
	return out
}

func (t *instanceType) attribute(name string) ([]string, bool) {
	switch name {
	case "instance-type":
		return one(t.name), true
	case "processor-info.supported-architecture":
		return one(t.architecture), true
	case "burstable-performance-supported":
		return one(map[bool]string{true: "true", false: "false"}[t.burstable]), true
	case "current-generation":
		return one("true"), true
	}
	return nil, false
}

func (t *instanceType) tagMap() map[string]string { return nil }

type typeView struct {
	InstanceType                                           string
	CurrentGeneration, FreeTierEligible, BareMetal         bool
	SupportedUsageClasses                                  []string
	SupportedRootDeviceTypes, SupportedVirtualizationTypes []string
	Hypervisor                                             string
	ProcessorInfo                                          struct{ SupportedArchitectures []string }
	VCpuInfo                                               struct{ DefaultVCpus int }
	MemoryInfo                                             struct{ SizeInMiB int }
	BurstablePerformanceSupported                          bool
}

func (e *ec2Service) describeInstanceTypes(c *call) (any, error) {
	all := e.instanceTypes()
	var unknown []string
	for _, name := range wire.Strings(c.form, "InstanceType") {
		if all[name] == nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, wire.Errorf("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", strings.Join(unknown, ", "))
	}
	found, next, err := choose(c, all, "InstanceType", nil)
	if err != nil {
		return nil, err
	}
	views := []typeView{}
	for _, t := range found {
		v := typeView{
			InstanceType: t.name, CurrentGeneration: true, FreeTierEligible: strings.HasSuffix(t.name, ".micro"), BurstablePerformanceSupported: t.burstable,
			SupportedUsageClasses: []string{"on-demand", "spot"}, SupportedRootDeviceTypes: []string{"ebs"}, SupportedVirtualizationTypes: []string{"hvm"},
			Hypervisor: "nitro",
		}
		v.ProcessorInfo.SupportedArchitectures, v.VCpuInfo.DefaultVCpus, v.MemoryInfo.SizeInMiB = []string{t.architecture}, t.vcpus, t.memory
		views = append(views, v)
	}
	return struct {
		InstanceTypeSet []typeView
		NextToken       string `wire:",omitempty"`
	}{views, next}, nil
}

// offering is one instance type in one place.
type offering struct{ name, kind, location string }

func (o offering) attribute(name string) ([]string, bool) {
	switch name {
	case "instance-type":
		return one(o.name), true
	case "location":
		return one(o.location), true
	}
	return nil, false
}

func (o offering) tagMap() map[string]string { return nil }

func (e *ec2Service) describeInstanceTypeOfferings(c *call) (any, error) {
	kind, places := c.form.Get("LocationType"), []string{e.region}
	switch kind {
	case "", "region":
		kind = "region"
	case "availability-zone":
		places = e.zones()
	case "availability-zone-id":
		places = slices.Clone(e.zones())
		for i := range places {
			places[i] = e.zoneID(places[i])
		}
	default:
		return nil, wire.Errorf("InvalidParameterValue", "Value (%s) for parameter locationType is invalid.", kind)
	}
	all := map[string]offering{}
	for name := range e.instanceTypes() {
		for _, place := range places {
			all[name+" "+place] = offering{name, kind, place}
		}
	}
	found, next, err := choose(c, all, "-", nil)
	if err != nil {
		return nil, err
	}
	type view struct{ InstanceType, LocationType, Location string }
	views := []view{}
	for _, o := range found {
		views = append(views, view{o.name, o.kind, o.location})
	}
	return struct {
		InstanceTypeOfferingSet []view
		NextToken               string `wire:",omitempty"`
	}{views, next}, nil
}
