#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# How many experiments run at once is up to who loads the core.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

running=/sys/module/klab_test_experiment/parameters/running

require_root
require_command insmod modprobe rmmod
require_fixture klab_test_experiment
require_module klab_core

! loaded klab_core || rmmod klab_core || skip_all "klab_core is in use"

# hold(n) - n readers of an experiment that does not end by itself
hold() {
	local i

	readers=()
	for ((i = 0; i < $1; i++)); do
		cat "$KLAB_DEBUGFS/test/hold" >/dev/null 2>&1 &
		readers+=($!)
		defer kill -9 $!
	done
}

at_work() {
	[ "$(<"$running")" = "$1" ]
}

# All of them have come as far as they get: they sleep in the kernel, of the
# experiment.
all_wait() {
	local pid

	for pid in "${readers[@]}"; do
		[ "/proc/$pid/fd/3" -ef "$KLAB_DEBUGFS/test/hold" ] &&
			grep -q '^State:	D' "/proc/$pid/status" || return 1
	done
}

# test_runs(n, parameter...) - n runs at once, and no more
test_runs() {
	local n=$1

	shift
	load klab_core "$@"
	expect_eq "parameter" "$(</sys/module/klab_core/parameters/runs)" "$n"
	defer rmmod klab_test_experiment
	succeeds insmod "$(fixture klab_test_experiment)"
	hold $((n + 1))
	within 20 at_work "$n" || fail "$(<"$running") runs"
	within 20 all_wait || fail "a reader does not wait"
	expect_eq "runs" "$(<"$running")" "$n"
	kill -9 "${readers[@]}"
	wait "${readers[@]}" 2>/dev/null
	expect_eq "runs in the end" "$(<"$running")" 0
}

test_wrong_number() {
	local runs

	for runs in 0 33 -1 x ''; do
		refused 'Invalid argument' "${modprobe[@]}" klab_core "runs=$runs"
	done
}

add_test two_by_default test_runs 2
add_test one_at_a_time test_runs 1 runs=1
add_test more test_runs 5 runs=5
add_test wrong_number
run_tests
