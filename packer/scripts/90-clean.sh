#!/usr/bin/env bash
# Leaves nothing in the image that belongs to the machine that built it.
set -euo pipefail

apt-get autoremove -y --purge
apt-get clean
rm -rf /tmp/semagent /var/lib/apt/lists/* /root/.ssh/authorized_keys /home/ubuntu/.ssh/authorized_keys
rm -f /etc/ssh/ssh_host_*
cloud-init clean --logs
truncate -s 0 /etc/machine-id
