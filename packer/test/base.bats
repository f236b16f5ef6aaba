#!/usr/bin/env bats
# 10-base.sh and 20-docker.sh, 90-clean.sh

load helper

setup() {
	setup_machine
	for program in cloud-init apt-get apt-mark systemctl useradd usermod visudo curl; do stub "$program"; done
	stub id 'exit 1'
	stub dpkg 'echo amd64'
	stub dpkg-query '[ "${@: -1}" != nothing* ] || exit 1; printf "linux-aws\nlinux-aws-headers\n"'
	stub install
	printf 'VERSION_CODENAME=noble\n' >"$DESTDIR/etc/os-release"
}

@test "base: removes unattended upgrades, upgrades, installs what jobs expect" {
	provision 10-base.sh
	[ "$status" -eq 0 ]
	called "apt-get -o DPkg::Lock::Timeout=300 -y remove unattended-upgrades"
	called "apt-get -o DPkg::Lock::Timeout=300 -y upgrade"
	for package in git make jq zip; do called " $package"; done
	called "systemctl mask apt-daily.timer"
	called "useradd --create-home --shell /bin/bash semaphore"
	[ "$(cat "$DESTDIR/etc/sudoers.d/semaphore")" = 'semaphore ALL=(ALL) NOPASSWD:ALL' ]
	not_called apt-mark
}

@test "base: waits for the machine's own setup before apt" {
	provision 10-base.sh
	[ "$(sed -n 1p "$CALLS")" = "cloud-init status --wait" ]
}

@test "base: a second run changes nothing more" {
	provision 10-base.sh
	stub id
	: >"$CALLS"
	provision 10-base.sh
	[ "$status" -eq 0 ]
	not_called useradd
	[ "$(cat "$DESTDIR/etc/sudoers.d/semaphore")" = 'semaphore ALL=(ALL) NOPASSWD:ALL' ]
}

@test "base: holds packages before the upgrade" {
	HOLD='linux-aws* docker*' provision 10-base.sh
	[ "$status" -eq 0 ]
	called "dpkg-query --show --showformat \${Package}\\n linux-aws*"
	called "apt-mark hold linux-aws linux-aws-headers"
	[ "$(grep -n 'apt-mark hold' "$CALLS" | sed 's/:.*//;1q')" -lt "$(grep -n ' upgrade$' "$CALLS" | sed 's/:.*//')" ]
}

@test "base: a pattern that matches nothing is an error" {
	HOLD='nothing*' provision 10-base.sh
	[ "$status" -ne 0 ]
	[[ "$output" == *"no package matches 'nothing*'"* ]]
	not_called " upgrade"
}

@test "base: fails where apt fails, and does not go on" {
	stub apt-get '[ "$4" != upgrade ] || exit 100'
	provision 10-base.sh
	[ "$status" -eq 100 ]
	not_called useradd
}

@test "base: fails on a broken sudoers file" {
	stub visudo 'exit 1'
	provision 10-base.sh
	[ "$status" -ne 0 ]
}

@test "docker: from Docker's repository of the release, for the semaphore user" {
	stub install 'mkdir -p "${@: -1}"'
	stub curl 'touch "${@: -1}"'
	provision 20-docker.sh
	[ "$status" -eq 0 ]
	[[ "$(cat "$DESTDIR/etc/apt/sources.list.d/docker.list")" == "deb [arch=amd64 signed-by=/etc/apt/keyrings/docker.asc] https://download.docker.com/linux/ubuntu noble stable" ]]
	called "docker-compose-plugin docker-buildx-plugin"
	called "usermod -aG docker semaphore"
}

@test "docker: fails where the key cannot be fetched" {
	stub install 'mkdir -p "${@: -1}"'
	stub curl 'exit 22'
	provision 20-docker.sh
	[ "$status" -eq 22 ]
	not_called "apt-get"
}

@test "clean: keeps the home as a skeleton, and nothing of the machine" {
	printf 'source ~/.toolbox/toolbox\n' >"$DESTDIR/home/semaphore/.bash_profile"
	mkdir -p "$DESTDIR/tmp/semagent" "$DESTDIR/opt/semaphore"
	touch "$DESTDIR/root/.ssh/authorized_keys" "$DESTDIR/etc/ssh/ssh_host_rsa_key" "$DESTDIR/tmp/semagent/node.gz"
	printf 'abc\n' >"$DESTDIR/etc/machine-id"
	for round in 1 2; do
		provision 90-clean.sh
		[ "$status" -eq 0 ]
		[ -f "$DESTDIR/opt/semaphore/skeleton/.bash_profile" ]
		[ ! -e "$DESTDIR/opt/semaphore/skeleton/semaphore" ]
	done
	[ ! -e "$DESTDIR/tmp/semagent" ]
	[ ! -e "$DESTDIR/root/.ssh/authorized_keys" ]
	[ ! -e "$DESTDIR/etc/ssh/ssh_host_rsa_key" ]
	[ ! -s "$DESTDIR/etc/machine-id" ]
	called "cloud-init clean --logs"
}
