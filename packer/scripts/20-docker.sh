#!/usr/bin/env bash
# Docker with compose and buildx, from Docker's own repository.
set -euo pipefail

readonly root=${DESTDIR:-}
# shellcheck source=/dev/null
. "$root/etc/os-release"
install -d -m 0755 "$root/etc/apt/keyrings"
curl -fsSL "https://download.docker.com/linux/ubuntu/gpg" -o "$root/etc/apt/keyrings/docker.asc"
chmod a+r "$root/etc/apt/keyrings/docker.asc"
printf 'deb [arch=%s signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/ubuntu %s stable\n' \
	"$(dpkg --print-architecture)" "$VERSION_CODENAME" >"$root/etc/apt/sources.list.d/docker.list"
apt-get update
apt-get install -y docker-ce docker-ce-cli containerd.io docker-compose-plugin docker-buildx-plugin
usermod -aG docker semaphore
systemctl enable docker
