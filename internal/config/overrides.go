package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Override is one override of the launch template, with CloudFormation's own keys. It holds strings, json.Number,
// booleans, lists and further objects.
type Override map[string]any

// InstanceType is the instance type that the override names; empty if it describes one by its attributes.
func (o Override) InstanceType() string {
	name, _ := o["InstanceType"].(string)
	return name
}

// attributes says that the instance type is chosen by what it has to have.
func (o Override) attributes() bool { return o["InstanceRequirements"] != nil }

// Limits of Auto Scaling: the length of the list, and how many of its items may be instance requirements.
const (
	mostOverrides    = 40
	mostRequirements = 4
)

func checkOverrides(value string) fault {
	overrides, err := parseOverrides(value)
	if err == nil {
		err = checkOverrideList(overrides)
	}
	if fixable, ok := errors.AsType[fixableError](err); ok {
		return fault(fixable)
	}
	if err != nil {
		return fault{"malformed JSON: " + err.Error(), "check the quotes, commas and braces"}
	}
	return fault{}
}

// fixableError is a fault on its way up through the JSON.
type fixableError fault

func (e fixableError) Error() string { return e.message }

// parseOverrides reads an object or a list of them and puts the keys into CloudFormation's spelling.
func parseOverrides(value string) ([]Override, error) {
	decoder := json.NewDecoder(strings.NewReader(value))
	decoder.UseNumber()
	var document any
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the value")
	}
	list, ok := document.([]any)
	if !ok {
		list = []any{document}
	}
	var overrides []Override
	for i, item := range list {
		cleaned, err := overrideShape().clean(fmt.Sprintf("override %d", i+1), item)
		if err != nil {
			return nil, err
		}
		override, _ := cleaned.(map[string]any) // an object's shape gives nothing else
		overrides = append(overrides, override)
	}
	return overrides, nil
}

func checkOverrideList(overrides []Override) error {
	byAttributes := 0
	for i, o := range overrides {
		named := o.InstanceType() != ""
		switch {
		case named && o.attributes():
			return fixableError{fmt.Sprintf("override %d has both InstanceType and InstanceRequirements", i+1), "keep one of the two"}
		case !named && !o.attributes():
			return fixableError{fmt.Sprintf("override %d has neither InstanceType nor InstanceRequirements", i+1), "give one of the two"}
		case o.attributes():
			byAttributes++
		}
	}
	switch {
	case len(overrides) == 0:
		return fixableError{"holds no override", "leave it empty instead"}
	case len(overrides) > mostOverrides:
		return fixableError{fmt.Sprintf("holds %d overrides", len(overrides)), fmt.Sprintf("give at most %d", mostOverrides)}
	case byAttributes > 0 && byAttributes < len(overrides):
		return fixableError{"mixes InstanceType and InstanceRequirements", "use one of the two in all overrides"}
	case byAttributes > mostRequirements:
		return fixableError{fmt.Sprintf("holds %d sets of InstanceRequirements", byAttributes), fmt.Sprintf("give at most %d", mostRequirements)}
	}
	return nil
}

// shape is what a JSON value may be. Its name is for messages; an object has fields.
type shape struct {
	name   string
	fields map[string]shape // of an object
	needs  []string         // fields that must be there
	item   *shape           // of a list
}

func (s shape) clean(where string, value any) (any, error) {
	switch v := value.(type) {
	case map[string]any:
		if s.fields != nil {
			return s.cleanObject(where, v)
		}
	case []any:
		if s.item != nil {
			return s.cleanList(where, v)
		}
	case string:
		if s.name == "string" {
			if f := checkInert(v); f != (fault{}) {
				return nil, fixableError{where + " " + f.message, f.fix}
			}
			return v, nil
		}
	case bool:
		if s.name == "boolean" {
			return v, nil
		}
	case json.Number:
		switch s.name {
		case "number":
			return v, nil
		case "string":
			return v.String(), nil // as in "WeightedCapacity": 2
		}
	}
	return nil, fixableError{fmt.Sprintf("%s is not what CloudFormation takes there", where), "give a " + s.name}
}

func (s shape) cleanObject(where string, object map[string]any) (any, error) {
	out := map[string]any{}
	known := slices.Sorted(maps.Keys(s.fields))
	for _, key := range slices.Sorted(maps.Keys(object)) {
		name := key
		if key != "" {
			name = strings.ToUpper(key[:1]) + key[1:]
		}
		field, ok := s.fields[name]
		if !ok {
			return nil, fixableError{fmt.Sprintf("%s has the unknown key %s", where, quote(key)), suggest(name, known)}
		}
		if out[name] != nil {
			return nil, fixableError{fmt.Sprintf("%s has %s twice", where, name), "keep one of the two"}
		}
		value, err := field.clean(where+" "+name, object[key])
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
	for _, name := range s.needs {
		if out[name] == nil {
			return nil, fixableError{fmt.Sprintf("%s has no %s", where, name), "give it; Auto Scaling requires it"}
		}
	}
	return out, nil
}

func (s shape) cleanList(where string, list []any) (any, error) {
	out := make([]any, len(list))
	for i, item := range list {
		value, err := s.item.clean(fmt.Sprintf("%s item %d", where, i+1), item)
		if err != nil {
			return nil, err
		}
		out[i] = value
	}
	return out, nil
}
