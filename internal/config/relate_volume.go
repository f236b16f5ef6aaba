package config

import "fmt"

// volumeLimits are EBS's for one type of volume: sizes in GiB, operations per second, and how many of these a GiB
// may have. Without mostIOPS the type takes no number of operations.
type volumeLimits struct {
	leastSize, mostSize int
	leastIOPS, mostIOPS int
	iopsPerGiB          int
	iopsRequired        bool
}

func limitsOf(volumeType string) volumeLimits {
	switch volumeType {
	case "gp3":
		return volumeLimits{1, 65536, 3000, 80000, 500, false}
	case "io1":
		return volumeLimits{4, 16384, 100, 64000, 50, true}
	case "io2":
		return volumeLimits{4, 65536, 100, 256000, 1000, true}
	case "st1", "sc1":
		return volumeLimits{leastSize: 125, mostSize: 16384}
	case "standard":
		return volumeLimits{leastSize: 1, mostSize: 1024}
	default:
		return volumeLimits{leastSize: 1, mostSize: 16384}
	}
}

// gp3's own rules: the operations it has without being told, and the throughput that each can carry.
const (
	gp3        = "gp3"
	gp3IOPS    = 3000
	iopsPerMiB = 4
)

func (l *loader) relateVolume(cfg *Config) {
	names := []string{SettingVolumeType, SettingVolumeSize, SettingVolumeIOPS, SettingThroughput}
	if l.anyBroken(append(names, SettingVolumeName)...) {
		return
	}
	if cfg.VolumeName == "" {
		for _, name := range names {
			if cfg.IsSet(name) {
				l.warn(fmt.Sprintf("%s (%s) is ignored, because %s is not set", name, cfg.value(name).Source, SettingVolumeName))
			}
		}
		return
	}
	limits := limitsOf(cfg.VolumeType)
	if cfg.VolumeSize < limits.leastSize || cfg.VolumeSize > limits.mostSize {
		l.contradict(cfg, SettingVolumeSize, "not a size of "+with(cfg, SettingVolumeType),
			fmt.Sprintf("give %d to %d GiB", limits.leastSize, limits.mostSize))
	}
	l.relateIOPS(cfg, limits)
	l.relateThroughput(cfg)
}

func (l *loader) relateIOPS(cfg *Config, limits volumeLimits) {
	iops, kind := cfg.VolumeIOPS, with(cfg, SettingVolumeType)
	switch {
	case iops == 0 && limits.iopsRequired:
		l.contradict(cfg, SettingVolumeIOPS, "not set, and required for "+kind, fmt.Sprintf("give %d to %d", limits.leastIOPS, limits.mostIOPS))
	case iops == 0:
	case limits.mostIOPS == 0:
		l.contradict(cfg, SettingVolumeIOPS, kind+" takes no number of operations", `leave it empty, or use "gp3"`)
	case iops < limits.leastIOPS || iops > limits.mostIOPS:
		l.contradict(cfg, SettingVolumeIOPS, "outside of what "+kind+" can do", fmt.Sprintf("give %d to %d", limits.leastIOPS, limits.mostIOPS))
	case iops > limits.iopsPerGiB*cfg.VolumeSize && (cfg.VolumeType != gp3 || iops > gp3IOPS):
		l.contradict(cfg, SettingVolumeIOPS, fmt.Sprintf("more than %d for each GiB of %s", limits.iopsPerGiB, with(cfg, SettingVolumeSize)),
			"lower it, or make the volume larger")
	}
}

func (l *loader) relateThroughput(cfg *Config) {
	switch iops := max(cfg.VolumeIOPS, gp3IOPS); {
	case cfg.VolumeThroughput == 0:
	case cfg.VolumeType != gp3:
		l.contradict(cfg, SettingThroughput, with(cfg, SettingVolumeType)+" takes no throughput; only gp3 does", `leave it empty, or use "gp3"`)
	case cfg.VolumeThroughput*iopsPerMiB > iops:
		l.contradict(cfg, SettingThroughput, fmt.Sprintf("more than %d operations per second can carry", iops),
			fmt.Sprintf("set %s to %d or more", SettingVolumeIOPS, cfg.VolumeThroughput*iopsPerMiB))
	}
}
