package template

import (
	"encoding/json"

	"github.com/awslabs/goformation/v7/cloudformation/cloudwatch"
)

// metricNamespace and the metrics' names are those of the scaler's log lines.
const metricNamespace = "Semaphore"

// addAlarms adds what watches the scaler: nothing else would tell that jobs wait because it is broken.
func (f fleet) addAlarms(resources map[string]any) {
	resources["ScalerErrorsAlarm"] = f.alarm(cloudwatch.Alarm{
		AlarmDescription:   new("Invocations of the scaler fail: in 3 of the last 5 minutes no look at the jobs succeeded"),
		Namespace:          new("AWS/Lambda"),
		MetricName:         new("Errors"),
		Dimensions:         []cloudwatch.Alarm_Dimension{{Name: "FunctionName", Value: ref(scalerFunction)}},
		Statistic:          new("Sum"),
		Period:             new(60),
		ComparisonOperator: "GreaterThanThreshold",
		Threshold:          new(0.0),
		DatapointsToAlarm:  new(3),
		TreatMissingData:   new("notBreaching"),
	})
	// The metric is there whenever a tick succeeds, so its absence is what counts, whatever its value.
	resources["ScalerSilentAlarm"] = f.alarm(f.fleetMetric("DesiredCapacity", "SampleCount", cloudwatch.Alarm{
		AlarmDescription:   new("The scaler has not looked at the jobs for 5 minutes"),
		ComparisonOperator: "LessThanThreshold",
		Threshold:          new(1.0),
		TreatMissingData:   new("breaching"),
	}))
	resources["StuckInstancesAlarm"] = f.alarm(cloudwatch.Alarm{
		AlarmDescription: new("Instances boot and no agent comes: the image, the network, or the organization's quota of agents"),
		Metrics: []cloudwatch.Alarm_MetricDataQuery{
			{Id: "sum", Expression: new("FILL(stuck, 0) + FILL(failed, 0)"), Label: new("Instances without an agent"), ReturnData: new(true)},
			f.query("stuck", "StuckInstances"),
			f.query("failed", "BootFailures"),
		},
		ComparisonOperator: "GreaterThanThreshold",
		Threshold:          new(0.0),
		TreatMissingData:   new("notBreaching"),
	})
	resources["ShortfallAlarm"] = f.alarm(f.fleetMetric("Shortfall", "Minimum", cloudwatch.Alarm{
		AlarmDescription:   new("Auto Scaling does not launch the instances it should; the scaler's log has the cause"),
		ComparisonOperator: "GreaterThanThreshold",
		Threshold:          new(0.0),
		TreatMissingData:   new("notBreaching"),
	}))
	resources["Dashboard"] = f.dashboard()
}

// alarm adds what all have in common. They have no names of their own: an alarm's name is create-only.
func (f fleet) alarm(a cloudwatch.Alarm) json.Marshaler {
	a.EvaluationPeriods = 5
	if f.AlarmTopicARN != "" {
		a.AlarmActions = []string{f.AlarmTopicARN}
		a.OKActions = []string{f.AlarmTopicARN}
	}
	return a
}

func (f fleet) fleetMetric(name, statistic string, a cloudwatch.Alarm) cloudwatch.Alarm {
	a.Namespace, a.MetricName, a.Dimensions = new(metricNamespace), new(name), f.stackDimension()
	a.Statistic, a.Period = new(statistic), new(60)
	return a
}

func (f fleet) query(id, metric string) cloudwatch.Alarm_MetricDataQuery {
	return cloudwatch.Alarm_MetricDataQuery{
		Id: id,
		MetricStat: &cloudwatch.Alarm_MetricStat{
			Metric: &cloudwatch.Alarm_Metric{
				Namespace: new(metricNamespace), MetricName: new(metric), Dimensions: f.stackDimension(),
			},
			Period: 60,
			Stat:   "Maximum",
		},
		ReturnData: new(false),
	}
}

func (f fleet) stackDimension() []cloudwatch.Alarm_Dimension {
	return []cloudwatch.Alarm_Dimension{{Name: "StackName", Value: f.StackName}}
}
