package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Imported is a config file of the reference stack in semagent's terms.
type Imported struct {
	Settings []Value // what carries over, in the schema's order; the sources are the file's lines
	Changed  []Note  // keys that have another name here
	LeftOut  []Note  // keys that are no settings here
	Differs  []Note  // what semagent does otherwise with these settings than the reference stack did

	Warnings []string // what Load would say of Settings
	Problems Problems // why Load would refuse Settings; nil: it would not
}

// Note is a remark on one setting.
type Note struct {
	Setting string
	Source  Source // zero: the file does not have it
	Text    string
}

// String is the note as one line.
func (n Note) String() string {
	if n.Source == (Source{}) {
		return printable(n.Setting) + ": " + n.Text
	}
	return fmt.Sprintf("%s (%s): %s", printable(n.Setting), n.Source, n.Text)
}

// requirementsKey is what the reference stack called the overrides when they could only be instance requirements.
const requirementsKey = "SEMAPHORE_AGENT_ASG_INSTANCE_REQUIREMENTS_JSON"

// Import reads data, which came from path, as the JSON config of the reference stack. The error is of type Problems, and of a
// file that cannot be read; what is wrong with its settings is in Imported.
func Import(path string, data []byte) (*Imported, error) {
	entries, bad := parseFile(path, data)
	if bad != nil {
		return nil, Problems{{Source: Source{Kind: FromFile, Name: path, Line: bad.line}, Message: bad.message, Fix: bad.fix}}
	}
	i := &Imported{}
	for _, e := range entries {
		i.take(e, Source{Kind: FromFile, Name: path, Line: e.line})
	}
	names := Names()
	slices.SortStableFunc(i.Settings, func(a, b Value) int { return slices.Index(names, a.Setting) - slices.Index(names, b.Setting) })
	i.judge()
	i.compare()
	return i, nil
}

func (i *Imported) take(e entry, source Source) {
	text := e.text
	if e.sequence {
		text = strings.Join(e.items, ",")
	}
	known := slices.Contains(Names(), e.name)
	switch {
	case e.fault != (fault{}):
		i.Problems = append(i.Problems, Problem{Setting: e.name, Source: source, Message: e.fault.message, Fix: e.fault.fix})
	case text == "" && (known || slices.Contains(ReferenceNames(), e.name)): // the reference stack, too, takes that for not set
	case known:
		i.Settings = append(i.Settings, Value{Setting: e.name, Text: text, Source: source})
	case e.name == requirementsKey:
		i.Settings = append(i.Settings, Value{Setting: SettingOverrides, Text: `{"InstanceRequirements":` + text + `}`, Source: source})
		i.Changed = append(i.Changed, Note{e.name, source, "is now a part of " + SettingOverrides})
	default:
		i.LeftOut = append(i.LeftOut, Note{e.name, source, whyLeftOut(e.name)})
	}
}

func whyLeftOut(name string) string {
	switch name {
	case FileVariable:
		return "names the file itself"
	case "SEMAPHORE_AGENT_ASG_WARM_POOL_STATE":
		return "semagent keeps no warm pool"
	}
	if slices.Contains(ReferenceNames(), name) {
		return "this version of semagent does not have it"
	}
	return (&loader{names: Names()}).unknownFix(name)
}

// judge asks Load, with the file's lines as origins.
func (i *Imported) judge() {
	var in Input
	for _, v := range i.Settings {
		in.Assignments = append(in.Assignments, Assignment{v.Setting, v.Text, v.Source.String()})
	}
	cfg, err := Load(in)
	if problems, ok := err.(Problems); ok { //nolint:errorlint // Load gives Problems as they are
		i.Problems = append(i.Problems, problems...)
		return
	}
	i.Warnings = cfg.Warnings()
}

func (i *Imported) value(name string) (Value, bool) {
	at := slices.IndexFunc(i.Settings, func(v Value) bool { return v.Setting == name })
	if at < 0 {
		return Value{}, false
	}
	return i.Settings[at], true
}

// compare notes where semagent departs from the reference stack for the settings at hand.
func (i *Imported) compare() {
	note := func(name, text string) {
		v, _ := i.value(name)
		i.Differs = append(i.Differs, Note{name, v.Source, text})
	}
	note(SettingStackName, "give the new stack another name while the old one stands: a name can be taken once")
	if _, set := i.value(SettingImageID); set {
		note(SettingImageID, "an AMI of the reference stack boots as it is")
	} else {
		note(SettingImageID, "not set: semagent looks for an AMI of its own; name the old one to keep it")
	}
	if _, set := i.value(SettingDesiredCapacity); !set {
		note(SettingDesiredCapacity, "not set: a new group starts with 1 instance, and not with the minimum size")
	}
	if policies, _ := i.value(SettingPolicies); !strings.Contains(policies.Text, "SSM") {
		note(SettingPolicies, "instances have no policy for Session Manager unless you add arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
	}
	if _, set := i.value(SettingVolumeName); set {
		note(SettingVolumeName, "the volume is encrypted")
	}
	if _, set := i.value(SettingVPCID); set {
		note(SettingVPCID, "functions use the private ones of the subnets, and stay outside of the VPC where there is none")
	}
}

// YAML is the settings as a settings file of semagent's.
func (i *Imported) YAML() []byte {
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	rows, names := schema(), Names()
	for _, v := range i.Settings {
		value := &yaml.Node{Kind: yaml.ScalarNode, Value: v.Text}
		if k := rows[slices.Index(names, v.Setting)].kind; k == text || k == list {
			value.Tag = "!!str" // quoted where it would be something else, such as null
		}
		mapping.Content = append(mapping.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: v.Setting}, value)
	}
	if len(mapping.Content) == 0 {
		return nil
	}
	var b bytes.Buffer
	_ = yaml.NewEncoder(&b).Encode(mapping) // scalars into a buffer: there is nothing to go wrong
	return b.Bytes()
}
