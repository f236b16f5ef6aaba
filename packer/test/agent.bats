#!/usr/bin/env bats
# 30-awscli.sh, 40-agent.sh, and the two wrappers that stand for older scripts

load helper

setup() {
	setup_machine
	export ARCH=x86_64 AGENT_VERSION=v2.2.16 TOOLBOX_VERSION=v1.38.4 FILES=$BATS_TEST_TMPDIR/files RELEASE=$BATS_TEST_TMPDIR/release
	mkdir -p "$FILES" "$RELEASE/toolbox" "$DESTDIR/opt"
	cp "$BATS_TEST_DIRNAME"/../files/* "$FILES"
	printf 'the program' | gzip >"$FILES/node.gz"
	printf 'the agent' >"$RELEASE/agent"
	printf 'true\n' >"$RELEASE/toolbox/install-toolbox"
	for arch in x86_64 arm64; do tar -czf "$RELEASE/agent_Linux_$arch.tar.gz" -C "$RELEASE" agent; done
	tar -cf "$RELEASE/self-hosted-linux.tar" -C "$RELEASE" toolbox
	cp "$RELEASE/self-hosted-linux.tar" "$RELEASE/self-hosted-linux-arm.tar"
	(cd "$RELEASE" && sha256sum agent_Linux_*.tar.gz | sed 's/  / /;s/ /  /' >agent_checksums.txt)
	# Downloads come from the release's folder, by the file's name.
	stub curl 'for last; do :; done; url=$2; cp "$RELEASE/${url##*/}" "$last"'
	stub install 'mode=755; dir=; args=(); while [ $# -gt 0 ]; do case $1 in -o | -g) shift ;; -m) mode=$2; shift ;; -d) dir=1 ;; *) args+=("$1") ;; esac; shift; done
if [ "$dir" ]; then mkdir -p "${args[@]}"; else target=${args[-1]}; cp "${args[@]}"; [ -d "$target" ] || chmod "$mode" "$target"; fi'
	for program in chown systemctl; do stub "$program"; done
	stub sudo
}

@test "agent: installs agent, toolbox, program, wrappers and units" {
	provision 40-agent.sh
	echo "$output"
	[ "$status" -eq 0 ]
	root=$DESTDIR/opt/semaphore/agent
	[ "$(cat "$root/agent")" = "the agent" ]
	[ "$(cat "$root/semagent-node")" = "the program" ]
	[ -x "$root/semagent-node" ]
	[ -x "$root/start.sh" ]
	[ -x "$root/hooks/shutdown" ]
	[ -d "$DESTDIR/var/lib/semagent" ]
	for unit in semaphore-agent.service semagent-health.service semagent-health.timer; do [ -f "$DESTDIR/etc/systemd/system/$unit" ]; done
	[ -f "$DESTDIR/home/semaphore/.toolbox/install-toolbox" ]
	called "releases/download/v2.2.16/agent_Linux_x86_64.tar.gz"
	called "releases/download/v1.38.4/self-hosted-linux.tar"
	called "sudo -u semaphore -H bash $DESTDIR/home/semaphore/.toolbox/install-toolbox"
	called "systemctl daemon-reload"
}

@test "agent: a second run leaves one line in the profile" {
	provision 40-agent.sh
	provision 40-agent.sh
	[ "$status" -eq 0 ]
	[ "$(grep -c toolbox "$DESTDIR/home/semaphore/.bash_profile")" -eq 1 ]
}

@test "agent: arm64 has its own downloads" {
	ARCH=arm64 provision 40-agent.sh
	[ "$status" -eq 0 ]
	called "agent_Linux_arm64.tar.gz"
	called "self-hosted-linux-arm.tar"
}

@test "agent: a wrong checksum ends it before anything is installed" {
	printf 'tampered' >>"$RELEASE/agent_Linux_x86_64.tar.gz"
	provision 40-agent.sh
	[ "$status" -ne 0 ]
	[ ! -e "$DESTDIR/opt/semaphore/agent/agent" ]
}

@test "agent: a checksum that is not listed ends it" {
	: >"$RELEASE/agent_checksums.txt"
	provision 40-agent.sh
	[ "$status" -ne 0 ]
	[ ! -e "$DESTDIR/opt/semaphore/agent/agent" ]
}

@test "agent: an unknown architecture ends it" {
	ARCH=mips provision 40-agent.sh
	[ "$status" -eq 1 ]
	[[ "$output" == *"ARCH is 'mips'"* ]]
	ARCH=mips provision 30-awscli.sh
	[ "$status" -eq 1 ]
}

@test "AWS CLI: the architecture's, updated where it is there" {
	for program in unzip aws; do stub "$program"; done
	stub curl 'exit 22'
	provision 30-awscli.sh
	[ "$status" -eq 22 ]
	called "awscli-exe-linux-x86_64.zip"
	not_called unzip
}

@test "start.sh hands its parameter to the program and wants one" {
	run bash "$BATS_TEST_DIRNAME/../files/start.sh"
	[ "$status" -ne 0 ]
	[[ "$output" == *"needs the name of the configuration parameter"* ]]
	# The contract's path is absolute: put the stand-in in its place and look at what is called.
	sed "s|/opt/semaphore/agent/semagent-node|$STUBS/semagent-node|" "$BATS_TEST_DIRNAME/../files/start.sh" >"$BATS_TEST_TMPDIR/start.sh"
	stub semagent-node
	bash "$BATS_TEST_TMPDIR/start.sh" ci-config
	called "semagent-node start ci-config"
}

@test "the shutdown hook gives sudo the reason, and goes on without sudo" {
	stub semagent-node 'echo "reason $SEMAPHORE_AGENT_SHUTDOWN_REASON" >>"$CALLS"'
	sed "s|/opt/semaphore/agent/semagent-node|$STUBS/semagent-node|;s|/usr/bin/sudo|$STUBS/sudo|;s|/usr/bin/env|$STUBS/env|" \
		"$BATS_TEST_DIRNAME/../files/shutdown.sh" >"$BATS_TEST_TMPDIR/shutdown"
	stub sudo 'shift; "$@"'
	SEMAPHORE_AGENT_SHUTDOWN_REASON=IDLE bash "$BATS_TEST_TMPDIR/shutdown"
	[ "$(grep -c 'semagent-node retire' "$CALLS")" -eq 2 ] # in sudo's line and its own
	called "reason IDLE"
	: >"$CALLS"
	stub sudo 'exit 1'
	SEMAPHORE_AGENT_SHUTDOWN_REASON=JOB_FINISHED bash "$BATS_TEST_TMPDIR/shutdown"
	called "semagent-node retire"
	called "reason JOB_FINISHED"
}
