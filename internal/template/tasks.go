package template

import (
	"cmp"
	"strconv"

	"github.com/awslabs/goformation/v7/cloudformation/lambda"

	"github.com/semagent/semagent/internal/config"
)

const (
	scalerFunction = "ScalerFunction"
	scalerLogGroup = "ScalerLogGroup"

	// slowBoot is how long an instance without an agent is given before the scaler takes it for stuck, where its
	// operating system takes its time; the scaler's own default is Linux's.
	slowBoot = "20m"
)

// scaler sees the group only through this role: it can raise the desired capacity, and cannot end an instance.
func (f fleet) scaler() task {
	t := task{
		fleet:       f,
		prefix:      "Scaler",
		name:        "scaler",
		description: "Raises the desired capacity of the agents' group while jobs wait",
		schedule:    "rate(1 minute)",
		dropStale:   true,
		timeout:     60, // it polls to the end of the minute, and the next minute has its own invocation
		variables: map[string]string{
			"SEMAGENT_TASK":                          "scale",
			"SEMAPHORE_AGENT_TOKEN_PARAMETER_NAME":   f.TokenParameter,
			"SEMAPHORE_ENDPOINT":                     f.Endpoint,
			"SEMAPHORE_AGENT_OVERPROVISION_STRATEGY": cmp.Or(f.OverprovisionStrategy, config.OverprovisionNone),
			"SEMAPHORE_AGENT_OVERPROVISION_FACTOR":   strconv.Itoa(f.OverprovisionFactor),
		},
		statements: append([]statement{
			describe("autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
				"autoscaling:DescribeScalingActivities"),
			allow("ScaleGroup", groupARN(), "autoscaling:SetDesiredCapacity", "autoscaling:SuspendProcesses"),
			allow("ReadToken", parameterARN(f.TokenParameter), "ssm:GetParameter"),
		}, f.decryptToken()...),
	}
	if f.IsWindows() || f.IsMac() {
		t.variables["SEMAGENT_BOOT_TIME"] = slowBoot
	}
	return t
}

func (f fleet) maintenance() task {
	return task{
		fleet:       f,
		prefix:      "Maintenance",
		name:        "maintenance",
		description: "Keeps AZRebalance suspended and the SSH host keys of GitHub fresh",
		schedule:    "rate(1 hour)",
		timeout:     60,
		variables: map[string]string{
			"SEMAGENT_TASK":                       "maintain",
			"SEMAGENT_KNOWN_HOSTS_PARAMETER_NAME": f.knownHostsName(),
		},
		statements: []statement{
			describe("autoscaling:DescribeAutoScalingGroups"),
			allow("SuspendAZRebalance", groupARN(), "autoscaling:SuspendProcesses"),
			allow("RefreshKnownHosts", parameterARN(f.knownHostsName()), "ssm:GetParameter", "ssm:PutParameter"),
		},
	}
}

// task is a function that runs on a schedule, with all that it needs. All tasks run from one zip.
type task struct {
	fleet
	prefix      string // of its logical IDs
	name        string // of its log group, after the stack's
	description string
	schedule    string
	dropStale   bool // an event that is a minute late or was tried once has been overtaken by the next
	timeout     int  // seconds
	variables   map[string]string
	statements  []statement
}

func (t task) addTo(resources map[string]any) {
	resources[t.prefix+"LogGroup"] = t.logGroup()
	resources[t.prefix+"Role"] = t.role()
	resources[t.prefix+"Function"] = t.function()
	resources[t.prefix+"Schedule"] = t.rule()
	resources[t.prefix+"Permission"] = lambda.Permission{
		Action:       "lambda:InvokeFunction",
		FunctionName: ref(t.prefix + "Function"),
		Principal:    "events.amazonaws.com",
		SourceArn:    new(getAtt(t.prefix+"Schedule", "Arn")),
	}
	if t.dropStale {
		resources[t.prefix+"InvokeConfig"] = lambda.EventInvokeConfig{
			FunctionName:             ref(t.prefix + "Function"),
			Qualifier:                "$LATEST",
			MaximumRetryAttempts:     new(0),
			MaximumEventAgeInSeconds: new(60),
		}
	}
}
