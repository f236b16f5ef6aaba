package config

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

const secureScheme = "https://"

// cleanEndpoint takes what people copy from the browser's address bar.
func cleanEndpoint(value string) (cleaned, warning string) {
	cleaned = value
	if len(value) >= len(secureScheme) && strings.EqualFold(value[:len(secureScheme)], secureScheme) {
		cleaned = value[len(secureScheme):]
	}
	cleaned = strings.TrimRight(cleaned, "/")
	if cleaned == value {
		return value, ""
	}
	return cleaned, fmt.Sprintf("%s %s: taken as the host %s; write it without scheme and slash", SettingEndpoint, quote(value), quote(cleaned))
}

func checkPort(value string) fault {
	_, port, found := strings.Cut(value, ":")
	if !found {
		return fault{}
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fault{"has a port that does not exist", "use a port from 1 to 65535"}
	}
	return fault{}
}

func checkStackName(value string) fault {
	if strings.EqualFold(value, "semagent-bootstrap") {
		return fault{"is the name of semagent's bootstrap stack", "choose another name for the fleet"}
	}
	return fault{}
}

// checkParameterName holds the rules of SSM's PutParameter, which answers most violations with the same sentence.
func checkParameterName(value string) fault {
	levels := strings.Split(strings.TrimPrefix(value, "/"), "/")
	first := strings.ToLower(levels[0])
	switch {
	case len(levels) > 1 && value[0] != '/':
		return fault{"is a path that does not begin with a slash", "write " + quote("/"+value)}
	case slices.Contains(levels, ""):
		return fault{"has an empty level", "use single slashes, and none at the end"}
	case len(levels) > 15:
		return fault{fmt.Sprintf("has %d levels", len(levels)), "use at most 15"}
	case strings.HasPrefix(first, "aws"), strings.HasPrefix(first, "ssm"):
		return fault{`begins with "aws" or "ssm", which SSM reserves`, "use a name of your own"}
	}
	return fault{}
}

// defaultKeyAlias is the key that SSM takes for a SecureString when none is named.
const defaultKeyAlias = "alias/aws/ssm"

func checkKMSKey(value string) fault {
	if strings.Contains(value, "alias/aws/") && customerKey(value) != "" {
		return fault{"is a key that AWS manages for another service", "use a key of your own, or leave it empty for " + defaultKeyAlias}
	}
	return fault{}
}

// customerKey is empty for every spelling of SSM's own key, so that the rest of semagent knows only one.
func customerKey(value string) string {
	if value == defaultKeyAlias || strings.HasSuffix(value, ":"+defaultKeyAlias) {
		return ""
	}
	return value
}

// checkBucket holds S3's naming rules beyond the alphabet. The reserved endings name access points and directory
// buckets, which the cache CLI can't use.
func checkBucket(value string) fault {
	if _, err := netip.ParseAddr(value); err == nil {
		return fault{"looks like an IP address", "S3 has no such bucket"}
	}
	if strings.Contains(value, "..") || strings.Contains(value, ".-") || strings.Contains(value, "-.") {
		return fault{"has a dot beside a dot or a hyphen", "S3 has no such bucket"}
	}
	for _, prefix := range []string{"xn--", "sthree-", "amzn-s3-demo-"} {
		if strings.HasPrefix(value, prefix) {
			return fault{"begins with " + quote(prefix) + ", which S3 reserves", "name a general purpose bucket"}
		}
	}
	for _, suffix := range []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"} {
		if strings.HasSuffix(value, suffix) {
			return fault{"ends with " + quote(suffix) + ", which S3 reserves", "name a general purpose bucket"}
		}
	}
	return fault{}
}

// checkInert refuses text that the way to CloudFormation would read as code: goformation turns any string that is the
// base64 of a one-key intrinsic object into that intrinsic, and CloudFormation resolves dynamic references.
func checkInert(value string) fault {
	if strings.Contains(value, "{{resolve:") {
		return fault{"holds a CloudFormation dynamic reference", "write the value itself"}
	}
	decoded, err := base64.StdEncoding.DecodeString(value)
	if err != nil {
		return fault{}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(decoded, &object) != nil || len(object) != 1 {
		return fault{}
	}
	for key := range object {
		if key == "Ref" || key == "Condition" || strings.HasPrefix(key, "Fn::") {
			return fault{"is the base64 of the CloudFormation function " + quote(key), "write the value itself"}
		}
	}
	return fault{}
}
