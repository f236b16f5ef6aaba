package cfn

import (
	"context"
	"fmt"
	"strings"

	"github.com/semagent/semagent/internal/awsfake/schema"
	"github.com/semagent/semagent/internal/awsfake/wire"
)

// generic stands in for the types that have no handler: it gives them the names and attributes that AWS would, and no effect.
type generic struct{ t *schema.Type }

func (e *Engine) handler(typ string) Handler {
	if h := e.opt.Handlers[typ]; h != nil {
		return h
	}
	return generic{e.schemas.Type(typ)}
}

// Create invents a physical ID from the type's identifier, and values for its read-only properties.
func (g generic) Create(_ context.Context, r Request) (Result, error) {
	if g.t == nil {
		return Result{PhysicalID: r.Name}, nil
	}
	name := g.name(r)
	attributes := map[string]any{}
	for _, a := range g.t.Attributes() {
		attributes[a] = invent(r, a, name)
	}
	var id []string
	for _, pointer := range g.t.PrimaryIdentifier {
		property := strings.TrimPrefix(pointer, "/properties/")
		switch v, given := r.Properties[property]; {
		case given:
			id = append(id, text(v))
		case g.t.IsReadOnly(property):
			id = append(id, text(attributes[property]))
		default:
			id = append(id, name)
		}
	}
	return Result{PhysicalID: strings.Join(id, "|"), Attributes: attributes}, nil
}

// Update keeps the identity.
func (g generic) Update(_ context.Context, r Request) (Result, error) {
	return Result{PhysicalID: r.PhysicalID, Attributes: r.Attributes}, nil
}

// Delete does nothing.
func (g generic) Delete(context.Context, Request) error { return nil }

// name is the custom name of a resource, or one like those CloudFormation makes.
func (g generic) name(r Request) string {
	kind := r.Type[strings.LastIndex(r.Type, ":")+1:]
	for _, property := range []string{kind + "Name", "Name"} {
		if v := text(r.Properties[property]); v != "" {
			return v
		}
	}
	switch r.Type {
	case "AWS::S3::Bucket":
		return strings.ToLower(r.Name)
	case "AWS::SSM::Parameter":
		return "CFN-" + r.LogicalID + "-" + random(12)
	default:
		return r.Name
	}
}

func invent(r Request, attribute, name string) any {
	switch {
	case strings.HasSuffix(strings.ToLower(attribute), "arn"):
		return arnOf(r, name)
	case strings.HasSuffix(attribute, "VersionNumber"):
		return "1"
	case r.Type == "AWS::KMS::Key":
		return wire.RequestID()
	case r.Type == "AWS::EC2::SecurityGroup":
		return "sg-0" + strings.ReplaceAll(wire.RequestID(), "-", "")[:16]
	case r.Type == "AWS::EC2::LaunchTemplate":
		return "lt-0" + strings.ReplaceAll(wire.RequestID(), "-", "")[:16]
	case strings.HasSuffix(attribute, "DomainName"):
		return name + ".s3.amazonaws.com"
	default:
		return name
	}
}

func arnOf(r Request, name string) string {
	_, rest, _ := strings.Cut(r.Type, "::")
	service, kind, _ := strings.Cut(rest, "::")
	service, kind = strings.ToLower(service), strings.ToLower(kind)
	region, account, resource := r.Region, r.Account, kind+"/"+name
	switch service {
	case "sns", "sqs":
		resource = name
	case "lambda":
		resource = kind + ":" + name
	case "logs":
		resource = "log-group:" + name + ":*"
	case "s3":
		region, account, resource = "", "", name
	case "iam":
		region = ""
	}
	return fmt.Sprintf("arn:%s:%s:%s:%s:%s", r.Partition, service, region, account, resource)
}
