#!/usr/bin/env bash
# Keeps a copy of the agent's home, which a machine that goes on after a job is given back, and leaves nothing in the
# image that belongs to the machine that built it.
set -euo pipefail

readonly root=${DESTDIR:-}
skeleton=$root/opt/semaphore/skeleton
rm -rf "$skeleton"
cp -a "$root/home/semaphore" "$skeleton"

apt-get autoremove -y --purge
apt-get clean
rm -rf "$root/tmp/semagent" "$root"/var/lib/apt/lists/* "$root/root/.ssh/authorized_keys" "$root/home/ubuntu/.ssh/authorized_keys"
rm -f "$root"/etc/ssh/ssh_host_*
cloud-init clean --logs
truncate -s 0 "$root/etc/machine-id"
