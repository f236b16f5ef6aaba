// Package template owns the CloudFormation documents: the fleet's and the bootstrap stack's. It is pure, equal
// Inputs give equal bytes. It refuses to look anything up, and to let a value change what the document means.
package template

import "github.com/semagent/semagent/internal/config"

// Names of the stacks' outputs. The scaler's two are there only while dynamic scaling is on; OutputBucket is the
// bootstrap stack's.
const (
	OutputGroup          = "AgentGroupName"
	OutputScaler         = "ScalerFunctionName"
	OutputLogGroup       = "LogGroup"
	OutputTokenParameter = "TokenParameterName"
	OutputEndpoint       = "Endpoint"
	OutputImage          = "ImageId"
	OutputBucket         = "BucketName"
)

// Inputs is everything the fleet's template is made of: the settings, and what only AWS or the build knows.
type Inputs struct {
	Config config.Config

	// Offline allows placeholders where ImageID or TokenKMSKeyARN is needed and empty; the document's Metadata
	// names them. Otherwise that is an error.
	Offline bool

	ImageID         string // resolved AMI id; empty: Config.ImageID
	TokenKMSKeyARN  string // ARN of the customer key; empty if Config names none, or alias/aws/ssm
	DesiredCapacity int    // what the template says, within minimum and maximum size; not what is live
	ScalerDigest    string // SHA-256 of the scaler's zip in hex; its object key is scaler/<digest>.zip

	// FunctionSubnets are those of Config.Subnets that the functions run in. Without any they stay outside of the VPC.
	// Offline and with a VPC, all of Config.Subnets stand for them.
	FunctionSubnets []string

	// KnownHosts are GitHub's SSH host keys as ssh_keys of api.github.com/meta lists them: type and key, without a
	// host; the image's start.sh puts github.com before each. They are the parameter's first value only.
	KnownHosts []string
}

// fleet is Inputs, checked, with what was empty resolved.
type fleet struct {
	config.Config
	desired      int
	imageID      string
	keyARN       string // empty: the AWS managed key, which needs no permission
	scalerKey    string
	knownHosts   []string
	functionNets []string       // subnets of the functions; nil: they stay outside of the VPC
	placeholders map[string]any // by logical ID and property; nil: none
}

// Build makes the fleet's template. Its error names every input that is missing or that would mean something
// else inside a template than it says.
func Build(in Inputs) (Document, error) {
	if err := in.check(); err != nil {
		return Document{}, err
	}
	f, err := resolve(in)
	if err != nil {
		return Document{}, err
	}
	resources := map[string]any{
		agentConfigParameter: f.configParameter(),
		knownHostsParameter:  f.knownHostsParameter(),
		agentRole:            f.agentRole(),
		agentInstanceProfile: f.instanceProfile(),
		agentLaunchTemplate:  f.launchTemplate(),
		agentGroup:           f.group(),
	}
	if f.SecurityGroupID == "" {
		resources[agentSecurityGroup] = f.securityGroup()
	}
	f.maintenance().addTo(resources)
	if f.DynamicScaling {
		f.scaler().addTo(resources)
	}
	if f.DynamicScaling && f.Alarms {
		f.addAlarms(resources)
	}
	if f.IsMac() {
		resources[hostResourceGroup] = f.hostResourceGroup()
	}
	if len(f.functionNets) > 0 {
		resources[functionSecurityGroup] = f.functionSecurityGroup()
	}
	if resources, err = f.tagged(resources); err != nil {
		return Document{}, err
	}
	return render(body{
		Description: "Fleet of self-hosted Semaphore agents, made by semagent",
		Metadata:    f.placeholders,
		Resources:   resources,
		Outputs:     f.outputs(),
	})
}

func (f fleet) outputs() map[string]output {
	outputs := map[string]output{
		OutputGroup:          {"Auto Scaling group of the agents", ref(agentGroup)},
		OutputTokenParameter: {"SSM parameter that holds the registration token", f.TokenParameter},
		OutputEndpoint:       {"Semaphore API that the agents register with", f.Endpoint},
		OutputImage:          {"AMI that new agents boot from", f.imageID},
	}
	if f.DynamicScaling {
		outputs[OutputScaler] = output{"Function that raises the group's desired capacity", ref(scalerFunction)}
		outputs[OutputLogGroup] = output{"Log group of the scaler", ref(scalerLogGroup)}
	}
	return outputs
}
