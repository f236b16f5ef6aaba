# shellcheck shell=bash
# What the tests of the recipe's scripts share: a root directory of their own, and stand-ins for the programs that would
# change the machine. Each writes down how it was called; a script that calls a program without one fails.

setup_machine() {
	scripts=$BATS_TEST_DIRNAME/../scripts
	export DESTDIR=$BATS_TEST_TMPDIR/root CALLS=$BATS_TEST_TMPDIR/calls STUBS=$BATS_TEST_TMPDIR/stubs
	mkdir -p "$STUBS" "$DESTDIR"/etc/{sudoers.d,apt/sources.list.d,systemd/system,ssh} "$DESTDIR"/{tmp,root/.ssh,home/ubuntu/.ssh,home/semaphore,var/lib/apt/lists}
	: >"$CALLS"
	# The scripts see the stand-ins and these, and nothing else of this machine.
	local program
	for program in bash env cat grep sed chmod mkdir mktemp rm mv cp tar gunzip gzip sha256sum truncate touch dirname; do
		ln -s "$(command -v "$program")" "$STUBS/$program"
	done
}

# stub NAME [BODY] is a stand-in that does BODY.
stub() {
	# shellcheck disable=SC2016 # the stand-in expands it
	printf '#!%s\necho "%s $*" >>"$CALLS"\n%s\n' "$(command -v bash)" "$1" "${2:-}" >"$STUBS/$1"
	chmod +x "$STUBS/$1"
}

# provision SCRIPT runs it as packer does, with the stand-ins alone on its PATH.
provision() { run env PATH="$STUBS" "$STUBS/bash" "$scripts/$1"; }

called() { grep -qF -- "$1" "$CALLS" || { echo "not called: $1"; cat "$CALLS"; return 1; }; }
not_called() { ! grep -qF -- "$1" "$CALLS" || { echo "called: $1"; return 1; }; }
