#!/usr/bin/env bash
# The agent's shutdown hook. Under sudo the machine can be cleaned and powered off, and nothing of the agent's
# environment matters. A job may have broken sudo: without it the group can still be asked to take the machine out.
program=/opt/semaphore/agent/semagent-node
/usr/bin/sudo -n /usr/bin/env "SEMAPHORE_AGENT_SHUTDOWN_REASON=${SEMAPHORE_AGENT_SHUTDOWN_REASON:-}" "$program" retire ||
	exec "$program" retire
