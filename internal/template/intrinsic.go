package template

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// intrinsic is a string that goformation's intrinsics package turns into the intrinsic function: the base64 of the
// object. That is also why check refuses such a string from a user.
func intrinsic[T string | []string](name string, argument T) string {
	object, _ := json.Marshal(map[string]T{name: argument}) // strings always marshal
	return base64.StdEncoding.EncodeToString(object)
}

func ref(logicalID string) string { return intrinsic("Ref", logicalID) }

func getAtt(logicalID, attribute string) string {
	return intrinsic("Fn::GetAtt", []string{logicalID, attribute})
}

// sub is Fn::Sub of format, whose verbs are all %s; the values stay what they are, also if they hold "${".
func sub(format string, values ...string) string {
	escaped := make([]any, len(values))
	for i, v := range values {
		escaped[i] = strings.ReplaceAll(v, "${", "${!")
	}
	return intrinsic("Fn::Sub", fmt.Sprintf(format, escaped...))
}

// arn is the ARN of a resource in this partition, region and account.
func arn(service, resource string, values ...string) string {
	return sub("arn:${AWS::Partition}:"+service+":${AWS::Region}:${AWS::AccountId}:"+resource, values...)
}

// overlaid is a goformation resource with properties that goformation 7.14.9 does not know, or knows with a type that
// cannot hold what CloudFormation takes.
type overlaid struct {
	resource   json.Marshaler
	properties map[string]any
}

// MarshalJSON is the resource's JSON with the properties laid over its own, object by object.
func (o overlaid) MarshalJSON() ([]byte, error) {
	resource, err := objectOf(o.resource)
	if err != nil {
		return nil, err
	}
	lay(resource, map[string]any{"Properties": o.properties})
	return json.Marshal(resource)
}

func objectOf(resource any) (map[string]any, error) {
	raw, err := json.Marshal(resource)
	if err != nil {
		return nil, err
	}
	var object map[string]any
	return object, json.Unmarshal(raw, &object)
}

func lay(under, over map[string]any) {
	for key, value := range over {
		upper, isObject := value.(map[string]any)
		lower, wasObject := under[key].(map[string]any)
		if isObject && wasObject {
			lay(lower, upper)
			continue
		}
		under[key] = value
	}
}
