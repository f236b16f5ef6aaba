package awsfake_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/semagent/semagent/internal/awsfake"
)

func TestPutParameterRefuses(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := ssm.NewFromConfig(cfg), t.Context()
	_, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("there"), Value: aws.String("v"), Type: "String"})
	ok(t, err)
	tests := map[string]struct {
		in         ssm.PutParameterInput
		code, text string
	}{
		"existing":        {ssm.PutParameterInput{Name: aws.String("there"), Value: aws.String("v"), Type: "String"}, "ParameterAlreadyExists", "set the overwrite option"},
		"no type":         {ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v")}, "ValidationException", "type is required"},
		"space in name":   {ssm.PutParameterInput{Name: aws.String("a b"), Value: aws.String("v"), Type: "String"}, "ValidationException", "3 symbols .-_"},
		"unqualified":     {ssm.PutParameterInput{Name: aws.String("a/b"), Value: aws.String("v"), Type: "String"}, "ValidationException", "fully qualified"},
		"aws prefix":      {ssm.PutParameterInput{Name: aws.String("/aws/x"), Value: aws.String("v"), Type: "String"}, "AccessDeniedException", "reserved parameter name"},
		"ssm prefix":      {ssm.PutParameterInput{Name: aws.String("SSM-x"), Value: aws.String("v"), Type: "String"}, "ValidationException", `"ssm"`},
		"too deep":        {ssm.PutParameterInput{Name: aws.String(strings.Repeat("/a", 16)), Value: aws.String("v"), Type: "String"}, "HierarchyLevelLimitExceededException", "15"},
		"too large":       {ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String(strings.Repeat("x", 4097)), Type: "String"}, "ValidationException", "4096"},
		"tags, overwrite": {ssm.PutParameterInput{Name: aws.String("there"), Value: aws.String("v"), Overwrite: aws.Bool(true), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}, "ValidationException", "tags and overwrite can't be used together"},
		"unknown key":     {ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: "SecureString", KeyId: aws.String("alias/absent")}, "InvalidKeyId", "alias/absent"},
		"key on String":   {ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: "String", KeyId: aws.String("alias/aws/ssm")}, "ValidationException", "KeyId"},
		"pattern":         {ssm.PutParameterInput{Name: aws.String("n"), Value: aws.String("v"), Type: "String", AllowedPattern: aws.String("^[0-9]$")}, "ParameterPatternMismatchException", "allowedPattern"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.PutParameter(ctx, &tc.in)
			wantCode(t, err, tc.code, tc.text)
		})
	}
}

func TestSecureString(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, keys, ctx := ssm.NewFromConfig(cfg), kms.NewFromConfig(cfg), t.Context()
	key, err := keys.CreateKey(ctx, nil)
	ok(t, err)
	in := &ssm.PutParameterInput{Name: aws.String("/ci/token"), Value: aws.String("secret"), Type: "SecureString", KeyId: key.KeyMetadata.KeyId}
	_, err = client.PutParameter(ctx, in)
	ok(t, err)
	plain, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: in.Name})
	ok(t, err)
	clear, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: in.Name, WithDecryption: aws.Bool(true)})
	ok(t, err)
	if strings.Contains(*plain.Parameter.Value, "secret") || *clear.Parameter.Value != "secret" || *clear.Parameter.ARN != "arn:aws:ssm:us-east-1:123456789012:parameter/ci/token" {
		t.Errorf("got %+v and %+v", plain.Parameter, clear.Parameter)
	}
	byARN, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: clear.Parameter.ARN})
	ok(t, err)
	if *byARN.Parameter.Name != "/ci/token" {
		t.Errorf("by ARN: got %s", *byARN.Parameter.Name)
	}
	_, err = keys.DisableKey(ctx, &kms.DisableKeyInput{KeyId: key.KeyMetadata.KeyId})
	ok(t, err)
	_, err = client.GetParameter(ctx, &ssm.GetParameterInput{Name: in.Name, WithDecryption: aws.Bool(true)})
	wantCode(t, err, "InvalidKeyId", "is disabled")
	in.Overwrite = aws.Bool(true)
	_, err = client.PutParameter(ctx, in)
	wantCode(t, err, "InvalidKeyId", "is disabled")
}

func TestVersionsAndDefaults(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := ssm.NewFromConfig(cfg), t.Context()
	_, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("p"), Value: aws.String("one"), Type: "SecureString"})
	ok(t, err)
	second, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String("p"), Value: aws.String("two"), Overwrite: aws.Bool(true)})
	ok(t, err)
	first, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("p:1"), WithDecryption: aws.Bool(true)})
	ok(t, err)
	if second.Version != 2 || second.Tier != types.ParameterTierStandard || *first.Parameter.Value != "one" {
		t.Errorf("got version %d, tier %s, first value %s", second.Version, second.Tier, *first.Parameter.Value)
	}
	_, err = client.GetParameter(ctx, &ssm.GetParameterInput{Name: aws.String("p:3")})
	wantCode(t, err, "ParameterVersionNotFound", "version 3 of p")
	shown, err := client.DescribeParameters(ctx, nil)
	ok(t, err)
	if p := shown.Parameters[0]; *p.KeyId != "alias/aws/ssm" || p.Type != types.ParameterTypeSecureString || p.LastModifiedDate == nil {
		t.Errorf("got %+v", p)
	}
}

func TestDescribeParametersPagesAndFilters(t *testing.T) {
	_, cfg := start(t, awsfake.Options{})
	client, ctx := ssm.NewFromConfig(cfg), t.Context()
	for i := range 12 {
		_, err := client.PutParameter(ctx, &ssm.PutParameterInput{Name: aws.String(fmt.Sprintf("/fleet/%02d", i)), Value: aws.String("v"), Type: "String"})
		ok(t, err)
	}
	_, err := client.AddTagsToResource(ctx, &ssm.AddTagsToResourceInput{
		ResourceType: types.ResourceTypeForTaggingParameter, ResourceId: aws.String("/fleet/03"), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	})
	ok(t, err)
	names := func(filters ...types.ParameterStringFilter) int {
		n := 0
		for p := ssm.NewDescribeParametersPaginator(client, &ssm.DescribeParametersInput{ParameterFilters: filters}); p.HasMorePages(); {
			out, err := p.NextPage(ctx)
			ok(t, err)
			n += len(out.Parameters)
		}
		return n
	}
	filter := func(key, option string, values ...string) types.ParameterStringFilter {
		return types.ParameterStringFilter{Key: &key, Option: &option, Values: values}
	}
	for _, tc := range []struct {
		filters []types.ParameterStringFilter
		want    int
	}{
		{nil, 12},
		{[]types.ParameterStringFilter{filter("tag:a", "Equals", "b")}, 1},
		{[]types.ParameterStringFilter{filter("Name", "BeginsWith", "/fleet/0")}, 10},
		{[]types.ParameterStringFilter{filter("Name", "Contains", "1"), filter("Name", "BeginsWith", "/fleet/1")}, 2},
		{[]types.ParameterStringFilter{filter("Path", "OneLevel", "/fleet")}, 12},
		{[]types.ParameterStringFilter{filter("Type", "Equals", "SecureString")}, 0},
	} {
		if got := names(tc.filters...); got != tc.want {
			t.Errorf("%v: got %d parameters, want %d", tc.filters, got, tc.want)
		}
	}
	_, err = client.DescribeParameters(ctx, &ssm.DescribeParametersInput{ParameterFilters: []types.ParameterStringFilter{filter("Nonsense", "Equals", "x")}})
	wantCode(t, err, "InvalidFilterKey", "")
	out, err := client.GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/fleet/01", "absent"}})
	ok(t, err)
	if len(out.Parameters) != 1 || len(out.InvalidParameters) != 1 {
		t.Errorf("got %+v", out)
	}
	_, err = client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: aws.String("absent")})
	wantCode(t, err, "ParameterNotFound", "")
}
