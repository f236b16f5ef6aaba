package template

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAlarmsGoToTheTopic(t *testing.T) {
	topic := "arn:aws:sns:eu-west-1:123456789012:ops"
	alarms := 0
	for id, resource := range resources(t, mustBuild(t, goldenCases()["alarms"])) {
		if at(t, resource, "Type") != "AWS::CloudWatch::Alarm" {
			continue
		}
		alarms++
		for _, actions := range []string{"AlarmActions", "OKActions"} {
			if diff := cmp.Diff([]any{topic}, at(t, resource, "Properties", actions)); diff != "" {
				t.Errorf("%s of %s (-want +got):\n%s", actions, id, diff)
			}
		}
	}
	if alarms != 4 {
		t.Errorf("%d alarms, want 4", alarms)
	}
}

func TestAlarmsWithoutATopicHaveNoActions(t *testing.T) {
	doc := mustBuild(t, inputs(func(in *Inputs) { in.Config.Alarms = true }))
	if strings.Contains(string(doc.JSON), "Actions\"") {
		t.Errorf("there are actions:\n%s", doc.JSON)
	}
}

func TestNoAlarmsWithoutAScaler(t *testing.T) {
	doc := mustBuild(t, inputs(func(in *Inputs) { in.Config.Alarms, in.Config.DynamicScaling = true, false }))
	if strings.Contains(string(doc.JSON), "AWS::CloudWatch::") {
		t.Error("a stack without a scaler has its alarms")
	}
}

// The body must still be JSON once CloudFormation has put the variables in.
func TestDashboardBody(t *testing.T) {
	doc := mustBuild(t, goldenCases()["alarms"])
	body := property(t, doc, "Dashboard", "DashboardBody").(object)["Fn::Sub"].(string)
	body = strings.NewReplacer(
		"${AWS::StackName}", "ci-agents", "${AWS::Region}", "eu-west-1", "${ScalerLogGroup}", "/aws/lambda/ci-agents-scaler",
	).Replace(body)
	if strings.Contains(body, "${") {
		t.Errorf("a variable is left:\n%s", body)
	}
	var dashboard struct {
		Widgets []struct {
			Properties struct {
				Title   string
				Metrics [][]string
				Query   string
			}
		}
	}
	if err := json.Unmarshal([]byte(body), &dashboard); err != nil {
		t.Fatal(err)
	}
	var titles []string
	for _, w := range dashboard.Widgets {
		titles = append(titles, w.Properties.Title)
		for _, m := range w.Properties.Metrics {
			if len(m)%2 != 0 || m[0] != "Semaphore" || m[3] != "ci-agents" {
				t.Errorf("metric %q", m)
			}
		}
	}
	if diff := cmp.Diff([]string{"Jobs by state", "Agents by state", "Instances", "Trouble", "Decisions"}, titles); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
