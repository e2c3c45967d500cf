#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The tap on existing system calls: what it sees of calls that are made here, on
# which CPU, and that it can be turned and unloaded under its callers.
#
# klab_null is what is counted: nobody else makes that call.

# shellcheck source=functions.sh disable=SC2154,SC2317
. "$(dirname "$0")/functions.sh"

require_root
require_command modprobe rmmod taskset
require_helper klab_helper
require_module klab_syscall_tap
keep_core
[ "$("$HELPER" call 600)" = 0 ] || skip_all "no klab_null in this kernel"

# calls(count, number) - makes a call so many times
calls() {
	local i

	for ((i = 0; i < $1; i++)); do
		"$HELPER" call "$2" >/dev/null
	done
	return 0
}

test_off_by_default() {
	load klab_syscall_tap
	experiment syscall/tap
	expect_eq "state" "$(remark state)" off
	calls 1 600
	experiment syscall/tap
	expect_eq "calls" "$(remark entered.klab_null)" ""
}

test_counts_chosen_calls() {
	load klab_syscall_tap
	experiment syscall/tap switch=on calls=klab_null,klab_slot607
	calls 5 600
	calls 3 607
	experiment syscall/tap
	expect_eq "state" "$(remark state)" on
	expect_eq "number" "$(remark number.klab_null)" 600
	expect_eq "entries" "$(remark entered.klab_null)" 5
	expect_eq "samples" "$(cell klab_null count)" 5
	expect_eq "errors" "$(remark failed.klab_null)" 0
	expect_eq "entries of 607" "$(remark entered.klab_slot607)" 3
	expect_eq "errors of 607" "$(remark failed.klab_slot607)" 3
	expect_eq "untimed" "$(remark untimed)" 0
}

test_switched_off_it_sees_nothing() {
	load klab_syscall_tap
	experiment syscall/tap switch=on calls=600
	calls 2 600
	experiment syscall/tap switch=off
	calls 2 600
	experiment syscall/tap
	expect_eq "state" "$(remark state)" off
	expect_eq "entries" "$(remark entered.klab_null)" 2
}

test_switched_on_it_starts_anew() {
	load klab_syscall_tap
	experiment syscall/tap switch=on calls=600
	calls 2 600
	experiment syscall/tap switch=on calls=600
	calls 1 600
	experiment syscall/tap
	expect_eq "entries" "$(remark entered.klab_null)" 1
}

test_each_cpu_has_its_own() {
	local cpu

	load klab_syscall_tap
	experiment syscall/tap switch=on calls=600
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		succeeds taskset -c "$cpu" "$HELPER" call 600
	done
	experiment syscall/tap
	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		expect_match "histogram of CPU $cpu" \
			"$(remark "histogram.klab_null.cpu$cpu")" '^[0-9]+:1$'
	done
}

# A call that sleeps may come back on another CPU, and takes the time it sleeps.
test_sleeping_calls_are_timed() {
	load klab_syscall_tap
	experiment syscall/tap switch=on calls=clock_nanosleep,nanosleep
	succeeds sleep 0.05
	experiment syscall/tap
	[ "$(($(cell clock_nanosleep 'max[ns]') + 0))" -ge 49000000 ] ||
		[ "$(($(cell nanosleep 'max[ns]') + 0))" -ge 49000000 ] ||
		fail "no sleep of 50 ms: $out"
}

# execve comes back with all registers changed, exit not at all.
test_calls_that_do_not_return_as_usual() {
	load klab_syscall_tap
	experiment syscall/tap switch=on calls=execve,exit_group
	calls 5 600
	experiment syscall/tap
	[ "$(remark entered.execve)" -ge 5 ] || fail "$out"
	[ "$(cell execve count)" -ge 5 ] || fail "$out"
	[ "$(remark entered.exit_group)" -ge 5 ] || fail "$out"
	expect_eq "ends of exit_group" "$(cell exit_group count)" 0
	expect_eq "untimed" "$(remark untimed)" 0
}

test_unknown_calls_are_refused() {
	local fd

	load klab_syscall_tap
	exec {fd}<>"$KLAB_DEBUGFS/syscall/tap"
	echo "switch=on calls=read,reed" >&"$fd"
	! cat <&"$fd" >/dev/null 2>&1 || fail "reed is taken"
	expect_match "reason" "$(cat <&"$fd")" "no call 'reed'"
	exec {fd}>&-
	experiment syscall/tap
	expect_eq "state" "$(remark state)" off
}

callers() {
	local i

	for ((i = 0; i < 2; i++)); do
		"$HELPER" time 600 500000000 >/dev/null &
		defer kill $!
	done
}

test_turned_under_callers() {
	local i

	expedite_rcu
	load klab_syscall_tap
	callers
	for i in 1 2 3 4; do
		experiment syscall/tap switch=on calls=600
		experiment syscall/tap switch=off
	done
	experiment syscall/tap switch=on calls=600 wait=100
	[ "$(remark entered.klab_null)" -gt 0 ] || fail "$out"
}

test_unloaded_under_callers() {
	local i

	expedite_rcu
	load klab_syscall_tap
	callers
	for i in 1 2 3; do
		succeeds "${modprobe[@]}" klab_syscall_tap
		experiment syscall/tap switch=on calls=600
		unload klab_syscall_tap
	done
}

# What a call costs a program without the tap, with it, and afterwards.
test_cost_is_measured() {
	local state

	load klab_syscall_tap
	for state in off on off; do
		experiment syscall/tap "switch=$state" calls=600
		note "klab_null, tap $state:" \
			"$("$HELPER" time 600 5000) ns per call"
	done
	experiment syscall/tap switch=on calls=0
	note "klab_null, tap on another call:" \
		"$("$HELPER" time 600 5000) ns per call"
	experiment syscall/tap-cost rounds=100
	note "$out"
	expect_eq "samples" "$(cell chosen count)" 100
	expect_eq "samples" "$(cell not_chosen count)" 100
}

add_test off_by_default
add_test counts_chosen_calls
add_test switched_off_it_sees_nothing
add_test switched_on_it_starts_anew
add_test each_cpu_has_its_own
add_test sleeping_calls_are_timed
add_test calls_that_do_not_return_as_usual
add_test unknown_calls_are_refused
add_test turned_under_callers
add_test unloaded_under_callers
add_test cost_is_measured
run_tests
