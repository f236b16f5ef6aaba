package awsfake

import "time"

type versionView struct {
	LaunchTemplateId, LaunchTemplateName string
	VersionNumber                        int
	CreateTime                           time.Time
	CreatedBy                            string
	DefaultVersion                       bool
	LaunchTemplateData                   templateView
}

type templateView struct {
	ImageId, InstanceType, KeyName, UserData, InstanceInitiatedShutdownBehavior string `wire:",omitempty"`

	SecurityGroupIdSet    []string
	BlockDeviceMappingSet []blockDevice
	IamInstanceProfile    *profileView
	MetadataOptions       *metadataView
	TagSpecificationSet   []tagSpecificationView
}

type profileView struct {
	Arn  string `wire:",omitempty"`
	Name string `wire:",omitempty"`
}

type metadataView struct {
	HttpTokens              string `wire:",omitempty"`
	HttpEndpoint            string `wire:",omitempty"`
	HttpPutResponseHopLimit int    `wire:",omitempty"`
}

type tagSpecificationView struct {
	ResourceType string
	TagSet       []ec2Tag
}

// dataView shows a launch template's data in the API's words.
func dataView(p props) templateView {
	v := templateView{
		ImageId: p.str("ImageId"), InstanceType: p.str("InstanceType"), KeyName: p.str("KeyName"), UserData: p.str("UserData"),
		InstanceInitiatedShutdownBehavior: p.str("InstanceInitiatedShutdownBehavior"), SecurityGroupIdSet: p.strings("SecurityGroupIds"),
	}
	for _, d := range p.objects("BlockDeviceMappings") {
		ebs := d.object("Ebs")
		v.BlockDeviceMappingSet = append(v.BlockDeviceMappingSet, blockDevice{d.str("DeviceName"), ebsDevice{
			VolumeSize: ebs.num("VolumeSize", 0), VolumeType: ebs.str("VolumeType"), DeleteOnTermination: ebs.flag("DeleteOnTermination", true),
			Encrypted: ebs.flag("Encrypted", false),
		}})
	}
	if profile := p.object("IamInstanceProfile"); profile != nil {
		v.IamInstanceProfile = &profileView{profile.str("Arn"), profile.str("Name")}
	}
	if m := p.object("MetadataOptions"); m != nil {
		v.MetadataOptions = &metadataView{m.str("HttpTokens"), m.str("HttpEndpoint"), m.num("HttpPutResponseHopLimit", 0)}
	}
	for _, s := range p.objects("TagSpecifications") {
		v.TagSpecificationSet = append(v.TagSpecificationSet, tagSpecificationView{s.str("ResourceType"), ec2Tags(s.tags("Tags"))})
	}
	return v
}
