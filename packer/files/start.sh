#!/usr/bin/env bash
# start.sh PARAMETER: turns a fresh instance into a registered agent. PARAMETER is the SSM parameter with the
# agent's configuration; its keys are a contract with the stack's template.
set -euo pipefail
# shellcheck source=files/lib.sh
. /opt/semaphore/agent/lib.sh

readonly root=/opt/semaphore/agent home=/home/semaphore

# An instance that cannot start its agent is of no use: the group shall replace it.
give_up() {
	local code=$?
	[ "$code" = 0 ] && return
	echo "the agent did not start (exit code $code): this instance reports itself unhealthy" >&2
	aws autoscaling set-instance-health --region "$region" --instance-id "$instance_id" \
		--health-status Unhealthy || poweroff
}
trap give_up EXIT

identify
config=$(parameter "${1:?start.sh needs the name of the configuration parameter}")
field() { jq -er ".$1" <<<"$config"; }

token=$(parameter "$(field agentTokenParameterName)" --with-decryption)
known_hosts=$(parameter "$(field sshKeysParameterName)")

install -d -o semaphore -g semaphore -m 0700 "$home/.ssh"
jq -er '.[] | "github.com " + .' <<<"$known_hosts" >"$home/.ssh/known_hosts"
install -d -o semaphore -g semaphore -m 0755 "$home/.aws"
printf '[default]\nregion = %s\n' "$region" >"$home/.aws/config"

name="${instance_id}__$(tr -dc A-Za-z0-9 </dev/urandom | head -c 13 || true)"
umask 077
# JSON is YAML, and jq quotes what a shell would not. The token reaches jq through its environment, never argv.
TOKEN=$token jq -n --argjson c "$config" --arg name "$name" --arg hook "$root/hooks/shutdown" '{
	name: $name, endpoint: $c.endpoint, token: env.TOKEN, "no-https": false, "shutdown-hook-path": $hook,
	"disconnect-after-job": ($c.disconnectAfterJob | tostring == "true"),
	"disconnect-after-idle-timeout": ($c.disconnectAfterIdleTimeout | tonumber),
	"env-vars": ($c.envVars // []), files: [], "fail-on-missing-files": false
}' >"$root/config.yaml"
chown -R semaphore:semaphore "$root/config.yaml" "$home/.ssh" "$home/.aws"

systemctl start semaphore-agent semagent-health.timer
