#!/usr/bin/env bash
# The newest packages, the tools that CI jobs expect, and the user that runs them.
set -euo pipefail

# A fresh instance is still being set up when the provisioner arrives; apt's lock is held until then.
cloud-init status --wait >/dev/null || true

# Removed now and not at boot: it would hold apt's lock while the first job wants it.
apt-get -o DPkg::Lock::Timeout=300 remove -y unattended-upgrades
apt-get -o DPkg::Lock::Timeout=300 update
apt-get upgrade -y
apt-get install -y --no-install-recommends \
	build-essential ca-certificates curl git gnupg jq lftp make openssh-client python3 rsync unzip wget xz-utils zip

id semaphore >/dev/null 2>&1 || useradd --create-home --shell /bin/bash semaphore
printf 'semaphore ALL=(ALL) NOPASSWD:ALL\n' >/etc/sudoers.d/semaphore
chmod 0440 /etc/sudoers.d/semaphore
visudo -cf /etc/sudoers.d/semaphore
