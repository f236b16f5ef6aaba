#!/usr/bin/env bash
# The newest packages, the tools that CI jobs expect, the user that runs them, and a boot that does nothing else.
# HOLD names packages that stay as the source image has them: patterns with spaces in between.
set -euo pipefail

readonly root=${DESTDIR:-}
readonly apt=(apt-get -o DPkg::Lock::Timeout=300 -y)

# A fresh instance is still being set up when the provisioner arrives; apt's lock is held until then.
cloud-init status --wait >/dev/null || true

# Removed now and not at boot: it would hold apt's lock while the first job wants it.
"${apt[@]}" remove unattended-upgrades
"${apt[@]}" update
hold_packages() {
	local pattern package
	set -f
	for pattern in ${HOLD:-}; do
		package=$(dpkg-query --show --showformat '${Package}\n' "$pattern") || {
			echo "HOLD: no package matches '$pattern'" >&2
			return 1
		}
		# shellcheck disable=SC2086 # one word a package
		apt-mark hold $package
	done
	set +f
}
hold_packages
"${apt[@]}" upgrade
"${apt[@]}" install --no-install-recommends \
	build-essential ca-certificates curl git gnupg jq lftp make openssh-client python3 rsync unzip wget xz-utils zip

# What else would be busy, or fetch something, while the agent starts.
systemctl mask apt-daily.timer apt-daily-upgrade.timer motd-news.timer fwupd-refresh.timer man-db.timer

id semaphore >/dev/null 2>&1 || useradd --create-home --shell /bin/bash semaphore
printf 'semaphore ALL=(ALL) NOPASSWD:ALL\n' >"$root/etc/sudoers.d/semaphore"
chmod 0440 "$root/etc/sudoers.d/semaphore"
visudo -cf "$root/etc/sudoers.d/semaphore"
