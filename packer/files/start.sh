#!/usr/bin/env bash
exec /opt/semaphore/agent/semagent-node start "${1:?start.sh needs the name of the configuration parameter}"
