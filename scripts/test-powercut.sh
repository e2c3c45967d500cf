#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Kills a guest in the middle of writes to a disk of klab that a file of the host
# keeps, boots another one, and looks there whether all that a completed flush
# has covered is on the disk, and nothing that nobody has written. A disk that
# loses flushes has to be found out. Prints TAP; exits with 1 when a test fails.
#
# Usage: test-powercut.sh [KERNEL]
# Environment: CUTS of a disk with a cache (3), CPUS, OUT (a directory that is
# emptied)
set -euo pipefail
# shellcheck source=scripts/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=scripts/kernels.sh
. "$root/scripts/kernels.sh"
# shellcheck source=scripts/tap.sh
. "$root/scripts/tap.sh"

case ${1:-} in -h|--help) usage; exit 0 ;; esac
name=${1:-uml}
cuts=${CUTS:-3}
out=${OUT:-$root/build/results/powercut}
record=16	# bytes of the journal
"$root/scripts/prepare.sh" "$name"
empty_results "$out"

boot() { # what, disk, seed
	OUT=$out/$2 KEEP=1 TIMEOUT=300 exec "$root/scripts/boot.sh" "$name" powercut \
		"klab.powercut=$1" "klab.disk=$2" "klab.seed=$3"
}

records() {
	echo $(($(stat -c %s "$1/journal" 2>/dev/null || echo 0) / record))
}

guest=
guest_dir=

# UML makes a session of its own, of which its programs are a part as well.
uml_session() {
	local pid

	pid=$(cat "$guest_dir/uml/pid" 2>/dev/null) || return 0
	ps -o pid=,stat= -s "$pid" | awk '$2 !~ /^Z/ { print $1 }'
}

# UML has to go first: without who has started it, it goes on all the same.
kill_guest() {
	local pids

	[ -n "$guest" ] || return 0
	pids=$(uml_session) || true
	# shellcheck disable=SC2086 # a word for each
	[ -z "$pids" ] || kill -KILL $pids 2>/dev/null || true
	kill -KILL -- "-$guest" 2>/dev/null || true
	wait "$guest" 2>/dev/null || true
	guest=
}
on_exit kill_guest

# Nobody writes any more: what is checked is what was there then.
is_dead() {
	local before tries=50

	while [ -n "$(uml_session)" ]; do
		[ $((tries--)) -gt 0 ] || return 1
		sleep 0.1
	done
	before=$(records "$guest_dir")
	sleep 0.3
	[ "$(records "$guest_dir")" = "$before" ]
}

# Writes until there are so many records in the journal: whatever the guest is
# doing then is what it dies in. All of it is in a process group of its own, but for UML.
write_and_kill() { # disk, seed, records
	local dir=$out/$1 tries=3000

	rm -rf "$dir"
	mkdir -p "$dir"
	truncate -s 4M "$dir/image"
	set -m
	(boot write "$1" "$2") </dev/null >"$dir/write.log" 2>&1 &
	guest=$!
	guest_dir=$dir
	set +m
	while [ "$(records "$dir")" -lt "$3" ] && [ $((tries--)) -gt 0 ] &&
		kill -0 "$guest" 2>/dev/null; do
		sleep 0.05
	done
	kill_guest
	is_dead || return 1
	rm -rf "$dir/uml"
	[ "$(records "$dir")" -ge "$3" ]
}

verdict() { # status, what, directory
	echo "# $(records "$3") records"
	tap "$1" "$2" tail -n 15 "$3"/*.log "$3/console"
}

# What the guest says at its end.
said() { # directory, regular expression
	tr -d '\r' <"$1/console" | grep -E "$2" >/dev/null
}

cut_power() { # name, disk, seed, records, what the check has to say
	local dir=$out/$2

	if write_and_kill "$2" "$3" "$4"; then
		(boot check "$2" "$3") </dev/null >"$dir/check.log" 2>&1 || true
		said "$dir" "$5" && verdict 0 "$1" "$dir" && return
	fi
	verdict 1 "$1" "$dir"
}

echo "TAP version 13"
for ((i = 1; i <= cuts; i++)); do
	cut_power "what was flushed is there after cut $i" cached "$i" $((i * 97)) 'check ended with 0$'
done
cut_power "what was written through is there" through 7 150 'check ended with 0$'
cut_power "a disk that loses flushes is found out" lost 8 150 '^sector [0-9]+ holds'
tap_end
