package config

// overrideShape is the property type LaunchTemplateOverrides of AWS::AutoScaling::AutoScalingGroup.
func overrideShape() shape {
	return object(map[string]shape{
		"InstanceType":     scalar("string"),
		"WeightedCapacity": scalar("string"),
		"ImageId":          scalar("string"),
		"LaunchTemplateSpecification": object(map[string]shape{
			"LaunchTemplateId": scalar("string"), "LaunchTemplateName": scalar("string"), "Version": scalar("string"),
		}, "Version"),
		"InstanceRequirements": requirementsShape(),
	})
}

// requirementsShape is its property type InstanceRequirements. What the values mean is for Auto Scaling to say.
func requirementsShape() shape {
	fields := map[string]shape{
		"BaselinePerformanceFactors": object(map[string]shape{
			"Cpu": object(map[string]shape{"References": listOf(object(map[string]shape{"InstanceFamily": scalar("string")}))}),
		}),
		"RequireHibernateSupport": scalar("boolean"),
	}
	for _, name := range []string{"BareMetal", "BurstablePerformance", "LocalStorage"} {
		fields[name] = scalar("string")
	}
	for _, name := range []string{
		"MaxSpotPriceAsPercentageOfOptimalOnDemandPrice", "OnDemandMaxPricePercentageOverLowestPrice",
		"SpotMaxPricePercentageOverLowestPrice",
	} {
		fields[name] = scalar("number")
	}
	for _, name := range []string{
		"AcceleratorManufacturers", "AcceleratorNames", "AcceleratorTypes", "AllowedInstanceTypes", "CpuManufacturers",
		"ExcludedInstanceTypes", "InstanceGenerations", "LocalStorageTypes",
	} {
		fields[name] = listOf(scalar("string"))
	}
	for _, name := range []string{
		"AcceleratorCount", "AcceleratorTotalMemoryMiB", "BaselineEbsBandwidthMbps", "MemoryGiBPerVCpu", "MemoryMiB",
		"NetworkBandwidthGbps", "NetworkInterfaceCount", "TotalLocalStorageGB", "VCpuCount",
	} {
		fields[name] = object(map[string]shape{"Min": scalar("number"), "Max": scalar("number")})
	}
	return object(fields, "MemoryMiB", "VCpuCount")
}

func scalar(name string) shape { return shape{name: name} }

func listOf(item shape) shape { return shape{name: "list", item: &item} }

func object(fields map[string]shape, needs ...string) shape {
	return shape{name: "object", fields: fields, needs: needs}
}
