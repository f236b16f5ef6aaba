#!/usr/bin/env bash
# The Semaphore agent and toolbox at their pinned versions, and the program that starts, watches and retires the agent.
set -euo pipefail

case "$ARCH" in
	x86_64) agent=agent_Linux_x86_64.tar.gz toolbox=self-hosted-linux.tar ;;
	arm64) agent=agent_Linux_arm64.tar.gz toolbox=self-hosted-linux-arm.tar ;;
	*) echo "ARCH is '$ARCH': x86_64 and arm64 are known" >&2; exit 1 ;;
esac
readonly files=${FILES:-/tmp/semagent}
readonly root=${DESTDIR:-}/opt/semaphore/agent home=${DESTDIR:-}/home/semaphore
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

releases=https://github.com/semaphoreci/agent/releases/download/$AGENT_VERSION
curl -fsSL "$releases/$agent" -o "$work/$agent"
curl -fsSL "$releases/agent_checksums.txt" -o "$work/agent_checksums.txt"
(cd "$work" && grep " $agent\$" agent_checksums.txt | sha256sum --check --strict -)
# The agent writes its log here; what root runs stays root's.
install -d -o semaphore -g semaphore -m 0755 "$root"
install -d -m 0755 "$root/hooks" "${DESTDIR:-}/var/lib/semagent"
tar -xzf "$work/$agent" -C "$root" agent

curl -fsSL "https://github.com/semaphoreci/toolbox/releases/download/$TOOLBOX_VERSION/$toolbox" -o "$work/toolbox.tar"
tar -xf "$work/toolbox.tar" -C "$work"
rm -rf "$home/.toolbox"
mv "$work/toolbox" "$home/.toolbox"
chown -R semaphore:semaphore "$home/.toolbox"
sudo -u semaphore -H bash "$home/.toolbox/install-toolbox"
grep -qxF 'source ~/.toolbox/toolbox' "$home/.bash_profile" 2>/dev/null ||
	echo 'source ~/.toolbox/toolbox' >>"$home/.bash_profile"

gunzip -c "$files/node.gz" >"$work/semagent-node"
install -m 0755 "$work/semagent-node" "$root/semagent-node"
install -m 0755 "$files/start.sh" "$root/start.sh"
install -m 0755 "$files/shutdown.sh" "$root/hooks/shutdown"
install -m 0644 "$files/semaphore-agent.service" "$files/semagent-health.service" "$files/semagent-health.timer" \
	"${DESTDIR:-}/etc/systemd/system/"
systemctl daemon-reload
