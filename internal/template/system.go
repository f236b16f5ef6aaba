package template

import (
	"encoding/json"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/ec2"
	"github.com/awslabs/goformation/v7/cloudformation/resourcegroups"
)

const hostResourceGroup = "HostResourceGroup"

// userData is half of the contract with the AMI: what it runs at first boot, and with which parameter's name.
func (f fleet) userData() string {
	if f.IsWindows() {
		return intrinsic("Fn::Base64", `<powershell>C:\semaphore-agent\start.ps1 `+f.configName()+"</powershell>")
	}
	return intrinsic("Fn::Base64", "#!/bin/bash\n/opt/semaphore/agent/start.sh "+f.configName())
}

// placeOnHosts puts instances with macOS on the dedicated hosts of the host resource group.
func (f fleet) placeOnHosts(data *ec2.LaunchTemplate_LaunchTemplateData) {
	if !f.IsMac() {
		return
	}
	data.Placement = &ec2.LaunchTemplate_Placement{
		Tenancy:              new("host"),
		HostResourceGroupArn: new(getAtt(hostResourceGroup, "Arn")),
	}
	data.LicenseSpecifications = []ec2.LaunchTemplate_LicenseSpecification{{LicenseConfigurationArn: new(f.LicenseARN)}}
}

// hostResourceGroup has a fixed name, because its type requires one; only the name is create-only, so it is never
// replaced. License Manager allocates and releases its hosts.
func (f fleet) hostResourceGroup() json.Marshaler {
	return resourcegroups.Group{
		Name:        f.StackName,
		Description: new("Dedicated hosts of the Semaphore agents"),
		Resources:   f.hostARNs(),
		Configuration: []resourcegroups.Group_ConfigurationItem{
			{Type: new("AWS::EC2::HostManagement"), Parameters: []resourcegroups.Group_ConfigurationParameter{
				{Name: new("allowed-host-based-license-configurations"), Values: []string{f.LicenseARN}},
				{Name: new("allowed-host-families"), Values: f.MacFamilies},
				{Name: new("auto-allocate-host"), Values: []string{strconv.FormatBool(f.AllocateHost)}},
				{Name: new("auto-release-host"), Values: []string{strconv.FormatBool(f.ReleaseHost)}},
				{Name: new("auto-host-recovery"), Values: []string{"true"}},
			}},
			{Type: new("AWS::ResourceGroups::Generic"), Parameters: []resourcegroups.Group_ConfigurationParameter{
				{Name: new("allowed-resource-types"), Values: []string{"AWS::EC2::Host"}},
				{Name: new("deletion-protection"), Values: []string{"UNLESS_EMPTY"}},
			}},
		},
	}
}

func (f fleet) hostARNs() []string {
	var arns []string
	for _, host := range f.MacHosts {
		arns = append(arns, arn("ec2", "dedicated-host/%s", host))
	}
	return arns
}
