package template

import (
	"github.com/awslabs/goformation/v7/cloudformation/ec2"
)

// blockDevices is nil without a volume of the user's own: the AMI's mappings stand then.
func (f fleet) blockDevices() []ec2.LaunchTemplate_BlockDeviceMapping {
	if f.VolumeName == "" {
		return nil
	}
	volume := &ec2.LaunchTemplate_Ebs{
		VolumeType:          new(f.VolumeType),
		VolumeSize:          new(f.VolumeSize),
		Encrypted:           new(true),
		DeleteOnTermination: new(true), // a volume that is no root volume would otherwise outlive each job's instance
	}
	if f.VolumeIOPS > 0 {
		volume.Iops = new(f.VolumeIOPS)
	}
	if f.VolumeThroughput > 0 {
		volume.Throughput = new(f.VolumeThroughput)
	}
	return []ec2.LaunchTemplate_BlockDeviceMapping{{DeviceName: new(f.VolumeName), Ebs: volume}}
}
