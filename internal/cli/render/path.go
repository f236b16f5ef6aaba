package render

import (
	"strconv"
	"strings"
)

// propertyName makes a property's path readable: /Properties/Tags/0/Value is Tags[0].Value, while
// /Metadata/Build is Metadata.Build. What is not a path stays as it is.
func propertyName(path string) string {
	if !strings.HasPrefix(path, "/") {
		return path
	}
	segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if len(segments) > 1 && segments[0] == "Properties" {
		segments = segments[1:]
	}
	var name string
	for _, segment := range segments {
		name = member(name, unescape(segment))
	}
	return name
}

// unescape undoes the escapes of a JSON pointer (RFC 6901).
func unescape(segment string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(segment)
}

// member extends a path by one step. An index or a name that holds path signs goes into brackets.
func member(path, name string) string {
	if _, err := strconv.ParseUint(name, 10, 32); err == nil || name == "" || strings.ContainsAny(name, ".[] ") {
		return element(path, name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func element(path, name string) string { return path + "[" + name + "]" }
