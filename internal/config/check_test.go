package config

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sample is values that one setting takes, and values that it refuses with words of the message.
type sample struct {
	accepted []string
	refused  map[string]string
}

func samples() map[string]sample {
	long := strings.Repeat
	uuid := "1234abcd-12ab-34cd-56ef-1234567890ab"
	all := map[string]sample{
		SettingOrganization: {
			[]string{"acme", "a", "acme-2", "Acme", long("a", 63)},
			map[string]string{
				"acme.semaphoreci.com": `what stands before ".semaphoreci.com"`, "-acme": "not the name", "acme-": "not the name",
				"ac me": "not the name", long("a", 64): "not the name", "acme_2": "not the name", " acme": "white space",
				"   ": "white space", "acme\n": "white space", "${AWS::Region}": "not the name",
			},
		},
		SettingEndpoint: {
			[]string{"acme.semaphoreci.com", "127.0.0.1:8080", "localhost:65535", "localhost", "acme.example.com:443"},
			map[string]string{
				"http://acme.example.com": "without scheme", "acme.example.com/api": "not a host name", "localhost:0": "port",
				"localhost:65536": "port", "a..b": "not a host name", ":80": "not a host name", "acme.com:": "not a host name",
				"https://": "not a host name", long("a.", 127) + "a": "255 characters long, and 253 are allowed",
				"user@acme.com": "not a host name",
			},
		},
		SettingStackName: {
			[]string{"ci", "Fleet-1", long("a", 52)},
			map[string]string{
				"1ci": "not a stack name", "-ci": "not a stack name", "my_fleet": "not a stack name", "a b": "not a stack name",
				long("a", 53): "53 characters long, and 52 are allowed", "semagent-bootstrap": "bootstrap stack",
			},
		},
		SettingTokenParameter: {
			[]string{"token", "/semaphore/agent-token", "a.b_c-d", "/a", "/" + long("a/", 14) + "b", "/my/aws/token", long("t", 1011)},
			map[string]string{
				"semaphore/token": `write "/semaphore/token"`, "/a//b": "empty level", "/a/": "empty level", "/": "empty level",
				long("/a", 16): "has 16 levels", "awsome": "reserves", "/aws/token": "reserves", "SSM-token": "reserves",
				"/Ssm/token": "reserves", "tok en": "not the name", "tökèn": "not the name", long("t", 1012): "1012 characters",
				"arn:aws:ssm:eu-west-1:123456789012:parameter/x": "not the name",
			},
		},
		"SEMAPHORE_AGENT_TOKEN_KMS_KEY": {
			[]string{
				uuid, "mrk-" + long("0a", 16), "alias/ci", "alias/team/ci_1", "alias/aws/ssm",
				"arn:aws:kms:eu-west-1:123456789012:key/" + uuid, "arn:aws-us-gov:kms:us-gov-west-1:123456789012:alias/ci",
				"arn:aws-cn:kms:cn-north-1:123456789012:alias/aws/ssm",
			},
			map[string]string{
				"ci": "not a KMS key", "alias/": "not a KMS key", "alias/aws/s3": "another service", "alias/aws/ssm2": "another service",
				"arn:aws:kms:eu-west-1:123456789012:alias/aws/ebs": "another service", strings.ToUpper(uuid): "not a KMS key",
				"arn:aws:kms:eu-west-1:1:key/" + uuid: "not a KMS key", "arn:aws:s3:::bucket": "not a KMS key",
			},
		},
		"SEMAPHORE_AGENT_INSTANCE_TYPE": {
			[]string{"t2.micro", "c7i-flex.large", "u-6tb1.56xlarge", "mac2-m2pro.metal", "m5.metal", "hpc7g.16xlarge"},
			map[string]string{"micro": "not an EC2 instance type", "t2.": "not an EC2", "T2.micro": "not an EC2", "t2.micro,t3.micro": "not an EC2"},
		},
		SettingMinSize: {
			[]string{"0", "1", "01"},
			map[string]string{
				"-1": "not a whole number", "+1": "not a whole number", "1.0": "not a whole number", "one": "not a whole number",
				"0x1": "not a whole number", "1_0": "not a whole number", "2147483648": "too large", long("9", 99): "too large",
				"1 ": "white space",
			},
		},
		SettingMaxSize:         {[]string{"1", "2147483647"}, map[string]string{"2147483648": "too large"}},
		SettingDesiredCapacity: {[]string{"0", "1"}, map[string]string{"x": "not a whole number"}},
		"SEMAPHORE_AGENT_USE_DYNAMIC_SCALING": {
			[]string{"true", "false", "True", "FALSE"},
			map[string]string{"1": "neither", "yes": "neither", "on": "neither", "truee": "neither"},
		},
		SettingSecurityGroupID: {
			[]string{"sg-12345678", "sg-0123456789abcdef0"},
			map[string]string{"sg-": "not a security group ID", "sg-123456789": "not a", "SG-12345678": "not a", "default": "not a"},
		},
		SettingKeyName: {
			[]string{"ops", "ops key (2024)", "k", long("k", 255)},
			map[string]string{
				" ops": "white space", "ops ": "white space", "clé": "not the name", "a\tb": "not the name",
				long("k", 256): "256 characters", "{{resolve:ssm:x}}": "dynamic reference",
			},
		},
		"SEMAPHORE_AGENT_DISCONNECT_AFTER_JOB": {[]string{"false"}, map[string]string{"no": "neither true nor false"}},
		SettingIdleTimeout:                     {[]string{"0", "300", "2147483647"}, map[string]string{"5m": "not a whole number"}},
		"SEMAPHORE_AGENT_CACHE_BUCKET_NAME": {
			[]string{"ci-cache", "my.bucket.1", "abc", long("b", 63)},
			map[string]string{
				"ab": "not the name", "Bucket": "not the name", "-ab": "not the name", long("b", 64): "not the name",
				"s3://bucket": "not the name", "a_b": "not the name", "192.168.5.4": "IP address", "a..b": "dot beside",
				"a.-b": "dot beside", "xn--bucket": "begins with", "sthree-a": "begins with", "amzn-s3-demo-x": "begins with",
				"a-s3alias": "ends with", "a--x-s3": "ends with", "a--ol-s3": "ends with", "ab.mrap": "ends with", "b--table-s3": "ends with",
			},
		},
		SettingVPCID: {[]string{"vpc-12345678", "vpc-0123456789abcdef0"}, map[string]string{"vpc-xyz": "not a VPC ID", "subnet-12345678": "not a VPC ID"}},
		SettingSubnets: {
			[]string{"subnet-12345678", "subnet-12345678,subnet-0123456789abcdef0", "subnet-12345678 , subnet-87654321"},
			map[string]string{
				"subnet-1": `item "subnet-1": not a subnet ID`, "subnet-12345678,": "empty item", ",": "empty item",
				"subnet-12345678,subnet-12345678":  "twice",
				"subnet-12345678, subnet-12345678": "twice", "subnet-12345678 subnet-87654321": "not a subnet ID",
			},
		},
		SettingOverprovisionStrategy: {
			[]string{"none", "number", "percentage"},
			map[string]string{"Number": "not an overprovision strategy", "percent": "not an overprovision strategy", "0": "not an overprovision"},
		},
		SettingOverprovisionFactor: {[]string{"0", "1", "200"}, map[string]string{"10%": "not a whole number", "-1": "not a whole number"}},
		SettingAlarms:              {[]string{"true", "false"}, map[string]string{"all": "neither true nor false"}},
		SettingAlarmTopic: {
			[]string{"arn:aws:sns:eu-west-1:123456789012:ops", "arn:aws-cn:sns:cn-north-1:123456789012:Ops_2.fifo"},
			map[string]string{"ops": "not the ARN of an SNS topic", "arn:aws:sqs:eu-west-1:123456789012:ops": "not the ARN"},
		},
		"SEMAPHORE_AGENT_AMI": {[]string{"ami-12345678", "ami-0123456789abcdef0"}, map[string]string{"ubuntu": "not an AMI ID"}},
	}
	maps.Copy(all, furtherSamples())
	return all
}

// environ sets one value in surroundings that allow it.
func environ(name, value string) []string {
	env := complete()
	for other, needed := range surroundings(name, value) {
		env = append(env, other+"="+needed)
	}
	if name == SettingOverprovisionStrategy {
		env = append(env, SettingOverprovisionFactor+"=1")
	}
	return append(env, name+"="+value)
}

func TestEachSetting(t *testing.T) {
	t.Parallel()
	all := samples()
	for _, name := range Names() {
		s, ok := all[name]
		if !ok {
			t.Errorf("%s has no samples", name)
		}
		for _, value := range s.accepted {
			if _, err := Load(Input{Environ: environ(name, value)}); err != nil {
				t.Errorf("%s=%q is refused: %v", name, value, err)
			}
		}
		for value, words := range s.refused {
			_, err := Load(Input{Environ: environ(name, value)})
			problems, ok := errors.AsType[Problems](err)
			if !ok || len(problems) != 1 {
				t.Errorf("%s=%q: got %v, want one problem", name, value, err)
				continue
			}
			p := problems[0]
			if p.Setting != name || p.Value != value || p.Source.Kind != FromEnvironment || p.Fix == "" ||
				!strings.Contains(p.String(), words) || strings.Contains(p.String(), "\n") {
				t.Errorf("%s=%q: %#v\n%s", name, value, p, p)
			}
		}
	}
}

// An editor that goes by the JSON Schema must not redden what Load takes.
func TestJSONSchemaAcceptsWhatLoadDoes(t *testing.T) {
	t.Parallel()
	for _, row := range schema() {
		property := row.property()
		written, _ := property["pattern"].(string)
		types, _ := property["type"].([]string)
		limit, limited := property["maxLength"].(int)
		pattern := regexp.MustCompile(written)
		for _, value := range append(samples()[row.name].accepted, "") {
			if !pattern.MatchString(value) || limited && len(value) > limit {
				t.Errorf("the schema of %s refuses %q", row.name, value)
			}
		}
		if pattern.MatchString("\x00") || !slices.Contains(types, "null") || !slices.Contains(types, "string") {
			t.Errorf("the schema of %s: pattern %q, types %q", row.name, written, types)
		}
	}
}

func encoded(object string) string { return base64.StdEncoding.EncodeToString([]byte(object)) }

// Values that goformation would turn into an intrinsic function, in the settings whose alphabet has room for them.
func TestIntrinsicInDisguise(t *testing.T) {
	t.Parallel()
	for _, object := range []string{
		`{"Ref":"Secret"}`, `{"Fn::Sub":"${AWS::StackId}"}`, `{"Fn::GetAtt":["A","B"]}`, ` { "Ref" : "X" } `, `{"Condition":"C"}`,
		`{"Fn::ImportValue":"x"}`, `{"\u0052ef":"X"}`, `{"Ref":"a","Ref":"b"}`, `{"Fn::Transform":{"Name":"AWS::Include"}}`,
	} {
		for _, name := range Names() {
			_, err := Load(Input{Environ: environ(name, encoded(object))})
			if err == nil {
				t.Errorf("%s takes %s in disguise", name, object)
			}
		}
		_, err := Load(Input{Environ: environ(SettingKeyName, encoded(object))})
		if err == nil || !strings.Contains(err.Error(), "is the base64 of the CloudFormation function") {
			t.Errorf("%s in disguise: %v", object, err)
		}
	}
	for _, object := range []string{`{"Ref":"a","b":"c"}`, `{"ref":"a"}`, `["Ref"]`, `"Ref"`, `{}`, `{"Ref":`, `null`} {
		if _, err := Load(Input{Environ: environ(SettingKeyName, encoded(object))}); err != nil {
			t.Errorf("harmless %s is refused: %v", object, err)
		}
	}
}

// goformationWouldRewrite repeats what goformation v7's intrinsics.ProcessJSON does with a string.
func goformationWouldRewrite(value string) bool {
	decoded, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return false
	}
	var object map[string]any
	if json.Unmarshal(decoded, &object) != nil || len(object) != 1 {
		return false
	}
	for key := range object {
		return slices.Contains([]string{
			"Fn::Base64", "Fn::And", "Fn::Equals", "Fn::If", "Fn::Not", "Fn::Or", "Fn::FindInMap", "Fn::GetAtt", "Fn::GetAZs",
			"Fn::ImportValue", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::Sub", "Ref", "Fn::Cidr", "Fn::Transform",
		}, key)
	}
	return false
}

func FuzzIntrinsicInDisguise(f *testing.F) {
	f.Add("Ref", `"X"`, " ")
	f.Add("Fn::Sub", `"${X}"`, "\n")
	f.Add("Fn::Join", `["",["a","b"]]`, "")
	f.Add("Fn::Other", `{}`, "")
	f.Fuzz(func(t *testing.T, key, argument, padding string) {
		quoted, err := json.Marshal(key)
		if err != nil {
			t.Fatal(err)
		}
		disguised := encoded(padding + "{" + padding + string(quoted) + padding + ":" + argument + "}" + padding)
		for _, value := range []string{disguised, key, argument, padding + key} {
			if goformationWouldRewrite(value) && checkInert(value) == (fault{}) {
				t.Errorf("%q passes as plain text", value)
			}
			for _, name := range []string{SettingKeyName, SettingTokenParameter} {
				if _, err := Load(Input{Environ: environ(name, value)}); err == nil && goformationWouldRewrite(value) {
					t.Errorf("%s takes %q", name, value)
				}
			}
		}
	})
}
