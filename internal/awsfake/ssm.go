package awsfake

import (
	"crypto/rand"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/semagent/semagent/internal/awsfake/wire"
)

// ssmService owns Parameter Store. Whether a SecureString can be written or read is up to its key in KMS.
type ssmService struct {
	*core
	kms        *kmsService
	parameters map[string]*parameter
}

type parameter struct {
	name, kind, value, keyID, description string
	tier, dataType, allowedPattern        string
	versions                              []string // values, the first being version 1
	modified                              time.Time
	tags                                  map[string]string
}

func newSSM(c *core, kms *kmsService) *ssmService {
	return &ssmService{core: c, kms: kms, parameters: map[string]*parameter{}}
}

func (s *ssmService) service() *service {
	return &service{name: "ssm", protocol: protocol{kind: jsonRPC, version: "1.1"}, operations: map[string]operation{
		"PutParameter":           typed(s.putParameter),
		"GetParameter":           typed(s.getParameter),
		"GetParameters":          typed(s.getParameters),
		"GetParametersByPath":    typed(s.getParametersByPath),
		"DescribeParameters":     typed(s.describeParameters),
		"DeleteParameter":        typed(s.deleteParameter),
		"DeleteParameters":       typed(s.deleteParameters),
		"AddTagsToResource":      typed(s.addTags),
		"RemoveTagsFromResource": typed(s.removeTags),
		"ListTagsForResource":    typed(s.listTags),
	}}
}

// find takes a name or an ARN, with an optional :version behind it.
func (s *ssmService) find(name string) (*parameter, int, error) {
	if prefix := s.arn("ssm", "parameter"); strings.HasPrefix(name, prefix) {
		name = strings.TrimPrefix(name, prefix)
		if rest, _, _ := strings.Cut(name[1:], ":"); !strings.Contains(rest, "/") {
			name = name[1:]
		}
	}
	name, selector, selected := strings.Cut(name, ":")
	p := s.parameters[name]
	if p == nil {
		return nil, 0, wire.Errorf("ParameterNotFound", "")
	}
	if !selected {
		return p, len(p.versions), nil
	}
	version, err := strconv.Atoi(selector)
	if err != nil || version < 1 || version > len(p.versions) {
		return nil, 0, wire.Errorf("ParameterVersionNotFound", "Systems Manager could not find version %s of %s. Verify the version and try again.", selector, name)
	}
	return p, version, nil
}

// usable reports whether KMS would encrypt or decrypt with a parameter's key, as SSM words it.
func (s *ssmService) usable(keyID string) error {
	key, err := s.kms.find(keyID)
	if err != nil {
		return wire.Errorf("InvalidKeyId", "Invalid keyId %s", keyID)
	}
	switch key.state {
	case "Disabled":
		return wire.Errorf("InvalidKeyId", "%s is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException; Request ID: %s; Proxy: null)",
			key.arn, wire.RequestID())
	case "PendingDeletion":
		return wire.Errorf("InvalidKeyId", "%s is pending deletion. (Service: AWSKMS; Status Code: 400; Error Code: KMSInvalidStateException; Request ID: %s; Proxy: null)",
			key.arn, wire.RequestID())
	}
	return nil
}

type parameterValue struct {
	Name, Type, Value, ARN, DataType string
	Version                          int
	LastModifiedDate                 wire.Epoch
}

func (s *ssmService) shown(p *parameter, version int, decrypt bool) (parameterValue, error) {
	out := parameterValue{
		Name: p.name, Type: p.kind, Value: p.versions[version-1], ARN: s.parameterARN(p.name), DataType: p.dataType, Version: version,
		LastModifiedDate: wire.Epoch(p.modified),
	}
	if p.kind != "SecureString" {
		return out, nil
	}
	if decrypt {
		return out, s.usable(p.keyID)
	}
	out.Value = cipherText()
	return out, nil
}

// cipherText looks like what SSM returns for a SecureString that is not to be decrypted.
func cipherText() string {
	b := make([]byte, 120)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	return "AQICAH" + base64.StdEncoding.EncodeToString(b)
}

func (s *ssmService) parameterARN(name string) string {
	return s.arn("ssm", "parameter/"+strings.TrimPrefix(name, "/"))
}

type getParameterInput struct {
	Name           string
	Names          []string
	WithDecryption bool
}

func (s *ssmService) getParameter(in getParameterInput) (any, error) {
	p, version, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	value, err := s.shown(p, version, in.WithDecryption)
	if err != nil {
		return nil, err
	}
	return map[string]any{"Parameter": value}, nil
}

func (s *ssmService) getParameters(in getParameterInput) (any, error) {
	if len(in.Names) > 10 {
		return nil, wire.Errorf("ValidationException", "1 validation error detected: Value '%s' at 'names' failed to satisfy constraint: "+
			"Member must have length less than or equal to 10", in.Names)
	}
	values, missing := []parameterValue{}, []string{}
	for _, name := range in.Names {
		p, version, err := s.find(name)
		if err != nil {
			missing = append(missing, name)
			continue
		}
		value, err := s.shown(p, version, in.WithDecryption)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return map[string]any{"Parameters": values, "InvalidParameters": missing}, nil
}

func (s *ssmService) deleteParameter(in getParameterInput) (any, error) {
	p, _, err := s.find(in.Name)
	if err != nil {
		return nil, err
	}
	delete(s.parameters, p.name)
	return nil, nil
}

func (s *ssmService) deleteParameters(in getParameterInput) (any, error) {
	deleted, missing := []string{}, []string{}
	for _, name := range in.Names {
		if s.parameters[name] == nil {
			missing = append(missing, name)
			continue
		}
		delete(s.parameters, name)
		deleted = append(deleted, name)
	}
	return map[string]any{"DeletedParameters": deleted, "InvalidParameters": missing}, nil
}
