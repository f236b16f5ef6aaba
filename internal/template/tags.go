package template

import (
	"fmt"
	"slices"

	"github.com/awslabs/goformation/v7/cloudformation/autoscaling"
	"github.com/awslabs/goformation/v7/cloudformation/tags"
)

// tags are those of the instances, their volumes and their security group. A tag of the user's own goes before one of
// semagent's.
func (f fleet) tags() []tags.Tag {
	list := []tags.Tag{{Key: "Name", Value: f.StackName}, {Key: "application", Value: "semaphore-agent"}}
	for _, own := range f.Tags {
		tag := tags.Tag{Key: own.Key, Value: own.Value}
		if i := slices.IndexFunc(list, func(t tags.Tag) bool { return t.Key == own.Key }); i >= 0 {
			list[i] = tag
			continue
		}
		list = append(list, tag)
	}
	return list
}

func (f fleet) groupTags() []autoscaling.AutoScalingGroup_TagProperty {
	var list []autoscaling.AutoScalingGroup_TagProperty
	for _, tag := range f.tags() {
		list = append(list, autoscaling.AutoScalingGroup_TagProperty{Key: tag.Key, Value: tag.Value, PropagateAtLaunch: true})
	}
	return list
}

// tagged puts the user's tags on every resource that can bear them and has none of them yet. Without tags it changes
// nothing.
func (f fleet) tagged(resources map[string]any) (map[string]any, error) {
	if len(f.Tags) == 0 {
		return resources, nil
	}
	out := make(map[string]any, len(resources))
	for id, resource := range resources {
		object, err := objectOf(resource)
		if err != nil {
			return nil, fmt.Errorf("tag %s: %w", id, err)
		}
		properties, _ := object["Properties"].(map[string]any)
		kind, _ := object["Type"].(string)
		f.tag(kind, properties)
		out[id] = object
	}
	return out, nil
}

// tag goes by the resource type's own form of tags: a list of keys and values, an object, or one of EC2's
// specifications.
func (f fleet) tag(kind string, properties map[string]any) {
	switch kind {
	case "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::Events::Rule", "AWS::ResourceGroups::Group",
		"AWS::CloudWatch::Alarm", "AWS::SNS::Topic":
		properties["Tags"] = f.ownTags()
	case "AWS::SSM::Parameter":
		object := map[string]any{}
		for _, tag := range f.Tags {
			object[tag.Key] = tag.Value
		}
		properties["Tags"] = object
	case "AWS::EC2::LaunchTemplate":
		properties["TagSpecifications"] = []any{map[string]any{"ResourceType": "launch-template", "Tags": f.ownTags()}}
	}
}

func (f fleet) ownTags() []tags.Tag {
	list := make([]tags.Tag, len(f.Tags))
	for i, tag := range f.Tags {
		list[i] = tags.Tag{Key: tag.Key, Value: tag.Value}
	}
	return list
}
