#!/usr/bin/env bash
# What the instance's scripts share: the metadata service, retries, and the ways out of the group.

region='' instance_id=''
readonly metadata=http://169.254.169.254/latest

imds() {
	local token
	token=$(curl -fsS --retry 5 --retry-connrefused --max-time 5 -X PUT \
		-H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$metadata/api/token") || return 1
	curl -fsS --retry 5 --max-time 5 -H "X-aws-ec2-metadata-token: $token" "$metadata/$1"
}

# identify sets region and instance_id.
identify() {
	region=$(imds meta-data/placement/region) && instance_id=$(imds meta-data/instance-id)
}

# retry COMMAND... runs it up to ten times, with a random pause of one to five seconds in between.
retry() {
	local attempt
	for attempt in 1 2 3 4 5 6 7 8 9 10; do
		"$@" && return 0
		echo "attempt $attempt failed: $1 ${2:-} ${3:-}" >&2
		sleep $((1 + RANDOM % 5))
	done
	return 1
}

# parameter NAME [--with-decryption] prints the value of an SSM parameter.
parameter() {
	local name=$1
	shift
	retry aws ssm get-parameter --region "$region" --name "$name" --query Parameter.Value --output text "$@"
}

# leave DECREMENT-FLAG asks the group to terminate this instance; without an answer the machine powers off,
# which the launch template turns into a termination.
leave() {
	retry aws autoscaling terminate-instance-in-auto-scaling-group --region "$region" \
		--instance-id "$instance_id" "$1" || sudo poweroff
}

# A job may have left credentials or a profile of its own in this environment.
unset "${!AWS_@}"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
