//go:build e2e

package e2e

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// TestNothingIsChangedWhenALookupFails gives settings that do not fit what AWS holds, and expects that neither diff nor
// deploy does anything but say so.
func TestNothingIsChangedWhenALookupFails(t *testing.T) {
	w := newWorld(t)
	home, foreign := w.defaultVPC(), w.openSubnet("10.8")
	isolatedVPC, isolated := w.newVPC("10.9")
	tests := map[string]struct {
		settings      []string
		message, hint string
	}{
		"no token parameter": {
			[]string{"TOKEN_PARAMETER_NAME=other-token"},
			`token parameter "other-token" in us-east-1 does not exist`,
			"semagent token put --set SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME=other-token",
		},
		"no AMI": {
			[]string{"AMI=ami-0000000000000000a"},
			`AMI "ami-0000000000000000a" in us-east-1 does not exist`, "change SEMAPHORE_AGENT_AMI",
		},
		"no VPC": {
			[]string{"VPC_ID=vpc-0000000000000000a", "SUBNETS=" + foreign},
			`VPC "vpc-0000000000000000a" in us-east-1 does not exist`, "change SEMAPHORE_AGENT_VPC_ID",
		},
		"subnet of another VPC": {
			[]string{"VPC_ID=" + home, "SUBNETS=" + foreign},
			`subnet "` + foreign + `" in us-east-1 belongs to VPC`, "change SEMAPHORE_AGENT_SUBNETS or SEMAPHORE_AGENT_VPC_ID",
		},
		"no subnet": {
			[]string{"VPC_ID=" + home, "SUBNETS=subnet-0000000000000000a"},
			`subnet "subnet-0000000000000000a" in us-east-1 does not exist`, "change SEMAPHORE_AGENT_SUBNETS",
		},
		"isolated subnet": {
			[]string{"VPC_ID=" + isolatedVPC, "SUBNETS=" + isolated},
			`subnet "` + isolated + `" in us-east-1 is isolated: route table "` + w.mainRouteTable(isolatedVPC) + `"`,
			"change SEMAPHORE_AGENT_SUBNETS",
		},
		"no security group": {
			[]string{"SECURITY_GROUP_ID=sg-0000000000000000a"},
			`security group "sg-0000000000000000a" in us-east-1 does not exist`, "change SEMAPHORE_AGENT_SECURITY_GROUP_ID",
		},
		"no key": {
			[]string{"TOKEN_KMS_KEY=alias/nowhere"},
			"alias/nowhere", "SEMAPHORE_AGENT_TOKEN_KMS_KEY",
		},
	}
	before := stage.moto.everything(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := w.fork(t)
			for _, setting := range tt.settings {
				name, value, _ := strings.Cut(setting, "=")
				s.export("SEMAPHORE_AGENT_"+name, value)
			}
			s.run("diff").refused(1, tt.message, tt.hint)
			s.run("deploy", "--yes").refused(1, tt.message, tt.hint)
		})
	}
	stage.moto.unchanged(t, before)
}

// refuses asserts that diff and deploy end with this error and hint, and that AWS is as before.
func (w *world) refuses(message, hint string) {
	w.t.Helper()
	before := stage.moto.everything(w.t)
	w.run("diff").refused(1, message, hint)
	w.run("deploy", "--yes").refused(1, message, hint)
	stage.moto.unchanged(w.t, before)
}

// openSubnet is the only subnet of a new VPC, with a way out.
func (w *world) openSubnet(network string) string {
	w.t.Helper()
	vpc, subnet := w.newVPC(network)
	w.openVPC(vpc)
	return subnet
}

func TestTokenInClearIsWarnedOf(t *testing.T) {
	w := newWorld(t)
	must(w.ssm.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("clear-token"), Value: aws.String(secret), Type: types.ParameterTypeString,
	}))(t)
	w.export("SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME", "clear-token")
	w.run("diff").exits(0).err("semagent: warning: ", `"clear-token"`, "in clear")
}

func TestNothingIsThere(t *testing.T) {
	w := newBareWorld(t)
	w.refuses(`AMI named "`+w.imageName()+`" in us-east-1 does not exist`, "--set SEMAPHORE_AGENT_AMI=ami-")
	w.registerImage(w.imageName())
	w.refuses(`token parameter "ci-token" in us-east-1 does not exist`, "semagent token put")
	w.pipe(secret, "token", "put").exits(0)
	w.refuses(assetBucket, "semagent bootstrap")
	w.bootstrap()
	w.run("diff").exits(0)
}

func TestProblemsAreReportedAtOnce(t *testing.T) {
	w := newBareWorld(t)
	w.export("SEMAPHORE_AGENT_SECURITY_GROUP_ID", "sg-0000000000000000a")
	w.run("deploy", "--yes").refused(1, "AMI named", "SEMAPHORE_AGENT_AMI").
		err(`token parameter "ci-token"`, `security group "sg-0000000000000000a"`, assetBucket, "semagent token put", "semagent bootstrap")
}

func TestRefusalAsJSON(t *testing.T) {
	w := newWorld(t)
	w.export("SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME", "other-token")
	r := w.run("deploy", "--yes", "--output", "json").exits(1).onlyErr()
	var failure struct {
		Error, Hint string
		Code        int
	}
	if err := json.Unmarshal([]byte(r.stderr), &failure); err != nil {
		t.Fatalf("stderr is not one JSON object: %v\n%s", err, r)
	}
	if failure.Code != 1 || !contains(failure.Error, "other-token") || !contains(failure.Hint, "semagent token put") {
		t.Errorf("failure is %+v", failure)
	}
}

func TestRefusedBeforeAWSIsAsked(t *testing.T) {
	const sizes = "SEMAPHORE_AGENT_ASG_"
	tests := map[string]struct {
		change  func(*shell)
		code    int
		message string
	}{
		"required settings missing": {
			func(s *shell) { s.unset("SEMAPHORE_ORGANIZATION", "SEMAPHORE_AGENT_STACK_NAME") }, 2, "SEMAPHORE_AGENT_STACK_NAME",
		},
		"minimum above maximum": {func(s *shell) { s.export(sizes+"MIN_SIZE", "4"); s.export(sizes+"MAX_SIZE", "3") }, 2, sizes + "MIN_SIZE"},
		"desired above maximum": {func(s *shell) { s.export(sizes+"DESIRED", "9") }, 2, sizes + "DESIRED"},
		"no number":             {func(s *shell) { s.export(sizes+"MAX_SIZE", "many") }, 2, sizes + "MAX_SIZE"},
		"stack name":            {func(s *shell) { s.export("SEMAPHORE_AGENT_STACK_NAME", "ci_fleet") }, 2, "ci_fleet"},
		"no credentials":        {func(s *shell) { s.unset("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY") }, 4, "credentials"},
		"no region":             {func(s *shell) { s.unset("AWS_REGION") }, 2, "region"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var calls atomic.Int32
			nobody := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
			defer nobody.Close()
			s := newShell(t)
			s.export("AWS_ENDPOINT_URL", nobody.URL)
			tt.change(s)
			for _, command := range []string{"diff", "deploy"} {
				s.run(command).refused(tt.code, tt.message, "")
			}
			if n := calls.Load(); n != 0 {
				t.Errorf("AWS was called %d times", n)
			}
		})
	}
}
