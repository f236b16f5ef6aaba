#!/usr/bin/env bash
# The calls that the reference stack's image makes between power-on and the agent's start, in its order and one after the
# other, with curl and the AWS CLI: reference-boot.sh AWS-CLI METADATA ENDPOINT ROOT PARAMETER.
# Only its calls are here: its apt, yq and cron work, which would add to its time, is left out.
set -euo pipefail

readonly aws=$1 metadata=$2/latest root=$4 parameter=$5
export AWS_ENDPOINT_URL=$3 AWS_EC2_METADATA_SERVICE_ENDPOINT=$2

session() { curl -fsS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token"; }
imds() { curl -fsS -H "X-aws-ec2-metadata-token: $1" "$metadata/$2"; }
ssm() { "$aws" ssm get-parameter --region "$region" --name "$1" --query Parameter.Value --output text "${@:2}"; }

token=$(session)
region=$(imds "$token" meta-data/placement/region)
config=$(ssm "$parameter")

keys=$(ssm "$(jq -r .sshKeysParameterName <<<"$config")")
mkdir -p "$root/home/semaphore/.ssh" "$root/home/semaphore/.aws"
jq -r '.[] | "github.com " + .' <<<"$keys" >"$root/home/semaphore/.ssh/known_hosts"

token=$(session)
role=$(imds "$token" meta-data/iam/security-credentials)
account=$(imds "$token" dynamic/instance-identity/document | jq -r .accountId)
printf '[default]\nregion = %s\n# %s %s\n' "$region" "$role" "$account" >"$root/home/semaphore/.aws/config.reference"

registration=$(ssm "$(jq -r .agentTokenParameterName <<<"$config")" --with-decryption)
token=$(session)
instance=$(imds "$token" meta-data/instance-id)
jq -n --argjson c "$config" --arg name "$instance" --arg token "$registration" \
	'{name: $name, endpoint: $c.endpoint, token: $token}' >"$root/opt/semaphore/agent/config.reference"
"$root/usr/bin/systemctl" start semaphore-agent
