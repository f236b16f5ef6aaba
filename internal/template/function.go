package template

import (
	"encoding/json"
	"maps"

	"github.com/awslabs/goformation/v7/cloudformation/events"
	"github.com/awslabs/goformation/v7/cloudformation/lambda"
	"github.com/awslabs/goformation/v7/cloudformation/logs"
)

// logGroup has a fixed name, where people look for it: only the name is create-only, so it is never replaced.
func (t task) logGroup() json.Marshaler {
	return logs.LogGroup{
		LogGroupName:    new("/aws/lambda/" + t.StackName + "-" + t.name),
		RetentionInDays: new(30),
	}
}

// role lets the function write to its log group and nowhere else. Without logs:CreateLogGroup, a last invocation
// cannot bring back a log group that the stack's deletion has just removed.
func (t task) role() json.Marshaler {
	writeLog := allow("WriteLog", getAtt(t.prefix+"LogGroup", "Arn"), "logs:CreateLogStream", "logs:PutLogEvents")
	statements := append([]statement{writeLog}, t.attachToVPC()...)
	return role("lambda.amazonaws.com", "Function "+t.name+" of the fleet "+t.StackName, append(statements, t.statements...)...)
}

// function has no fixed name: Lambda's limit of 64 characters is shorter than that of a stack's name. There is no
// reserved concurrency either, which young accounts cannot set.
func (t task) function() json.Marshaler {
	return lambda.Function{
		Description:   new(t.description),
		Runtime:       new("provided.al2023"),
		Architectures: []string{"arm64"},
		Handler:       new("bootstrap"),
		MemorySize:    new(128),
		Timeout:       new(t.timeout),
		Role:          getAtt(t.prefix+"Role", "Arn"),
		Code: &lambda.Function_Code{
			S3Bucket: new(assetBucketName()),
			S3Key:    new(t.scalerKey),
		},
		LoggingConfig: &lambda.Function_LoggingConfig{
			LogGroup:  new(ref(t.prefix + "LogGroup")),
			LogFormat: new("JSON"),
		},
		Environment: &lambda.Function_Environment{Variables: t.environment()},
		VpcConfig:   t.functionNetwork(),
	}
}

func (t task) environment() map[string]string {
	variables := map[string]string{
		"SEMAPHORE_AGENT_STACK_NAME": t.StackName,
		"SEMAGENT_GROUP_NAME":        ref(agentGroup),
	}
	maps.Copy(variables, t.variables)
	return variables
}

func (t task) rule() json.Marshaler {
	target := events.Rule_Target{Id: t.name, Arn: getAtt(t.prefix+"Function", "Arn")}
	if t.dropStale {
		target.RetryPolicy = &events.Rule_RetryPolicy{
			MaximumRetryAttempts:     new(0),
			MaximumEventAgeInSeconds: new(60),
		}
	}
	return events.Rule{
		Description:        new(t.description),
		ScheduleExpression: new(t.schedule),
		State:              new("ENABLED"),
		Targets:            []events.Rule_Target{target},
	}
}
