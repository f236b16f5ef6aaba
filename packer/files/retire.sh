#!/usr/bin/env bash
# The agent's shutdown hook: this machine leaves the group. An idle agent takes its place in the group with it;
# after a job the group keeps its size, and the scaler decides.
set -uo pipefail
# shellcheck source=files/lib.sh
. /opt/semaphore/agent/lib.sh

identify
if [ "${SEMAPHORE_AGENT_SHUTDOWN_REASON:-}" = IDLE ]; then
	leave --should-decrement-desired-capacity
else
	leave --no-should-decrement-desired-capacity
fi
