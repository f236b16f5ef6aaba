package awsfake_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/semagent/semagent/internal/awsfake"
)

// call sends a request to a service without an SDK client in this module, signed well enough for the local AWS.
func call(t *testing.T, cfg aws.Config, method, path, service, target, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, *cfg.BaseEndpoint+path, strings.NewReader(body))
	ok(t, err)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20261123/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=x")
	if target != "" {
		req.Header.Set("X-Amz-Target", target)
	}
	res, err := http.DefaultClient.Do(req)
	ok(t, err)
	out, err := io.ReadAll(res.Body)
	ok(t, errors.Join(err, res.Body.Close()))
	return res.StatusCode, string(out)
}

func upload(t *testing.T, cfg aws.Config, file, content string) {
	t.Helper()
	var buf bytes.Buffer
	w := zip.NewWriter(&buf)
	f, err := w.Create(file)
	ok(t, err)
	_, err = f.Write([]byte(content))
	ok(t, errors.Join(err, w.Close()))
	client := s3.NewFromConfig(cfg)
	_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("assets")})
	ok(t, err)
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("assets"), Key: aws.String("f.zip"), Body: bytes.NewReader(buf.Bytes())})
	ok(t, err)
}

// scheduled is a template with a function that a rule invokes every minute.
func scheduled(properties object) object {
	function := object{
		"FunctionName": "scaler", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": object{"Fn::GetAtt": []any{"Role", "Arn"}}, "Timeout": 60,
		"Code": object{"S3Bucket": "assets", "S3Key": "f.zip"}, "Environment": object{"Variables": object{"COLOUR": "green"}},
		"LoggingConfig": object{"LogGroup": object{"Ref": "Log"}},
	}
	maps.Copy(function, properties)
	return object{
		"Log":      object{"Type": "AWS::Logs::LogGroup", "Properties": object{"LogGroupName": "scaler-log"}},
		"Role":     object{"Type": "AWS::IAM::Role", "Properties": object{"AssumeRolePolicyDocument": trust("lambda.amazonaws.com")}},
		"Function": object{"Type": "AWS::Lambda::Function", "Properties": function},
		"Retries":  object{"Type": "AWS::Lambda::EventInvokeConfig", "Properties": object{"FunctionName": object{"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60}},
		"Rule": object{"Type": "AWS::Events::Rule", "Properties": object{
			"Name": "every-minute", "ScheduleExpression": "rate(1 minute)", "Targets": []any{object{"Id": "f", "Arn": object{"Fn::GetAtt": []any{"Function", "Arn"}}}},
		}},
		"Permission": object{"Type": "AWS::Lambda::Permission", "Properties": object{
			"FunctionName": object{"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": object{"Fn::GetAtt": []any{"Rule", "Arn"}},
		}},
	}
}

func events(t *testing.T, cfg aws.Config, group string) string {
	t.Helper()
	out, err := cloudwatchlogs.NewFromConfig(cfg).FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group})
	ok(t, err)
	var lines []string
	for _, e := range out.Events {
		lines = append(lines, *e.Message)
	}
	return strings.Join(lines, "\n")
}

func TestRulesFireFunctions(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "function")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", binary, "./runtime/testdata/function").CombinedOutput(); err != nil {
		t.Fatalf("build the function: %v\n%s", err, out)
	}
	_, cfg := start(t, awsfake.Options{FunctionBinary: binary, FunctionEnv: []string{"EXTRA=1"}, Speed: 200})
	upload(t, cfg, "bootstrap", "#!/bin/sh")
	if status, _, reason := deploy(t, cfg, "st", scheduled(nil), false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	eventually(t, "two invocations", func() bool { return strings.Count(events(t, cfg, "scaler-log"), "END RequestId") >= 2 })
	status, answer := call(t, cfg, http.MethodPost, "/2015-03-31/functions/scaler/invocations", "lambda", "", `{"n":1}`)
	for _, want := range []string{"COLOUR=green", "EXTRA=1", "AWS_ENDPOINT_URL=" + *cfg.BaseEndpoint, "AWS_LAMBDA_FUNCTION_NAME=scaler", "AWS_LAMBDA_LOG_GROUP_NAME=scaler-log", "AWS_REGION=us-east-1"} {
		if !strings.Contains(answer, want) {
			t.Errorf("status %d: the answer has no %q: %s", status, want, answer)
		}
	}
	status, answer = call(t, cfg, http.MethodPost, "/2015-03-31/functions/scaler/invocations", "lambda", "", `{"do":"fail"}`)
	if status != http.StatusOK || !strings.Contains(answer, "as told") {
		t.Errorf("got %d %s", status, answer)
	}
	status, answer = call(t, cfg, http.MethodPost, "/", "events", "AWSEvents.DisableRule", `{"Name":"every-minute"}`)
	if status != http.StatusOK {
		t.Errorf("got %d %s", status, answer)
	}
}

func TestFunctionWithoutABinaryIsLoud(t *testing.T) {
	s, cfg := start(t, awsfake.Options{})
	upload(t, cfg, "bootstrap", "#!/bin/sh")
	resources := scheduled(nil)
	if status, _, reason := deploy(t, cfg, "st", resources, false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	eventually(t, "a line in the log", func() bool { return strings.Contains(events(t, cfg, "scaler-log"), "cannot run function scaler") })
	delete(resources, "Permission")
	if status, _, reason := deploy(t, cfg, "st", resources, true); status != "UPDATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	eventually(t, "a target that may not be invoked", func() bool {
		for _, c := range s.Calls() {
			if c.Name() == "events:InvokeTarget" && c.Code == "AccessDeniedException" {
				return true
			}
		}
		return false
	})
}

func TestFunctionsThatCannotBeMade(t *testing.T) {
	tests := map[string]struct {
		properties object
		want       string
	}{
		"no key":    {object{"Code": object{"S3Bucket": "assets", "S3Key": "absent.zip"}}, "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist. (Service: Lambda, Status Code: 400"},
		"no bucket": {object{"Code": object{"S3Bucket": "absent", "S3Key": "f.zip"}}, "S3 Error Code: NoSuchBucket"},
		"reserved":  {object{"Environment": object{"Variables": object{"AWS_REGION": "x"}}}, "Reserved keys used in this request: AWS_REGION"},
		"role":      {object{"Role": "arn:aws:iam::123456789012:role/absent"}, "cannot be assumed by Lambda"},
	}
	_, cfg := start(t, awsfake.Options{})
	upload(t, cfg, "bootstrap", "#!/bin/sh")
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			status, _, reason := deploy(t, cfg, "st-"+strings.ReplaceAll(name, " ", "-"), scheduled(tc.properties), false)
			if status != "ROLLBACK_COMPLETE" || !strings.Contains(reason, tc.want) {
				t.Errorf("%s: %s", status, reason)
			}
		})
	}
}

func TestFunctionWithoutABootstrap(t *testing.T) {
	_, cfg := start(t, awsfake.Options{FunctionBinary: "/bin/true"})
	upload(t, cfg, "main", "not a bootstrap")
	if status, _, reason := deploy(t, cfg, "st", scheduled(nil), false); status != "CREATE_COMPLETE" {
		t.Fatalf("%s: %s", status, reason)
	}
	_, answer := call(t, cfg, http.MethodPost, "/2015-03-31/functions/scaler/invocations", "lambda", "", `{}`)
	if !strings.Contains(answer, "Runtime.InvalidEntrypoint") || !strings.Contains(answer, "Couldn't find valid bootstrap") {
		t.Errorf("got %s", answer)
	}
	status, answer := call(t, cfg, http.MethodGet, "/2015-03-31/functions/scaler", "lambda", "", "")
	if status != http.StatusOK || !strings.Contains(answer, `"Timeout":60`) || !strings.Contains(answer, `"LogGroup":"scaler-log"`) {
		t.Errorf("got %d %s", status, answer)
	}
	status, answer = call(t, cfg, http.MethodGet, "/2019-09-25/functions/scaler/event-invoke-config", "lambda", "", "")
	if status != http.StatusOK || !strings.Contains(answer, `"MaximumEventAgeInSeconds":60,"MaximumRetryAttempts":0`) {
		t.Errorf("got %d %s", status, answer)
	}
}
